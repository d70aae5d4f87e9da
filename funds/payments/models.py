"""Payments as rows: an order says whom the fund owes what, a batch is what goes to the bank.

This room knows amounts, dimensions of the ledger, a payee, a label and a key. What is paid for (a
claim, a refund) the rooms above know; they are asked by the key (`settings.ROOMS_OF_PAYMENTS`).
"""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField, blind_index
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from accounts.templatetags.hezuo import mask_name
from desk.fields import first_hand, hand, later_hand, once, positive, status_column, status_says
from desk.importing import Upload, file_once
from desk.jobs import JobManager
from desk.tones import TonedChoices
from desk.workflow import apart
from lib.bank_numbers import AccountIndex, masked_account

# What an account number is sealed under, wherever it waits for payment: orders, what was sent to
# the bank, and the settlement that names its payee hand the ciphertext on.
ACCOUNT = "funds.payment.account"
INDEX = AccountIndex("payment_account", blind_index)
account_index, is_exchanged = INDEX.of, INDEX.is_exchanged


class PaymentBatchQuerySet(ScopedQuerySet["PaymentBatch"]):
    division_path = "area__code"

    def made(self) -> Self:
        return self.filter(status=PaymentBatch.Status.MADE)


class PaymentBatch(models.Model):
    """Orders that go to the bank together: put together by the accountant, who thereby prepares
    the vouchers, and released by the cashier.

    `number_of` and `total` are those of its transfers that were not taken out; a deferred trigger
    compares them whenever the batch is written (migrations/0007).
    """

    class Status(TonedChoices):
        MADE = "made", "wait", "待发出"
        RELEASED = "released", "good", "已发出"
        DISCARDED = "discarded", "idle", "已解散"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    number = models.CharField("批次号", max_length=12)
    status = status_column(Status.MADE)
    number_of = models.PositiveIntegerField("笔数")
    total = MoneyField("金额")
    made_by = hand("编制人")
    made_on = models.DateField("编制日期")
    made_at = models.DateTimeField("编制时间", auto_now_add=True)
    released_by, released_at = later_hand("发出")
    # The day that the bank moves the money and the vouchers bear.
    paid_on = models.DateField("支付日期", null=True)
    reason = models.CharField("解散原因", max_length=200, blank=True)

    objects = PaymentBatchQuerySet.as_manager()

    AUDITED = ("number", "status", "number_of", "total", "made_by_id", "released_by_id", "paid_on")

    class Meta:
        ordering = ["-id"]
        constraints = [
            once("area", "number", name="payment_batch_number_once"),
            apart("released_by", "made_by", name="batch_is_released_by_a_second_person"),
            status_says("released", column="released_by", name="released_batch_says_who"),
            status_says("released", column="paid_on", name="released_batch_says_when"),
        ]
        indexes = [models.Index(fields=["status", "id"], name="batch_by_status")]

    def __str__(self) -> str:
        return f"支付批次 {self.number}"


class PaymentOrderQuerySet(ScopedQuerySet["PaymentOrder"]):
    division_path = "division__code"

    def waiting(self) -> Self:
        """May be put into a batch."""
        return self.filter(status=PaymentOrder.Status.WAITING)

    def owed(self) -> Self:
        """Nobody has the money yet: neither sent nor called off."""
        return self.filter(status__in=PaymentOrder.OWED)

    def bounced(self) -> Self:
        """The bank gave the money back, and what becomes of it is not decided."""
        return self.filter(status__in=PaymentOrder.BOUNCED)

    def with_rest(self) -> Self:
        """`rest`: yuan that are still to be paid, less what was kept of what came back."""
        return self.annotate(rest=F("amount") - F("kept_amount"))


