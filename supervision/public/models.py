"""Where people object, what was put up and proved by photos, and what was objected."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.fields import SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, hand, in_order, later_hand, once, status_column
from desk.models import Paper
from desk.tones import TonedChoices
from desk.workflow import apart
from supervision.proof_files import ProofFile


class NoticeContact(models.Model):
    """The office of a township or of the county that takes objections (异议受理点). A row for each
    place, changed in place: a notice keeps what it said."""

    division = models.OneToOneField(
        Division, models.PROTECT, related_name="notice_contact", verbose_name="乡镇或县"
    )
    office = models.CharField("受理单位", max_length=60)
    phone = models.CharField("受理电话", max_length=20)
    address = models.CharField("地址", max_length=100, blank=True)
    set_by = hand("登记人")
    set_at = models.DateTimeField("登记时间", auto_now=True)

    objects = ScopedManager("division__code")

    AUDITED = ("division_id", "office", "phone", "address")

    class Meta:
        app_label = "supervision"
        verbose_name = "异议受理点"
        ordering = ["division__code"]

    def __str__(self) -> str:
        return self.office


class PostingQuerySet(ScopedQuerySet["Posting"]):
    division_path = "division__code"

    def valid(self) -> Self:
        """What holds of a notice: hung, taken down or not put up; not what was entered wrongly."""
        return self.exclude(status=Posting.Status.VOID)

    def unproved(self) -> Self:
        """Put up, and no photo shows it."""
        photos = PostingPhoto.objects.filter(posting=OuterRef("pk")).order_by()
        return self.filter(~Exists(photos), status=Posting.Status.UP)


class Posting(models.Model):
    """A notice that was printed and put up (张贴): where, by whom, from when until when; or that it
    is not put up, and why. What was entered wrongly is void, and the notice waits once more."""

    class Status(TonedChoices):
        UP = "up", "wait", "公示中"
        DOWN = "down", "good", "已撤下"
        SKIPPED = "skipped", "idle", "不张贴"
        VOID = "void", "idle", "登记已作废"

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="postings", verbose_name="公示表")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="地方")
    where = models.CharField("张贴地点", max_length=60, blank=True)
    # Who climbed the ladder need not have an account.
    put_up_by = models.CharField("张贴人", max_length=40, blank=True)
    put_up_on = models.DateField("张贴日期", null=True)
    due_on = models.DateField("公示截止", null=True)
    taken_down_on = models.DateField("撤下日期", null=True)
    status = status_column(Status.UP)
    entered_by, entered_at = first_hand("登记")
    closed_by, closed_at = later_hand("撤下登记")
    # Why it is not put up, or what was entered wrongly.
    reason = models.CharField("原因", max_length=300, blank=True, default="")
    voided_by, voided_at = later_hand("作废")

    objects = PostingQuerySet.as_manager()

    AUDITED = ("paper_id", "where", "put_up_on", "due_on", "taken_down_on", "status")

    class Meta:
        app_label = "supervision"
        verbose_name = "公示张贴"
        ordering = ["-pk"]
        constraints = [
            in_order("put_up_on", "due_on", name="posting_hangs_until_later"),
            models.CheckConstraint(
                condition=Q(status="up", taken_down_on=None, due_on__isnull=False)
                | Q(status="down", taken_down_on__gt=F("due_on"))
                | Q(status="skipped", put_up_on=None, due_on=None) & ~Q(reason="")
                | Q(status="void", voided_by__isnull=False) & ~Q(reason=""),
                name="posting_hangs_its_days",
            ),
            once(
                "paper",
                name="posting_once",
                where=~Q(status="void"),
                told="这份公示表已登记张贴，请刷新后再看",
            ),
        ]

    def __str__(self) -> str:
        return f"公示张贴 {self.pk} 号"

    def is_over(self, on: date) -> bool:
        """Whether all days that it is to hang have passed."""
        return self.due_on is not None and self.due_on < on


class PostingPhoto(ProofFile):
    """A photo of a notice on its board."""

    posting = models.ForeignKey(
        Posting, models.PROTECT, related_name="photos", verbose_name="公示张贴"
    )

    objects = ScopedManager("posting__division__code")

    AUDITED = ("posting_id", *ProofFile.AUDITED)

    class Meta(ProofFile.Meta):
        verbose_name = "张贴照片"
        constraints = [
            once("posting", "sha256", name="posting_photo_once", told="这张照片已经上传过")
        ]


class ObjectionQuerySet(ScopedQuerySet["Objection"]):
    division_path = "division__code"


class Objection(models.Model):
    """What somebody objected to a notice (公示异议). Who it was lies sealed, empty for nobody
    known: it is read with a right and a reason."""

    class Status(TonedChoices):
        RECEIVED = "received", "wait", "待答复"
        ANSWERED = "answered", "wait", "待办结"
        CLOSED = "closed", "good", "已办结"

    OPEN = (Status.RECEIVED, Status.ANSWERED)

    paper = models.ForeignKey(
        Paper, models.PROTECT, related_name="objections", verbose_name="公示表"
    )
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="地方")
    told = models.CharField("内容", max_length=500)
    objector = SealedField(
        "异议人姓名、联系方式", blank=True, context="supervision.objection.objector"
    )
    received_on = models.DateField("收到日期")
    # A date of its own, since no norm that we hold gives a term.
    due_on = models.DateField("答复期限")
    status = status_column(Status.RECEIVED)
    answer = models.CharField("答复", max_length=300, blank=True)
    # What the answer lacked, when it went back the last time; the answer stays beside it.
    remark = models.CharField("退回再查", max_length=300, blank=True, default="")
    received_by, received_at = first_hand("登记")
    answered_by, answered_at = later_hand("答复")
    closed_by, closed_at = later_hand("办结")

    objects = ObjectionQuerySet.as_manager()

    AUDITED = ("paper_id", "status", "received_on", "due_on")

    class Meta:
        app_label = "supervision"
        verbose_name = "公示异议"
        ordering = ["-pk"]
        constraints = [
            in_order("received_on", "due_on", name="objection_is_due_later"),
            models.CheckConstraint(
                condition=Q(status="received") | ~Q(answer="") & Q(answered_by__isnull=False),
                name="ended_objection_is_answered",
            ),
            apart(
                *("closed_by", "received_by", "answered_by"),
                name="objection_is_closed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"公示异议 {self.pk} 号"

    @property
    def is_named(self) -> bool:
        return bool(self.objector)
