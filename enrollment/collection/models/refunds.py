"""Premiums given back."""

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.scoping import ScopedManager
from desk.fields import hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.collection.models.columns import ZERO
from enrollment.people.trail import PERSONAL


class Refund(models.Model):
    """A premium given back: asked for by one person, granted by another, paid by a third.

    Granting ends the cover, unless a second payment goes back (`tax_row`). Where nothing goes to
    the family it is done with that.
    """

    class Ground(models.TextChoices):
        DOUBLE = "double", "重复缴费"
        DEATH = "death", "待遇期开始前死亡"
        ELSEWHERE = "elsewhere", "待遇期开始前已在外地或职工参保"

    class Status(TonedChoices):
        REQUESTED = "requested", "wait", "待审批"
        GRANTED = "granted", "wait", "待支付"
        PAID = "paid", "good", "已退费"
        REFUSED = "refused", "bad", "未同意"

    enrollment = models.ForeignKey("enrollment.Enrollment", models.PROTECT, related_name="refunds")
    ground = models.CharField("退费事由", max_length=10, choices=Ground.choices)
    ground_date = models.DateField("事由发生日期")
    evidence = models.CharField("依据材料", max_length=200)
    # A second payment of the same premium that the tax bureau took: it goes back, the cover stays.
    tax_row = models.ForeignKey(
        "enrollment.TaxRow",
        models.PROTECT,
        null=True,
        related_name="refunds",
        verbose_name="第二次缴费",
    )
    # What goes back to the family, and what to the sponsor's fund.
    amount = MoneyField("退还金额")
    sponsor_amount = MoneyField("退回资助资金", default=ZERO)
    payee = models.CharField("收款人", max_length=40)
    bank_account = SealedField("收款账号", blank=True, context="enrollment.refund.bank_account")
    status = status_column(Status.REQUESTED)
    requested_by = hand("申请人")
    requested_on = models.DateField("申请日期")
    decided_by = hand("审批人", null=True)
    decided_on = models.DateField("审批日期", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    paid_by = hand("付款人", null=True)
    paid_on = models.DateField("付款日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=70, blank=True)

    objects = ScopedManager("enrollment__division__code")

    MASKS = PERSONAL

    class Meta:
        ordering = ["-pk"]
        constraints = [
            once(
                "tax_row",
                name="one_live_refund_of_a_payment",
                where=~Q(status="refused") & Q(tax_row__isnull=False),
                told="这笔重复缴费的退费已经申请，请勿重复",
                at="ground",
            ),
            once(
                "enrollment",
                name="one_live_refund_of_a_cover",
                where=~Q(status="refused") & Q(tax_row=None),
                told="此人本年度的退费已经申请，请勿重复",
                at="enrollment",
            ),
            apart("decided_by", "requested_by", name="refund_is_decided_by_a_second_person"),
            models.CheckConstraint(
                condition=Q(status="requested") | Q(decided_by__isnull=False),
                name="decided_refund_says_who",
            ),
            apart("paid_by", "requested_by", "decided_by", name="refund_is_paid_by_a_third_person"),
            status_says("paid", column="paid_on", name="paid_refund_says_when"),
        ]
