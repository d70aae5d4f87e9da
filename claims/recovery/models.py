"""Debts to the fund for what was paid and was not due, and what came back of them."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from claims.dependence.models import Dependent, LayerPart
from claims.models import Settlement
from desk.fields import hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.models import Household
from institutions.models import Institution

ZERO = Decimal(0)


class RecoveryQuerySet(ScopedQuerySet["Recovery"]):
    division_path = "division__code"
    institution_path = "institution__code"

    def standing(self) -> Self:
        """Those that were not given up: what may be asked back on a settlement counts them."""
        return self.exclude(status__in=Recovery.GIVEN_UP)

    def decided(self) -> Self:
        """That something goes back to the fund is certain: whoever it is about may be told."""
        told = (Recovery.Status.APPROVED, Recovery.Status.WAIVING, Recovery.Status.RECEIVED)
        return self.filter(status__in=told)

    def owed(self) -> Self:
        """Decided and not yet back (应收追回)."""
        return self.filter(status__in=Recovery.OWED)

    def whole_and_back(self) -> Self:
        """All that was left of a settlement, received: it counts for nothing any more."""
        return self.filter(status=Recovery.Status.RECEIVED, is_whole=True)

    def with_received(self) -> Self:
        """`back`: what came back so far (yuan); `rest`: what is still owed."""
        sums = (
            RecoveryReceipt.objects.filter(recovery=OuterRef("pk"))
            .order_by()
            .values("recovery")
            .annotate(total=Sum("amount"))
        )
        back = Coalesce(Subquery(sums.values("total")), ZERO, output_field=MoneyField())
        return self.annotate(back=back, rest=F("amount") - back)


class Recovery(models.Model):
    """One debt to the fund for one paid settlement: proposed, reviewed, approved, received.

    Amounts stand by layer in its parts and never change; what came back stands in its receipts. A
    settlement is 部分追回 or 已追回 by the sum of receipts, never by a mark of its own.
    """

    class Reason(models.TextChoices):
        DEATH = "death", "死亡后的就诊"
        FALSE_INVOICE = "invoice", "发票虚假或重复"
        INVENTED = "invented", "虚构就诊、冒名就医"
        BEYOND = "beyond", "不符合诊疗、收费规定"
        LIABLE = "liable", "应由第三人负担"
        TWICE = "twice", "重复支付"
        PAYEE = "payee", "付错对象、银行退回"
        RECOMPUTED = "recomputed", "前一笔变动，重算后多付"
        OTHER = "other", "其他"

    class Source(models.TextChoices):
        REVIEW = "review", "审核发现"
        ALERT = "alert", "疑点核查"
        CASE = "case", "稽核案件"
        BANK = "bank", "银行退票"
        PORTAL = "portal", "系统重算"

    class Debtor(models.TextChoices):
        HOUSEHOLD = "household", "参保家庭"
        INSTITUTION = "institution", "定点机构"
        PERSON = "person", "其他责任人"

    class Usage(models.TextChoices):
        PROPORTION = "proportion", "按追回比例退还年度累计"
        KEPT = "kept", "年度累计不退还"
        DONE = "done", "累计已按重算结果调整"

    class Status(TonedChoices):
        PROPOSED = "proposed", "wait", "待初审"
        REVIEWED = "reviewed", "wait", "待复核"
        APPROVED = "approved", "bad", "待收回"
        WAIVING = "waiving", "wait", "待批准核销"
        RECEIVED = "received", "good", "已收回"
        WAIVED = "waived", "idle", "已核销"
        REFUSED = "refused", "idle", "不予追回"
        REPLACED = "replaced", "idle", "已另算"

    GIVEN_UP = (Status.REFUSED, Status.REPLACED)
    # Nobody knows yet whether it is owed, or it is and is not back.
    UNSETTLED = (Status.PROPOSED, Status.REVIEWED, Status.APPROVED, Status.WAIVING)
    OWED = (Status.APPROVED, Status.WAIVING)

    number = models.CharField("追回单号", max_length=24, unique=True)
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="recoveries", verbose_name="结算单"
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    reason = models.CharField("追回原因", max_length=12, choices=Reason.choices)
    facts = models.CharField("事实和依据", max_length=300)
    source = models.CharField("来源", max_length=8, choices=Source.choices)
    # The alert, case or bank line that it came from, as its own room calls it.
    source_note = models.CharField("来源说明", max_length=120, blank=True)
    # Of another payment that rested on the claim the key of its order (recovery/resting.py); "" of
    # the claim's own.
    payment_key = models.CharField(
        "支付业务键", max_length=80, blank=True, default="", db_default=""
    )
    dependent = models.ForeignKey(
        Dependent, models.PROTECT, null=True, related_name="recoveries", verbose_name="重算"
    )
    debtor = models.CharField("向谁追回", max_length=12, choices=Debtor.choices)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="+")
    debtor_name = models.CharField("责任人", max_length=100)
    amount = MoneyField("应追回金额")
    # All that was left of the settlement, which counts for nothing once it is back: somebody found
    # that it should not have been paid, while what the portal computed anew still took place.
    is_whole = models.BooleanField("全部追回", default=False)
    usage = models.CharField(
        "年度累计", max_length=12, choices=Usage.choices, default=Usage.PROPORTION
    )
    due_on = models.DateField("交回期限", null=True)
    status = status_column(Status.PROPOSED)
    # Nobody: the portal found it when it computed anew.
    proposed_by = hand("提出人", null=True)
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    reviewed_by, reviewed_at = later_hand("初审")
    approved_by, approved_at = later_hand("复核")
    received_by, received_at = later_hand("收款")
    waiver_asked_by, waiver_asked_at = later_hand("申请核销")
    waived_by = hand("批准核销人", null=True)
    waived_at = models.DateTimeField("核销时间", null=True)
    decision = models.CharField("处理意见", max_length=200, blank=True)

    objects = RecoveryQuerySet.as_manager()

    AUDITED = (
        "number",
        "settlement_id",
        "reason",
        "debtor",
        "amount",
        "usage",
        "status",
        "due_on",
        "proposed_by_id",
        "reviewed_by_id",
        "approved_by_id",
        "received_by_id",
        "waiver_asked_by_id",
        "waived_by_id",
        "decision",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Of nothing only what falls whole: a claim for which its month gave nothing.
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, is_whole=True),
                name="recovery_asks_something",
            ),
            models.CheckConstraint(
                condition=Q(debtor="household", household__isnull=False)
                | Q(debtor="institution", institution__isnull=False)
                | Q(debtor="person"),
                name="recovery_has_debtor",
            ),
            models.CheckConstraint(
                condition=Q(is_whole=False) | Q(dependent=None, payment_key=""),
                name="whole_recovery_has_own_reason",
            ),
            once(
                "settlement",
                name="one_whole_recovery_of_a_settlement",
                where=Q(is_whole=True) & ~Q(status__in=["refused", "replaced"]),
            ),
            # Four hands, as a payment has.
            apart("reviewed_by", "proposed_by", name="recovery_reviewer_is_another"),
            apart("approved_by", "proposed_by", "reviewed_by", name="recovery_approver_is_a_third"),
            apart(
                "received_by",
                "proposed_by",
                "reviewed_by",
                "approved_by",
                name="recovery_receiver_is_a_fourth",
            ),
            apart("waived_by", "waiver_asked_by", name="waiver_is_decided_by_another"),
            status_says(
                "approved",
                "waiving",
                "received",
                "waived",
                column="approved_by",
                name="decided_recovery_has_approver",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"]),
            models.Index(
                fields=["payment_key"], condition=~Q(payment_key=""), name="recovery_of_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_owed(self) -> bool:
        """Decided, and neither back nor given up."""
        return self.status in self.OWED

    @property
    def is_given_up(self) -> bool:
        """It asks nothing back any more, and never did."""
        return self.status in self.GIVEN_UP

    @property
    def received_amount(self) -> Decimal:
        """Yuan that came back so far."""
        found: Decimal = self.receipts.aggregate(total=Sum("amount", default=ZERO))["total"]
        return found

    @property
    def rest_amount(self) -> Decimal:
        """Yuan that are still owed."""
        rest: Decimal = self.amount - self.received_amount
        return rest


def left_of(prefix: str) -> CombinedExpression:
    """For rows that are paid by an order with the key `prefix` and their own: their amount less
    what is asked back of it (yuan)."""
    key = Concat(Value(prefix), Cast(OuterRef("pk"), models.CharField()))
    # Said twice over, so that the index of such debts is found.
    asked = Recovery.objects.standing().filter(payment_key=key).exclude(payment_key="").order_by()
    sums = asked.values("payment_key").annotate(total=Sum("amount")).values("total")
    return F("amount") - Coalesce(Subquery(sums), ZERO, output_field=MoneyField())


class RecoveryPart(LayerPart):
    """What the layer had paid and gets back."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="parts")

    class Meta:
        ordering = ["recovery", "id"]
        constraints = [
            once("recovery", "layer", name="layer_recovers_once"),
            positive("amount", name="recovery_part_is_something"),
        ]