class PaymentOrder(models.Model):
    """What the fund owes somebody (支付单), paid once for ever: its key is that of the business.

    `event` is what its first release books (funds/events.py); once the bank gave it back, the
    money waits as 暂收款 and is paid again out of that.
    """

    class Status(TonedChoices):
        WAITING = "waiting", "wait", "待付"
        BATCHED = "batched", "wait", "已编批"
        SENT = "sent", "good", "已发出"
        PAID = "paid", "good", "已到账"
        RETURNED = "returned", "bad", "退汇"
        CORRECTED = "corrected", "wait", "更正待确认"
        CANCELLED = "cancelled", "idle", "已取消"
        GIVING_UP = "giving_up", "wait", "待批准转回"
        GIVEN_UP = "given_up", "idle", "已转回基金"

    OWED = (
        Status.WAITING,
        Status.BATCHED,
        Status.RETURNED,
        Status.CORRECTED,
        Status.GIVING_UP,
    )
    BOUNCED = (Status.RETURNED, Status.CORRECTED, Status.GIVING_UP)
    # A batch has it: put into one that waits, or gone with one.
    IN_BATCH = (Status.BATCHED, Status.SENT, Status.PAID)
    # The money has left the account of the fund at least once.
    GONE = (Status.SENT, Status.PAID)
    # Nothing is to be paid any more.
    ENDED = (Status.CANCELLED, Status.GIVEN_UP)

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    # Whose it is: decides who may see it. The ledger has the township.
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="村组")
    township = models.ForeignKey(
        Division, models.PROTECT, null=True, related_name="+", verbose_name="乡镇"
    )
    key = models.CharField("业务键", max_length=80, unique=True)
    event = models.CharField("事项", max_length=30)
    source = models.CharField("来源", max_length=120)
    status = status_column(Status.WAITING)
    amount = MoneyField("金额")
    # Of what came back: so much is paid to nobody any more (its `PaymentKept`).
    kept_amount = MoneyField("转回基金", default=Decimal("0.00"), db_default=Decimal("0.00"))
    payee = models.CharField("收款人", max_length=100)
    # An institution that the bank knows by its contract, should no account be written here.
    payee_code = models.CharField("收款机构代码", max_length=12, blank=True)
    bank = models.CharField("开户行", max_length=60, blank=True)
    account = SealedField("账号", blank=True, context=ACCOUNT)
    account_index = models.CharField(max_length=32, blank=True)
    asked_by = hand("提出人", null=True)
    # Since when it is owed.
    asked_on = models.DateField("提出日期")
    batch = models.ForeignKey(
        PaymentBatch, models.PROTECT, null=True, related_name="orders", verbose_name="支付批次"
    )
    # How often the bank gave it back, the last time when and why.
    bounces = models.PositiveSmallIntegerField("退汇次数", default=0)
    returned_on = models.DateField("退汇日期", null=True)
    return_reason = models.CharField("退汇原因", max_length=200, blank=True)
    corrected_by, corrected_at = later_hand("更正")
    confirmed_by, confirmed_at = later_hand("确认")
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = PaymentOrderQuerySet.as_manager()

    AUDITED = ("key", "status", "amount", "kept_amount", "payee", "account", "bank", "batch_id",
               "returned_on", "return_reason", "corrected_by_id", "confirmed_by_id",
               "reason")  # fmt: skip
    MASKS = {"payee": mask_name}

    class Meta:
        ordering = ["-id"]
        constraints = [
            positive("amount", name="payment_order_pays_something"),
            models.CheckConstraint(
                condition=Q(status__in=["batched", "sent", "paid"], batch__isnull=False)
                | (~Q(status__in=["batched", "sent", "paid"]) & Q(batch=None)),
                name="payment_order_names_its_batch",
            ),
            apart("confirmed_by", "corrected_by", name="correction_is_confirmed_by_another"),
            models.CheckConstraint(
                condition=Q(kept_amount__gte=0) & Q(kept_amount__lte=F("amount")),
                name="no_more_is_kept_than_came_back",
            ),
            models.CheckConstraint(
                condition=~Q(status="given_up") | Q(kept_amount=F("amount")),
                name="given_up_order_is_kept_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="order_by_status"),
            models.Index(fields=["batch"], name="order_by_batch"),
            models.Index(fields=["account_index"], name="order_by_account"),
        ]

    def payee_columns(self) -> dict[str, Any]:
        """Who is paid and where, under the names that a transfer has for it too."""
        names = ("payee", "payee_code", "bank", "account", "account_index")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return self.source

    @property
    def rest_amount(self) -> Decimal:
        """Yuan that are to be paid, or were paid last."""
        rest: Decimal = self.amount - self.kept_amount
        return rest

    @property
    def masked_account(self) -> str:
        return masked_account(self.account)


class PaymentPart(models.Model):
    """One part of an order with its dimensions in the ledger; parts sum to the order's amount."""

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="parts")
    fund_type = models.CharField("账套", max_length=12)
    purpose = models.CharField("用途", max_length=20, blank=True)
    tier = models.CharField("档次", max_length=20, blank=True)
    policy_year = models.PositiveSmallIntegerField("保险年度", null=True)
    institution_code = models.CharField("机构代码", max_length=12, blank=True)
    funding_level = models.CharField("资金来源", max_length=20, blank=True)
    amount = MoneyField("金额")

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            positive("amount", name="payment_part_is_something"),
        ]

    @property
    def rest_amount(self) -> Decimal:
        """Yuan of it that are to be paid; reads what was kept of it."""
        rest: Decimal = self.amount - sum((one.amount for one in self.kept.all()), Decimal(0))
        return rest


