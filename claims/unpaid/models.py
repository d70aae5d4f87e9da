"""Claims on paper that the old system had and did not pay (原系统未付单), and their files."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from claims.models import Invoice
from desk.carrying import CarriedLine, CarriedUpload
from desk.fields import in_order, later_hand, once, status_column, status_says
from desk.importing import file_once
from desk.jobs import JobManager
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Enrollment, Person

# Begins the key of a payment's order.
KEY = "oldclaim:"


class OldClaimFile(CarriedUpload):
    """A file of such claims, and its job."""

    SERVICES = "claims.unpaid.carried.OLD_CLAIMS"

    class Kind(models.TextChoices):
        CLAIMS = "claims", "未付报销单"

    kind = models.CharField("内容", max_length=12, choices=Kind.choices)
    content = SealedField("文件", blank=True, context="claims.oldclaimfile.content")  # base64

    objects = JobManager("area__code")

    class Meta(CarriedUpload.Meta):
        constraints = [
            *file_once(
                "area", "kind", name="old_claim_file_once", told="这份文件刚由别人上传，请刷新"
            ),
            apart("confirmed_by", "requested_by", name="old_claim_file_confirmed_by_another"),
        ]


class OldClaimLine(CarriedLine):
    """A row of the file. Payee's accounts are no facts of it: they are read from the sealed file
    when it is written."""

    upload = models.ForeignKey(
        OldClaimFile, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["upload", "line"], name="old_claim_line")]


class OldClaimQuerySet(ScopedQuerySet["OldClaim"]):
    division_path = "division__code"

    def with_entered(self) -> Self:
        """`entered`: whether one of its invoices was handed in here meanwhile."""
        mine = Invoice.objects.filter(is_live=True, visit__person=OuterRef("person"))
        asked = ExpressionWrapper(OuterRef("invoices"), output_field=ArrayField(models.CharField()))
        among: dict[str, Any] = {"asked__contains": [F("number")]}
        same = mine.annotate(asked=asked).filter(**among)
        return self.annotate(entered=Exists(same.order_by()))

    def decided_before(self) -> Self:
        """What the old system had decided: paid here as it stands, and never computed again."""
        return self.filter(status__in=(OldClaim.Status.OWED, OldClaim.Status.PAID))

    def to_enter(self) -> Self:
        return self.with_entered().filter(status=OldClaim.Status.OPEN, entered=False)


class OldClaim(models.Model):
    """One claim by its number in the old system. What was decided there (`approved_on`) is owed and
    paid out of what the books began with, to whom its order names; what was not is entered here
    anew, from this row."""

    class Status(TonedChoices):
        OPEN = "open", "wait", "待录入"
        OWED = "owed", "wait", "待支付"
        PAID = "paid", "good", "已支付"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    file = models.ForeignKey(OldClaimFile, models.PROTECT, related_name="claims")
    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    number = models.CharField("原单号", max_length=40)
    status = status_column(Status.OPEN)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="old_claims", verbose_name="参保人"
    )
    cover = models.ForeignKey(Enrollment, models.PROTECT, related_name="+", verbose_name="参保登记")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    policy_year = models.PositiveSmallIntegerField("待遇年度")
    institution_name = models.CharField("就诊机构", max_length=100)
    care = models.CharField("就医类别", max_length=20)
    starts = models.DateField("入院/就诊日期")
    ends = models.DateField("出院日期")
    invoices = ArrayField(models.CharField(max_length=40), verbose_name="发票号")
    total_amount = MoneyField("总费用")
    approved_amount = MoneyField("审定金额", null=True)
    approved_on = models.DateField("审定日期", null=True)
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=120, blank=True)
    withdrawn_by, withdrawn_at = later_hand("撤回")
    reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = OldClaimQuerySet.as_manager()

    AUDITED = (
        "number", "status", "approved_amount", "paid_on", "voucher_number", "withdrawn_by_id",
        "reason",
    )  # fmt: skip

    class Meta:
        verbose_name = "原系统未付单"
        ordering = ["-id"]
        constraints = [
            once("area", "number", name="old_claim_once", where=~Q(status="withdrawn")),
            in_order("starts", "ends", name="old_claim_dates_in_order"),
            models.CheckConstraint(
                condition=Q(approved_amount=None, approved_on=None)
                | Q(approved_amount__gt=0, approved_on__isnull=False)
                & Q(approved_amount__lte=F("total_amount")),
                name="old_claim_is_decided_or_not",
            ),
            status_says("owed", "paid", column="approved_on", name="owed_old_claim_was_decided"),
            status_says("paid", column="paid_on", name="paid_old_claim_says_when"),
        ]
        indexes = [
            models.Index(fields=["person"], name="old_claim_of_person"),
            models.Index(fields=["status", "id"], name="old_claim_by_status"),
        ]

    def __str__(self) -> str:
        return f"原系统未付单 {self.number}"

    @property
    def was_decided(self) -> bool:
        return self.approved_on is not None