class RecoveryReceipt(models.Model):
    """Money that came back: all of a debt or an instalment, with its vouchers."""

    class Way(models.TextChoices):
        BANK = "bank", "银行转账"
        CASH = "cash", "现金"
        SET_OFF = "set_off", "抵扣应付款"
        # The bank had given the payment back: it never left the fund's account for good.
        KEPT = "kept", "从退汇款扣回"

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="receipts")
    number = models.CharField("收款单号", max_length=24, unique=True)
    way = models.CharField("收款方式", max_length=8, choices=Way.choices)
    # The bank's serial, or the payment that it was set off against.
    reference = models.CharField("流水号", max_length=60, blank=True)
    payer_name = models.CharField("付款人", max_length=100)
    amount = MoneyField("金额")
    received_on = models.DateField("收款日期")
    received_by = hand("收款人")
    received_at = models.DateTimeField("登记时间", auto_now_add=True)
    voucher_number = models.CharField("凭证号", max_length=120)
    # Layer → fen of it (recovery/instalments.py). None of those from before it was written down.
    shares: "models.JSONField[dict[str, int] | None, dict[str, int] | None]" = models.JSONField(
        "按层次", null=True, default=None
    )
    # The page it was entered on: what is sent twice is received once.
    entry_key = models.UUIDField("录入页编号", null=True, editable=False)

    objects = ScopedManager("recovery__division__code", "recovery__institution__code")

    AUDITED = ("recovery_id", "number", "way", "amount", "received_on", "voucher_number")

    class Meta:
        ordering = ["recovery", "id"]
        constraints = [
            positive("amount", name="recovery_receipt_positive"),
            once(
                "entry_key",
                name="recovery_received_once",
                told="这笔追回款已经登记，没有重复入账，请刷新查看",
            ),
        ]

    def __str__(self) -> str:
        return self.number
