"""Checklists in force, declared interests, sweeps over institutions, visits with their answers and
photos; what has to be put right stands in `order_models.py`."""

from datetime import date
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

from accounts.models import Division, User
from accounts.roles import INSTITUTION_ROLES
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import first_hand, hand, in_order, later_hand, once, status_column
from desk.tones import TonedChoices
from institutions.models import Institution
from supervision.inspections.items import Item, ItemList, read
from supervision.proof_files import ProofFile


class ChecklistQuerySet(ScopedQuerySet["Checklist"]):
    division_path = "area__code"

    def in_force(self, day: date) -> Self:
        """Of each kind the latest edition that two have agreed to and that has begun."""
        begun = self.filter(status=Decision.Status.APPROVED, first_day__lte=day)
        later = begun.filter(area=OuterRef("area"), key=OuterRef("key"))
        newer = Q(first_day__gt=OuterRef("first_day")) | Q(
            first_day=OuterRef("first_day"), pk__gt=OuterRef("pk")
        )
        return begun.filter(~Exists(later.filter(newer)))


class Checklist(Decision):
    """One edition of a checklist, as the county adopted it: put forward by one, agreed by another.
    It never changes; what a visit asked can always be read again."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    key = models.CharField("检查表", max_length=30)
    title = models.CharField("名称", max_length=60)
    first_day = models.DateField("启用日期")
    text = models.TextField("内容")

    objects = ChecklistQuerySet.as_manager()

    AUDITED = ("key", "title", "first_day", "status", "decided_by_id")

    class Meta(Decision.Meta):
        verbose_name = "检查表"
        constraints = [
            *decided_by_second(
                "checklist", "area", "key", told="同一种检查表已有一份在待审批，请先办理那一份"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.first_day} 起）"

    @property
    def item_list(self) -> ItemList:
        return read(self.text)


class Interest(models.Model):
    """What ties somebody who inspects to an institution, as declared (利害关系声明)."""

    class Relation(models.TextChoices):
        KIN = "kin", "近亲属在该机构"
        SHARE = "share", "有投资或经济往来"
        SERVED = "served", "在该机构任职或曾任职"
        # Of two who are called alike: it takes the suspicion away.
        NAMESAKE = "namesake", "与该机构人员同名，确系另一人"

    person = hand("检查人员")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name="机构"
    )
    relation = models.CharField("关系", max_length=10, choices=Relation.choices)
    detail = models.CharField("说明", max_length=100)
    declared_by, declared_at = first_hand("声明")
    ended_by, ended_at = later_hand("撤销")

    objects = ScopedManager("institution__division__code")

    AUDITED = ("person_id", "institution_id", "relation", "ended_by_id")

    class Meta:
        verbose_name = "利害关系声明"
        ordering = ["-pk"]
        constraints = [
            once(
                "person",
                "institution",
                "relation",
                name="interest_declared_once",
                where=Q(ended_at=None),
                told="这项关系已经声明过",
                at="relation",
            ),
        ]

    def __str__(self) -> str:
        return f"利害关系声明 {self.pk} 号"


class SweepQuerySet(ScopedQuerySet["Sweep"]):
    division_path = "area__code"

    def in_quarter(self, day: date) -> Self:
        """Whose visits begin in the quarter of the day, cancelled ones aside."""
        month = (day.month - 1) // 3 * 3 + 1
        year, after = day.year + (month == 10), (month + 2) % 12 + 1
        rows = self.filter(visits_from__gte=date(day.year, month, 1))
        until = date(year, after, 1)
        return rows.filter(visits_from__lt=until).exclude(status=Sweep.Status.CANCELLED)


class Sweep(models.Model):
    """One drive of inspections over a set of institutions, in stages (专项检查: 自查 → 现场检查 →
    总结). `rounds`: how often each is visited; a 制剂室 is visited twice (监督检查实施方案)."""

    class Kind(models.TextChoices):
        SPECIAL = "special", "专项检查"
        ROUTINE = "routine", "日常检查"
        JOINT = "joint", "联合检查"

    class Status(TonedChoices):
        PLANNED = "planned", "wait", "筹备"
        SELF_CHECK = "self_check", "wait", "自查"
        ON_SITE = "on_site", "wait", "现场检查"
        SUMMARY = "summary", "wait", "总结"
        CLOSED = "closed", "good", "已结束"
        CANCELLED = "cancelled", "idle", "已取消"

    OPEN = (Status.PLANNED, Status.SELF_CHECK, Status.ON_SITE, Status.SUMMARY)

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    title = models.CharField("名称", max_length=60)
    kind = models.CharField("性质", max_length=10, choices=Kind.choices)
    partners = models.CharField("联合部门", max_length=100, blank=True)
    basis = models.CharField("依据文号", max_length=100)
    checklist = models.ForeignKey(
        Checklist, models.PROTECT, related_name="sweeps", verbose_name="检查表"
    )
    rounds = models.PositiveSmallIntegerField("每家检查次数")
    self_check_until = models.DateField("自查截止", null=True, blank=True)
    visits_from = models.DateField("现场检查自")
    visits_until = models.DateField("现场检查至")
    summary_until = models.DateField("总结截止")
    status = status_column(Status.PLANNED)
    planned_by, planned_at = first_hand("制定")
    closed_by, closed_at = later_hand("结束")
    summary = models.CharField("总结", max_length=1000, blank=True)

    objects = SweepQuerySet.as_manager()

    AUDITED = ("title", "kind", "rounds", "visits_from", "visits_until", "status")

    class Meta:
        verbose_name = "检查活动"
        ordering = ["-pk"]
        constraints = [
            in_order("visits_from", "visits_until", name="sweep_visits_in_order"),
            in_order("visits_until", "summary_until", name="sweep_summary_comes_last"),
            models.CheckConstraint(
                condition=Q(self_check_until=None) | Q(self_check_until__lte=F("visits_until")),
                name="sweep_self_check_comes_first",
            ),
            models.CheckConstraint(condition=Q(rounds__in=[1, 2]), name="sweep_goes_once_or_twice"),
            models.CheckConstraint(
                condition=~Q(kind="joint") | ~Q(partners=""), name="joint_sweep_names_partners"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["closed", "cancelled"])
                | Q(closed_by__isnull=False) & ~Q(summary=""),
                name="ended_sweep_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def quarter(self) -> str:
        return f"{self.visits_from.year}年第{(self.visits_from.month + 2) // 3}季度"


class SweepPlaceQuerySet(ScopedQuerySet["SweepPlace"]):
    division_path = "institution__division__code"

    def with_progress(self) -> Self:
        """`visited`: rounds that are finished on site; `self_checked`; `to_mend`: open orders."""
        done = Q(inspections__status="done")
        return self.annotate(
            visited=Count(
                "inspections__round", filter=done & Q(inspections__kind="visit"), distinct=True
            ),
            self_checked=Count(
                "inspections", filter=done & Q(inspections__kind="self"), distinct=True
            ),
            to_mend=Count(
                "inspections__order",
                filter=Q(inspections__order__status__in=["issued", "answered"]),
                distinct=True,
            ),
        )

    def uncovered(self) -> Self:
        """Neither visited as often as is due nor left out for a reason."""
        rows = self.with_progress().filter(left_out_at=None)
        return rows.filter(visited__lt=F("sweep__rounds"))


class SweepPlace(models.Model):
    """One institution of a sweep; left out only for a reason."""

    sweep = models.ForeignKey(Sweep, models.PROTECT, related_name="places", verbose_name="检查活动")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name="机构"
    )
    left_out_by, left_out_at = later_hand("免检")
    left_out_reason = models.CharField("免检原因", max_length=200, blank=True)

    objects = SweepPlaceQuerySet.as_manager()

    AUDITED = ("sweep_id", "institution_id", "left_out_by_id", "left_out_reason")

    class Meta:
        verbose_name = "被查机构"
        ordering = ["institution__code"]
        constraints = [
            once("sweep", "institution", name="sweep_place_once", told="这家机构已在检查活动中"),
            models.CheckConstraint(
                condition=Q(left_out_at=None) | ~Q(left_out_reason=""),
                name="place_left_out_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.institution.name


class InspectionQuerySet(ScopedQuerySet["Inspection"]):
    division_path = "place__institution__division__code"
    institution_path = "place__institution__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """An institution sees what it fills in itself, and what was found once a visit is over: a
        visit that is still to come is no announcement."""
        rows = super().scope(user)
        if user.role in INSTITUTION_ROLES:
            return rows & (Q(kind=Inspection.Kind.SELF) | Q(status=Inspection.Status.DONE))
        return rows

    def unfinished(self) -> Self:
        return self.filter(status__in=Inspection.UNFINISHED)

    def on_site(self) -> Self:
        return self.exclude(kind=Inspection.Kind.SELF)


class Inspection(models.Model):
    """One walk through a checklist: by the institution itself, by a team on site, or by a team that
    looks again at what an order asked to put right."""

    class Kind(models.TextChoices):
        SELF = "self", "自查"
        VISIT = "visit", "现场检查"
        AGAIN = "again", "复查"

    class Status(TonedChoices):
        PLANNED = "planned", "wait", "待检查"
        OPEN = "open", "wait", "检查中"
        DONE = "done", "good", "已完成"
        CANCELLED = "cancelled", "idle", "已取消"

    UNFINISHED = (Status.PLANNED, Status.OPEN)

    place = models.ForeignKey(
        SweepPlace, models.PROTECT, related_name="inspections", verbose_name="被查机构"
    )
    kind = models.CharField("方式", max_length=6, choices=Kind.choices)
    round = models.PositiveSmallIntegerField("第几次", default=1)
    of_order = models.ForeignKey(
        "Order", models.PROTECT, null=True, related_name="visits_again", verbose_name="复查的整改"
    )
    due_on = models.DateField("应在此日前完成")
    status = status_column(Status.PLANNED)
    arranged_by, arranged_at = first_hand("安排")
    opened_by, opened_at = later_hand("开始")
    finished_by, finished_at = later_hand("完成")
    present = models.CharField("机构在场人", max_length=40, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)

    objects = InspectionQuerySet.as_manager()

    AUDITED = ("place_id", "kind", "round", "due_on", "status", "finished_by_id")

    class Meta:
        verbose_name = "检查"
        ordering = ["-pk"]
        constraints = [
            once(
                "place",
                "kind",
                "round",
                name="one_visit_of_a_round",
                where=Q(kind__in=["self", "visit"]) & ~Q(status="cancelled"),
                told="这家机构的这一次检查已经安排，请刷新后再看",
            ),
            models.CheckConstraint(
                condition=Q(kind="again", of_order__isnull=False)
                | ~Q(kind="again") & Q(of_order=None),
                name="only_a_second_look_has_an_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(finished_by__isnull=False) & ~Q(present=""),
                name="finished_inspection_says_who_was_there",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status", "due_on"])]

    def __str__(self) -> str:
        return f"{self.place.institution.name}{self.get_kind_display()}"

    @property
    def items(self) -> tuple[Item, ...]:
        """What is asked: all that applies to the institution; of a second look what was asked to be
        put right. Reads the sweep's checklist and the institution."""
        item_list = self.place.sweep.checklist.item_list
        if self.of_order_id is None:
            return item_list.of_level(self.place.institution.level)
        wanted = {one.item for one in self.of_order.lines.all()} if self.of_order else set()
        return tuple(one for one in item_list.items if one.code in wanted)


