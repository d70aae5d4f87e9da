"""Measures of a year's plan, the place by place tasks that come of them, and their photos."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Division, User
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from supervision.proof_files import ProofFile


class PublicityMeasure(models.Model):
    """One measure (宣传措施) of a county's year; it makes a task for each of its places."""

    class Form(models.TextChoices):
        LEAFLET = "leaflet", "宣传单"
        POSTER = "poster", "张贴海报、标语"
        MEETING = "meeting", "会议、院坝会"
        BROADCAST = "broadcast", "广播、电视"
        VISIT = "visit", "入户宣传"
        ONLINE = "online", "网络、短信"

    class Reach(models.TextChoices):
        COUNTY = "county", "县级"
        TOWNSHIPS = "townships", "各乡镇"
        VILLAGES = "villages", "各村"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("年度")
    what = models.CharField("宣传内容", max_length=100)
    form = models.CharField("形式", max_length=10, choices=Form.choices)
    reach = models.CharField("范围", max_length=10, choices=Reach.choices)
    charged = models.CharField("责任人或单位", max_length=60)
    due_on = models.DateField("完成期限")
    planned_by, planned_at = first_hand("制定")

    objects = ScopedManager("area__code")

    AUDITED = ("year", "what", "form", "reach", "charged", "due_on")

    class Meta:
        app_label = "supervision"
        verbose_name = "宣传措施"
        ordering = ["due_on", "pk"]
        constraints = [
            once(
                *("area", "year", "what", "form", "reach"),
                name="publicity_measure_once",
                told="计划中已有这项措施",
                at="what",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.what}"


class PublicityTaskQuerySet(ScopedQuerySet["PublicityTask"]):
    division_path = "division__code"

    def waiting(self) -> Self:
        return self.filter(status=PublicityTask.Status.WAITING)

    def overdue(self, on: date) -> Self:
        return self.waiting().filter(measure__due_on__lt=on)

    def in_time(self, on: date) -> Self:
        return self.waiting().filter(measure__due_on__gte=on)

    def charged_to(self, user: User) -> Self:
        """Of the user's scope what his office has to do: the county's office the county's own, a
        township's all that happens in it."""
        rows = self.visible_to(user)
        if user.division_code == user.county_code:
            return rows.filter(division__level=Division.Level.COUNTY)
        return rows

    def with_photos(self) -> Self:
        standing = Q(photos__left_out_at=None)
        return self.annotate(photo_count=models.Count("photos", filter=standing))

    def unproved(self) -> Self:
        photos = PublicityPhoto.objects.standing().filter(task=OuterRef("pk")).order_by()
        return self.filter(~Exists(photos), status=PublicityTask.Status.DONE)


class PublicityTask(models.Model):
    """A measure in one place: until when it waits, and what was done of it."""

    class Status(TonedChoices):
        WAITING = "waiting", "wait", "待完成"
        DONE = "done", "good", "已完成"
        DROPPED = "dropped", "idle", "不再要求"

    measure = models.ForeignKey(
        PublicityMeasure, models.PROTECT, related_name="tasks", verbose_name="宣传措施"
    )
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="地方")
    status = status_column(Status.WAITING)
    done_on = models.DateField("完成日期", null=True)
    # Leaflets handed out, people at a meeting, households visited: what the form counts.
    count = models.PositiveIntegerField("数量（份、人次、户）", null=True)
    note = models.CharField("完成情况", max_length=300, blank=True)
    reported_by, reported_at = later_hand("上报")

    objects = PublicityTaskQuerySet.as_manager()

    AUDITED = ("status", "done_on", "count", "note")

    class Meta:
        app_label = "supervision"
        verbose_name = "宣传任务"
        ordering = ["measure", "division__code"]
        constraints = [
            once("measure", "division", name="publicity_task_once"),
            positive("count", name="publicity_count_is_positive"),
            status_says("done", column="reported_by", name="done_publicity_says_who"),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_on__isnull=False, count__isnull=False),
                name="done_publicity_says_when_and_how_many",
            ),
        ]

    def __str__(self) -> str:
        return f"宣传任务 {self.pk} 号"


class PublicityPhotoQuerySet(ScopedQuerySet["PublicityPhoto"]):
    division_path = "task__division__code"

    def standing(self) -> Self:
        return self.filter(left_out_at=None)


class PublicityPhoto(ProofFile):
    """A photo of what was done. One that turned out not to show it is left out when the task is
    reported anew: it stays, and proves nothing any more."""

    task = models.ForeignKey(
        PublicityTask, models.PROTECT, related_name="photos", verbose_name="宣传任务"
    )

    left_out_by, left_out_at = later_hand("撤下")

    objects = PublicityPhotoQuerySet.as_manager()

    AUDITED = ("task_id", *ProofFile.AUDITED, "left_out_at")

    class Meta(ProofFile.Meta):
        verbose_name = "宣传照片"
        constraints = [
            once(
                *("task", "sha256"),
                name="publicity_photo_once",
                where=Q(left_out_at=None),
                told="这张照片已经上传过",
            ),
            models.CheckConstraint(
                condition=Q(left_out_at=None) | Q(left_out_by__isnull=False),
                name="photo_left_out_says_by_whom",
            ),
        ]
