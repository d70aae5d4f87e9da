"""Alerts from screening, and which settlements screening has already looked at."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from claims.models import Settlement, Visit
from desk.fields import first_hand, later_hand, once, status_column
from desk.tones import TonedChoices
from desk.workflow import apart
from supervision.rules import RULES


class AlertQuerySet(ScopedQuerySet["Alert"]):
    division_path = "division__code"

    def open(self) -> Self:
        return self.filter(status=Alert.Status.OPEN)

    def leading(self) -> Self:
        """One for each event."""
        return self.filter(lead=None)

    def of_event(self, head: int) -> Self:
        """All that is handled under this leading alert, and itself."""
        return self.filter(Q(pk=head) | Q(lead=head)).order_by("pk")

    def overdue(self, on: date) -> Self:
        """Without a first opinion on the day after it was due."""
        return self.unreviewed().filter(due_on__lt=on)

    def unreviewed(self) -> Self:
        """Open, and nobody has given a first opinion that stands."""
        standing = AlertReview.objects.filter(alert=OuterRef("pk")).order_by()
        return self.open().exclude(Exists(standing.exclude(status__in=AlertReview.OVER)))


class Alert(models.Model):
    """One hit of a screening rule on one settlement (疑点). Handled once, then it stays."""

    class Certainty(TonedChoices):
        CERTAIN = "certain", "bad", "明确违规"
        SUSPECT = "suspect", "wait", "可疑"

    class Status(TonedChoices):
        OPEN = "open", "wait", "待核查"
        CONFIRMED = "confirmed", "bad", "属实"
        DISMISSED = "dismissed", "idle", "排除"

    rule = models.CharField("规则", max_length=10)
    certainty = models.CharField("结果类型", max_length=10, choices=Certainty.choices)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="alerts")
    division = models.ForeignKey(Division, models.PROTECT)
    finding = models.CharField("发现", max_length=300)
    found_at = models.DateTimeField("发现时间", auto_now_add=True)
    # None: by the defaults, or by people and other rooms, which ask no threshold.
    version = models.ForeignKey(
        "supervision.RuleVersion",
        models.PROTECT,
        null=True,
        related_name="alerts",
        verbose_name="规则版本",
    )
    # The alert of the same event under which it is handled (supervision/grouping.py).
    lead = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="members", verbose_name="并入的疑点"
    )
    due_on = models.DateField("初审期限", null=True)
    # Who set it apart from its event, and why: nothing joins it any more (splitting.py).
    split_by, split_at = later_hand("分出")
    split_because = models.CharField(
        "分出原因", max_length=200, blank=True, default="", db_default=""
    )
    status = status_column(Status.OPEN)
    handled_by, handled_at = later_hand("处理")
    conclusion = models.CharField("核查结论", max_length=300, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            once("rule", "settlement", name="alert_once"),
            models.CheckConstraint(
                condition=Q(lead=None) | ~Q(lead=F("pk")), name="alert_is_not_its_own_member"
            ),
            models.CheckConstraint(
                condition=Q(split_by=None, split_because="")
                | (Q(split_by__isnull=False, lead=None) & ~Q(split_because="")),
                name="split_alert_stands_alone_and_says_why",
            ),
            models.CheckConstraint(
                condition=Q(status="open", handled_by=None, conclusion="")
                | (~Q(status="open") & Q(handled_by__isnull=False) & ~Q(conclusion="")),
                name="handled_alert_has_conclusion",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"])]

    def __str__(self) -> str:
        return f"{self.rule} {self.rule_title}"

    @property
    def source(self) -> str:
        """Where the rule comes from."""
        return RULES[self.rule].source if self.rule in RULES else ""

    @property
    def rule_title(self) -> str:
        """The rule's Chinese title; the code for a rule that is no longer in the house."""
        return RULES[self.rule].title if self.rule in RULES else self.rule


class VisitDenialQuerySet(ScopedQuerySet["VisitDenial"]):
    division_path = "division__code"

    def open(self) -> Self:
        return self.filter(status=VisitDenial.Status.OPEN)