class TransferQuerySet(ScopedQuerySet["Transfer"]):
    division_path = "order__division__code"

    def standing(self) -> Self:
        return self.exclude(outcome=Transfer.Outcome.TAKEN_OUT)

    def released_by(self, day: date) -> Self:
        """Gone with a batch whose money had left by that day."""
        return self.filter(batch__status=PaymentBatch.Status.RELEASED, batch__paid_on__lte=day)


class Transfer(models.Model):
    """One line of a batch (划款明细): whom the bank was told to pay what, and what came of it.

    Payee and account stay as they were then, whatever becomes of the order.
    """

    class Outcome(TonedChoices):
        PENDING = "pending", "wait", "未回"
        ARRIVED = "arrived", "good", "成功"
        RETURNED = "returned", "bad", "退汇"
        TAKEN_OUT = "taken_out", "idle", "已移出"

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="transfers")
    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="transfers")
    position = models.PositiveIntegerField("序号")
    payee = models.CharField("收款人", max_length=100)
    payee_code = models.CharField("收款机构代码", max_length=12, blank=True)
    bank = models.CharField("开户行", max_length=60, blank=True)
    account = SealedField("账号", blank=True, context=ACCOUNT)
    account_index = models.CharField(max_length=32, blank=True)
    amount = MoneyField("金额")
    # What it books: the order's event, or the payment out of 暂收款 once it had come back.
    event = models.CharField("事项", max_length=30)
    outcome = models.CharField(
        "银行结果", max_length=10, choices=Outcome.choices, default=Outcome.PENDING
    )
    known_on = models.DateField("回单日期", null=True)
    known_by = hand("回单登记人", null=True)
    reason = models.CharField("原因", max_length=200, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "position"]
        constraints = [
            once("batch", "position", name="transfer_position_once"),
            once(
                "order",
                name="one_live_transfer_of_an_order",
                where=Q(outcome__in=["pending", "arrived"]),
                told="这笔款刚由别人编入支付批次，请刷新后再办",
            ),
            positive("amount", name="transfer_pays_something"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["returned", "taken_out"]) | ~Q(reason=""),
                name="returned_transfer_says_why",
            ),
        ]

    @property
    def reference(self) -> str:
        """What the bank's files name it by; for rows that were read with their batch."""
        return f"{self.batch.number}-{self.position:04d}"

    def __str__(self) -> str:
        return self.reference

    @property
    def is_noted(self) -> bool:
        """Whether somebody says that it came back, and nobody has confirmed it."""
        return any(one.status == ReturnNote.Status.NOTED for one in self.notes.all())

    @property
    def masked_account(self) -> str:
        return masked_account(self.account)


