"""Receipt books, receipts, remittances."""

from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from enrollment.collection.models.numbers import Numbers
from enrollment.cover.models import Campaign
from enrollment.people.trail import PERSONAL


class ReceiptBookQuerySet(ScopedQuerySet["ReceiptBook"]):
    division_path = "township__code"

    def in_use_by(self, clerk: User) -> Self:
        return self.filter(clerk=clerk, status=ReceiptBook.Status.IN_USE)


class ReceiptBook(Numbers):
    """A range of pre-numbered receipts (收据) of one clerk; `next_number` runs under lock."""

    class Status(TonedChoices):
        IN_USE = "in_use", "good", "使用中"
        RETURNED = "returned", "wait", "已交回"
        CHECKED_OFF = "checked_off", "idle", "已核销"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    clerk = models.ForeignKey(User, models.PROTECT, verbose_name="领用人")
    year = models.PositiveSmallIntegerField("参保年度")
    code = models.CharField(
        "票据本号",
        max_length=20,
        unique=True,
        error_messages={"unique": "这个票据本号已发放过，请核对"},
    )
    next_number = models.PositiveIntegerField("下一号")
    # The last number that was written on before the portal: its receipts are the old system's.
    carried_through = models.PositiveIntegerField("原系统已用至", null=True, blank=True)
    issued_at = models.DateTimeField("领用时间", auto_now_add=True)
    status = status_column(Status.IN_USE, length=12, db_default=True)

    objects = ReceiptBookQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_number__gte=F("first_number"))
                & Q(next_number__gte=F("first_number"))
                & Q(next_number__lte=F("last_number") + 1),
                name="receipt_numbers_in_order",
            ),
            models.CheckConstraint(
                condition=Q(carried_through=None)
                | Q(carried_through__gte=F("first_number"), carried_through__lt=F("next_number")),
                name="carried_receipts_are_used",
            ),
        ]

    @property
    def used(self) -> int:
        """Numbers written on, void ones too."""
        return self.next_number - self.first_number


class RemittanceQuerySet(ScopedQuerySet["Remittance"]):
    division_path = "township__code"

    def awaiting_confirmation(self) -> Self:
        return self.filter(status=Remittance.Status.SUBMITTED)


class Remittance(models.Model):
    """A clerk's takings paid into the collection account; an accountant confirms the bank slip."""

    class Status(TonedChoices):
        SUBMITTED = "submitted", "wait", "待确认"
        CONFIRMED = "confirmed", "good", "已入账"
        RETURNED = "returned", "bad", "已退回"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    campaign = models.ForeignKey(Campaign, models.PROTECT)
    clerk = hand("缴存人")
    slip_number = models.CharField("缴款单号", max_length=40)
    slip_date = models.DateField("缴款日期")
    receipt_count = models.PositiveIntegerField("收据张数")
    amount = MoneyField("金额")
    status = status_column(Status.SUBMITTED)
    submitted_at = models.DateTimeField("缴存时间", auto_now_add=True)
    confirmed_by, confirmed_at = later_hand("确认")
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    return_reason = models.CharField("退回原因", max_length=200, blank=True)

    objects = RemittanceQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        constraints = [
            positive("amount", name="remittance_positive"),
            apart("confirmed_by", "clerk", name="remittance_confirmed_by_a_second_person"),
            status_says(
                "confirmed", column="confirmed_by", name="confirmed_remittance_has_confirmer"
            ),
            once(
                "slip_number",
                name="slip_number_once",
                where=~Q(status="returned"),
                told="这个缴款单号已用过，请核对银行缴款单",
                at="slip_number",
            ),
        ]


class ReceiptQuerySet(ScopedQuerySet["Receipt"]):
    division_path = "division__code"

    def valid(self) -> Self:
        return self.filter(voided_at=None)

    def unremitted(self) -> Self:
        return self.valid().filter(remittance=None, channel=Receipt.Channel.CASH)


class Receipt(models.Model):
    """One receipt for one household, naming every member it covers. Void, never deleted."""

    class Whereabouts(TonedChoices):
        """Where the money of a receipt is that no remittance holds."""

        VOID = "void", "bad", "已作废"
        NOT_BY_HAND = "not_by_hand", "idle", "不经缴存"
        NO_CASH = "no_cash", "idle", "不收现金"
        HELD = "held", "wait", "未缴存"

    class Channel(models.TextChoices):
        CASH = "cash", "现金"
        AID = "aid", "资助(不收现金)"
        BANK = "bank", "银行转账"
        TAX = "tax", "税务征收"
        SPONSOR = "sponsor", "集体或社会资助"

    book = models.ForeignKey(ReceiptBook, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField("票号")
    household = models.ForeignKey("enrollment.Household", models.PROTECT, related_name="receipts")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    campaign = models.ForeignKey(Campaign, models.PROTECT)
    channel = models.CharField("收款方式", max_length=8, choices=Channel.choices)
    # What the household pays through the channel; what a sponsor pays for it stands beside.
    amount = MoneyField("金额")
    sponsored_amount = MoneyField("资助金额", default=Decimal(0), db_default=Decimal(0))
    reference = models.CharField("转账流水号", max_length=40, blank=True, default="", db_default="")
    payer_name = models.CharField("交款人", max_length=40)
    issued_by = hand("开票人")
    issued_on = models.DateField("开票日期")
    issued_at = models.DateTimeField("开票时间", auto_now_add=True)
    remittance = models.ForeignKey(Remittance, models.PROTECT, null=True, related_name="receipts")
    voided_by = hand(null=True)
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_on = models.DateField("作废日期", null=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = ReceiptQuerySet.as_manager()

    MASKS = PERSONAL

    BORNE: ClassVar = ("{}-{:08d}", ("book__code", "number"))

    class Meta:
        ordering = ["book", "number"]
        constraints = [
            once("book", "number", name="receipt_number_once"),
            models.CheckConstraint(
                condition=Q(channel="aid", amount=0, sponsored_amount=0)
                | Q(channel="sponsor", amount=0, sponsored_amount__gt=0)
                | Q(channel__in=["cash", "bank", "tax"], amount__gt=0, sponsored_amount__gte=0),
                name="receipt_amount_fits_channel",
            ),
            once(
                "campaign",
                "reference",
                name="transfer_receipted_once",
                where=~Q(reference="") & Q(channel="bank", voided_at=None),
                told="这笔转账已开过收据，请核对流水号",
                at="reference",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(remittance=None),
                name="void_receipt_is_not_remitted",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="void_receipt_says_who",
            ),
        ]
        indexes = [models.Index(fields=["division", "issued_on"])]

    @property
    def whereabouts(self) -> models.TextChoices:
        """For rows that were read with their remittance: its state, else why there is none."""
        if self.voided_at:
            return self.Whereabouts.VOID
        if self.remittance:
            return Remittance.Status(self.remittance.status)
        if self.channel in {self.Channel.BANK, self.Channel.TAX}:
            return self.Whereabouts.NOT_BY_HAND
        if self.channel != self.Channel.CASH:
            return self.Whereabouts.NO_CASH
        return self.Whereabouts.HELD

    @property
    def full_number(self) -> str:
        return f"{self.book.code}-{self.number:08d}"