class VisitDenial(models.Model):
    """The patient says of a visit that is not settled yet: I was never there (本人否认就诊).

    It stops the visit (claims/visits/stopping.py) until it is dismissed, at once or, where it was
    confirmed, by another than who confirmed it. Of a settled visit the same is an alert (A23).
    """

    class Status(TonedChoices):
        OPEN = "open", "wait", "待核查"
        CONFIRMED = "confirmed", "bad", "属实"
        DISMISSED = "dismissed", "idle", "排除"

    STANDING = (Status.OPEN, Status.CONFIRMED)

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="denials", verbose_name="就诊")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    told = models.CharField("谁来说明、怎样核对的身份", max_length=200)
    evidence = models.CharField("凭据", max_length=100)
    told_by, told_at = first_hand("登记")
    status = status_column(Status.OPEN)
    handled_by, handled_at = later_hand("核查")
    released_by, released_at = later_hand("解除")
    conclusion = models.CharField("核查结论", max_length=300, blank=True)

    objects = VisitDenialQuerySet.as_manager()

    AUDITED = ("visit_id", "status", "evidence", "handled_by_id", "released_by_id", "conclusion")

    class Meta:
        ordering = ["-id"]
        constraints = [
            once(
                "visit",
                name="one_standing_denial_of_a_visit",
                where=Q(status__in=["open", "confirmed"]),
                told="这次就诊刚由别人登记了本人否认，请刷新后再看",
            ),
            apart("handled_by", "told_by", name="denial_is_handled_by_another"),
            apart("released_by", "told_by", "handled_by", name="denial_is_released_by_another"),
            models.CheckConstraint(
                condition=Q(status="open") | Q(handled_by__isnull=False) & ~Q(conclusion=""),
                name="handled_denial_says_why",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"])]

    def __str__(self) -> str:
        return f"本人否认就诊 {self.pk} 号"


class Screening(models.Model):
    """This settlement has been looked at.

    A mark on each settlement, not "up to number N": a draft is submitted long after later ones,
    and numbers of transactions that run at the same time become visible out of order.
    """

    settlement = models.OneToOneField(
        Settlement, models.PROTECT, primary_key=True, related_name="screening"
    )
    screened_at = models.DateTimeField(auto_now_add=True)


# One app; models by what they hold.
from supervision.assessment.models import (  # noqa: E402, F401
    Assessment,
    AssessmentItem,
    FormAdoption,
)
from supervision.cases.archive_models import ArchiveLine, CaseArchive  # noqa: E402, F401
from supervision.cases.delivery_models import Delivery  # noqa: E402, F401
from supervision.cases.models import (  # noqa: E402, F401
    Case,
    CaseClaim,
    CaseNote,
    CaseOfficer,
    CasePause,
    Evidence,
    FineEntry,
    Measure,
)
from supervision.cases.scan_models import EvidenceScan  # noqa: E402, F401
from supervision.complaints.models import Complaint, Reward  # noqa: E402, F401
from supervision.extracts.models import Extract, ExtractPiece  # noqa: E402, F401
from supervision.inspections.models import (  # noqa: E402, F401
    Answer,
    Checklist,
    Inspection,
    Interest,
    Photo,
    Sweep,
    SweepPlace,
    TeamMember,
)
from supervision.inspections.order_models import (  # noqa: E402, F401
    HandOver,
    Order,
    OrderLine,
    Reply,
)
from supervision.library.models import (  # noqa: E402, F401
    LibraryChange,
    LibraryFile,
    LibraryGap,
    LibraryHit,
    LibraryPoint,
    LibraryRow,
)
from supervision.public.models import (  # noqa: E402, F401
    NoticeContact,
    Objection,
    Posting,
    PostingPhoto,
)
from supervision.publicity.models import (  # noqa: E402, F401
    PublicityMeasure,
    PublicityPhoto,
    PublicityTask,
)
from supervision.reviewing.models import AlertReview  # noqa: E402
from supervision.runs.models import MonthRun  # noqa: E402, F401
from supervision.sampling.models import (  # noqa: E402, F401
    Sample,
    SampleItem,
    SampleList,
    SampleStratum,
    SamplingRate,
)
from supervision.thresholds.models import RuleTrial, RuleVersion, TrialHit  # noqa: E402, F401
from supervision.words.models import PartyWord, WordScan  # noqa: E402, F401
