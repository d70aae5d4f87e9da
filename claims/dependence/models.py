"""What was computed after a settlement that fell, and what a paid one of them is still owed."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from claims.models import Settlement
from claims.paying.columns import Paid
from desk.fields import hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from lib.bank_numbers import masked_account


class Dependent(models.Model):
    """A settlement that no longer says what its measures say, because another one fell.

    An unpaid one was settled anew (`anew`); of a paid one the difference is owed: by the fund (a
    `Supplement`) or to it (a `Recovery`). `counters` lists what it had been computed with and what
    stands now, `layers` what each layer paid and should pay.
    """

    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="dependences", verbose_name="受影响的结算单"
    )
    because_of = models.ForeignKey(
        Settlement, models.PROTECT, related_name="brought_about", verbose_name="变动的结算单"
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    reason = models.CharField("变动", max_length=60)
    anew = models.OneToOneField(
        Settlement, models.PROTECT, null=True, related_name="recomputed_from"
    )
    counters = models.JSONField("累计", default=list)
    layers = models.JSONField("各层", default=dict)
    # Yuan that leave the fund, balances of the patient included, before and now.
    old_amount = MoneyField("原支付")
    new_amount = MoneyField("应支付")
    deductible_amount = MoneyField("应计起付线")
    found_by = hand("引起变动的经办人", null=True)
    found_at = models.DateTimeField("发现时间", auto_now_add=True)

    objects = ScopedManager("division__code", "settlement__visit__institution__code")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["division", "found_at"])]

    @property
    def is_same(self) -> bool:
        """Nothing is owed and nothing was settled anew: only the year so far reads otherwise."""
        same = all(old == new for old, new in self.layers.values())
        return self.anew_id is None and same


class SupplementQuerySet(ScopedQuerySet["Supplement"]):
    division_path = "settlement__division__code"
    institution_path = "settlement__visit__institution__code"

    def open(self) -> Self:
        """Those whose money has not left the fund and is still owed."""
        return self.filter(status__in=Supplement.OPEN)


class Supplement(Paid):
    """What the fund still owes on a paid settlement (补付), by layer in its parts.

    To the household also where the institution had advanced the rest: the benefit is the
    insured's, and the hospital has billed no more than before (decision 0021).
    """

    class Status(TonedChoices):
        TO_PAY = "to_pay", "wait", "待复核"
        APPROVED = "approved", "wait", "待支付"
        PAID = "paid", "good", "已补付"
        REPLACED = "replaced", "idle", "已另算"

    OPEN = (Status.TO_PAY, Status.APPROVED)

    dependent = models.ForeignKey(
        Dependent, models.PROTECT, related_name="supplements", verbose_name="重算"
    )
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="supplements", verbose_name="结算单"
    )
    amount = MoneyField("补付金额")
    status = status_column(Status.TO_PAY)
    # Whose act brought it about; nobody known of those found before this was kept.
    found_by = hand("引起变动的经办人", null=True)
    named_by = hand("改收款人的经办人", null=True)
    named_at = models.DateTimeField("改收款人时间", null=True)
    approved_by, approved_at = later_hand("复核")
    paid_by, paid_at = later_hand("支付")
    paid_on = models.DateField("支付日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=80, blank=True)

    objects = SupplementQuerySet.as_manager()

    AUDITED = (
        "settlement_id", "amount", "status", "found_by_id", "named_by_id", "approved_by_id",
        "paid_by_id", "paid_on", "voucher_number", "payee_name", "payee_relation", "payee_bank",
        "payee_account", "payee_document",
    )  # fmt: skip
    MASKS = {"payee_name": mask_name}

    class Meta:
        ordering = ["-id"]
        constraints = [
            positive("amount", name="supplement_pays_something"),
            once(
                "settlement",
                name="one_open_supplement_of_a_settlement",
                where=Q(status__in=["to_pay", "approved"]),
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | (Q(paid_by__isnull=False) & Q(paid_on__isnull=False)),
                name="paid_supplement_has_payer",
            ),
            status_says(
                "approved", "paid", column="approved_by", name="decided_supplement_has_approver"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "paid"]) | ~Q(payee_account_index=""),
                name="decided_supplement_has_account",
            ),
            apart("approved_by", "named_by", name="supplement_approver_is_another"),
            apart("approved_by", "found_by", name="supplement_approver_did_not_bring_it_about"),
            apart("paid_by", "named_by", "approved_by", name="supplement_payer_is_another"),
        ]

    def __str__(self) -> str:
        return f"补付 {self.settlement.number}"

    @property
    def masked_account(self) -> str:
        return masked_account(self.payee_account)


class LayerPart(models.Model):
    """What concerns one layer of a settlement, or a balance held for the patient."""

    layer = models.CharField("支付层次", max_length=40)
    book = models.CharField("账套", max_length=12)
    booked_as = models.CharField("支出类别", max_length=12)
    amount = MoneyField("金额")

    class Meta:
        abstract = True


class SupplementPart(LayerPart):
    """What the layer still owes."""

    supplement = models.ForeignKey(Supplement, models.PROTECT, related_name="parts")

    class Meta:
        ordering = ["supplement", "id"]
        constraints = [
            once("supplement", "layer", name="layer_supplements_once"),
            positive("amount", name="supplement_part_pays_something"),
        ]