class TeamMember(models.Model):
    """Who goes. Another team is another inspection, so that what was checked of it stays true."""

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="team", verbose_name="检查"
    )
    user = hand("检查人员")

    objects = ScopedManager("inspection__place__institution__division__code")

    class Meta:
        verbose_name = "检查组成员"
        ordering = ["pk"]
        constraints = [once("inspection", "user", name="team_member_once")]


class AnswerQuerySet(ScopedQuerySet["Answer"]):
    division_path = "inspection__place__institution__division__code"

    def standing(self) -> Self:
        """The last word on each item."""
        return self.filter(replaced_by=None)


class Answer(models.Model):
    """What was found of one item. Never changed: another answer names the one that it replaces.

    `key` is made on the tablet, so that an answer that is sent twice is one; `replaces` is the one
    that the tablet saw, so that two tablets that did not see each other are told.
    """

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="answers", verbose_name="检查"
    )
    item = models.CharField("项目", max_length=30)
    key = models.UUIDField("平板编号")
    value = models.CharField("结果", max_length=20)
    verdict = models.CharField("判断", max_length=4)
    note = models.CharField("说明", max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="代替"
    )
    typed_at = models.DateTimeField("录入时间")
    answered_by, received_at = first_hand("检查")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "检查结果"
        ordering = ["pk"]
        constraints = [
            once("inspection", "key", name="answer_is_taken_once"),
            once("inspection", "item", name="one_first_answer", where=Q(replaces=None)),
            models.CheckConstraint(
                condition=Q(verdict__in=["good", "bad", "none"]), name="answer_is_judged"
            ),
        ]

    def __str__(self) -> str:
        return f"检查结果 {self.item}"


class PhotoQuerySet(ScopedQuerySet["Photo"]):
    division_path = "inspection__place__institution__division__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """Whoever sees the inspection sees its photos, those of the answer to its order too."""
        return Q(inspection__in=Inspection.objects.visible_to(user))


class Photo(ProofFile):
    """A photo taken on site, or one by which an institution shows what it has done (`reply`)."""

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="photos", verbose_name="检查"
    )
    reply = models.ForeignKey(
        "Reply", models.PROTECT, null=True, related_name="photos", verbose_name="整改回复"
    )
    item = models.CharField("项目", max_length=30, blank=True)
    key = models.UUIDField("平板编号", default=uuid4)
    added_by, added_at = first_hand("拍摄")

    objects = PhotoQuerySet.as_manager()

    class Meta(ProofFile.Meta):
        verbose_name = "检查照片"
        constraints = [once("inspection", "key", name="photo_is_taken_once")]