class PaymentVoucher(models.Model):
    """Which voucher booked a batch's release to a township, or the return of one transfer."""

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="vouchers")
    # Of a return: the transfer that came back.
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, null=True, related_name="return_vouchers"
    )
    voucher = models.OneToOneField("funds.Voucher", models.PROTECT, related_name="payment")
    fund_type = models.CharField("账套", max_length=12)
    event = models.CharField("事项", max_length=30)
    township = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")

    objects = ScopedManager("batch__area__code")

    class Meta:
        ordering = ["batch", "id"]
        constraints = [
            once(
                "batch",
                "fund_type",
                "event",
                "township",
                name="one_voucher_of_a_batch_book_and_township",
                where=Q(transfer=None),
                nulls_distinct=False,
            ),
            once(
                "transfer",
                "fund_type",
                name="one_voucher_of_a_return_and_book",
                where=Q(transfer__isnull=False),
            ),
        ]


class PaymentKept(models.Model):
    """What of a part that the bank gave back is paid to nobody any more, with its voucher."""

    part = models.ForeignKey(PaymentPart, models.PROTECT, related_name="kept")
    # The last one that came back: what is sent later is less by it.
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="+")
    voucher = models.ForeignKey("funds.Voucher", models.PROTECT, related_name="+")
    amount = MoneyField("金额")

    class Meta:
        ordering = ["part", "id"]
        constraints = [
            positive("amount", name="kept_is_something"),
        ]


class ReturnNote(models.Model):
    """A payment that the bank gave back, told by hand (退汇登记): booked once a second person has
    seen the bank's paper too. What a file of the bank says needs no such note."""

    class Status(TonedChoices):
        NOTED = "noted", "wait", "待核对"
        CONFIRMED = "confirmed", "good", "已核对"
        REFUSED = "refused", "idle", "不属实"

    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="notes", verbose_name="付款"
    )
    status = status_column(Status.NOTED)
    returned_on = models.DateField("退汇日期")
    reason = models.CharField("退汇原因", max_length=200)
    # Where the bank says so: the number of its slip, or of the line of its statement.
    evidence = models.CharField("银行回单号", max_length=60)
    noted_by, noted_at = first_hand("登记")
    decided_by, decided_at = later_hand("核对")
    decision = models.CharField("核对意见", max_length=200, blank=True)

    objects = ScopedManager("transfer__order__division__code")

    AUDITED = ("transfer_id", "status", "returned_on", "reason", "evidence", "noted_by_id",
               "decided_by_id", "decision")  # fmt: skip

    class Meta:
        ordering = ["-id"]
        constraints = [
            apart("decided_by", "noted_by", name="return_is_confirmed_by_another"),
            status_says(
                "confirmed", "refused", column="decided_by", name="decided_return_says_who"
            ),
            once(
                "transfer",
                name="one_open_note_of_a_transfer",
                where=Q(status="noted"),
                told="这笔付款的退汇刚由别人登记，待核对，请刷新",
            ),
        ]

    def __str__(self) -> str:
        return f"退汇登记 {self.pk} 号"


class PaymentFile(models.Model):
    """A file for the bank that left the portal: by whom, and the fingerprint of its bytes."""

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="files")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("指纹", max_length=64)
    number_of = models.PositiveIntegerField("笔数")
    total = MoneyField("金额")
    taken_by, taken_at = first_hand("下载")

    objects = ScopedManager("batch__area__code")

    class Meta:
        ordering = ["batch", "id"]


class PaymentReturn(Upload):
    """What the bank says of the transfers (银行回盘), one row a transfer, and its job."""

    SERVICES = "funds.payments.returns.RETURNS"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    content = SealedField("文件", blank=True, context="funds.paymentreturn.content")  # base64
    arrived_count = models.PositiveIntegerField("成功", default=0)
    returned_count = models.PositiveIntegerField("退汇", default=0)
    known_count = models.PositiveIntegerField("此前已登记", default=0)
    returned_amount = MoneyField("退汇金额", default=Decimal("0.00"))

    objects = JobManager("area__code")

    AUDITED = ("status", "file_name", "sha256", "arrived_count", "returned_count", "known_count",
               "returned_amount")  # fmt: skip

    class Meta(Upload.Meta):
        ordering = ["-pk"]
        constraints = file_once(
            "area", name="payment_return_once", told="这份回盘文件刚由别人导入，请刷新"
        )
