"""Receipt books on their way, closed days, sponsors, bank and tax files, refunds."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet

ZERO = Decimal(0)


def _user(label: str, **options: object) -> "models.ForeignKey[User, User]":
    return models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=label, **options)  # type: ignore[arg-type]


class BookEventQuerySet(ScopedQuerySet["BookEvent"]):
    division_path = "book__township__code"

    def losses(self) -> "BookEventQuerySet":
        return self.filter(kind=BookEvent.Kind.LOSS)


class BookEvent(models.Model):
    """What happened to a receipt book after it was issued. Only ever added to."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", "转交"
        HAND_BACK = "hand_back", "交回"
        LOSS = "loss", "挂失"

    book = models.ForeignKey("enrollment.ReceiptBook", models.PROTECT, related_name="events")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    first_number = models.PositiveIntegerField("起号")
    last_number = models.PositiveIntegerField("止号")
    # A loss may have happened in a village that kept the book: its cadre answers for it.
    village = models.ForeignKey(
        Division, models.PROTECT, null=True, related_name="+", verbose_name="保管村"
    )
    holder = _user("原领用人")
    new_holder = _user("新领用人", null=True)
    on = models.DateField("日期")
    reason = models.CharField("事由", max_length=200)
    recorded_by = _user("登记人")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = BookEventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_number__gte=F("first_number")), name="book_event_in_order"
            ),
        ]


class BookCheckOffQuerySet(ScopedQuerySet["BookCheckOff"]):
    division_path = "book__township__code"


class BookCheckOff(models.Model):
    """核销: a finished book's counterfoils counted, as they stood on that day. Amounts in yuan."""

    book = models.OneToOneField(
        "enrollment.ReceiptBook", models.PROTECT, related_name="check_off", verbose_name="票据本"
    )
    people = models.PositiveIntegerField("参合人数")
    payers = models.PositiveIntegerField("实收人数")
    wubao_dibao = models.PositiveIntegerField("五保低保人数")
    sponsored = models.PositiveIntegerField("资助人数")
    amount = MoneyField("实收金额")
    sponsored_amount = MoneyField("资助金额")
    valid = models.PositiveIntegerField("有效张数")
    void = models.PositiveIntegerField("作废张数")
    lost = models.PositiveIntegerField("遗失张数")
    unused = models.PositiveIntegerField("交回张数")
    checked_by = _user("核销人")
    checked_on = models.DateField("核销日期")

    objects = BookCheckOffQuerySet.as_manager()


class DayCloseQuerySet(ScopedQuerySet["DayClose"]):
    division_path = "township__code"


class DayClose(models.Model):
    """日结: a clerk's day. `closing` is what should be in the box, `counted` what was.

    Amounts in yuan. `remitted`: paid in since the last close, less what the accountant returned.
    """

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    clerk = _user("经办人")
    day = models.DateField("日期")
    opening = MoneyField("上日结存")
    cash_receipts = models.PositiveIntegerField("现金张数")
    cash = MoneyField("现金收款")
    bank_receipts = models.PositiveIntegerField("转账张数")
    bank = MoneyField("转账收款")
    free_receipts = models.PositiveIntegerField("不收现金张数")
    sponsored = MoneyField("资助金额")
    void_receipts = models.PositiveIntegerField("作废张数")
    voided = MoneyField("退回现金")
    remitted = MoneyField("缴存")
    closing = MoneyField("应有现金")
    counted = MoneyField("实点现金")
    explanation = models.CharField("差额说明", max_length=200, blank=True)
    closed_at = models.DateTimeField("日结时间", auto_now_add=True)

    objects = DayCloseQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "clerk"]
        constraints = [
            models.UniqueConstraint(fields=["clerk", "day"], name="day_closed_once"),
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("cash") - F("voided") - F("remitted")),
                name="day_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(counted=F("closing")) | ~Q(explanation=""),
                name="cash_difference_is_explained",
            ),
        ]

    @property
    def difference(self) -> Decimal:
        """Counted less expected: more than zero is too much, less is short."""
        gap: Decimal = self.counted - self.closing
        return gap


class SponsorFundQuerySet(ScopedQuerySet["SponsorFund"]):
    division_path = "division__code"


class SponsorFund(models.Model):
    """Money of a village collective or donor for other people's premiums, used as it says.

    `division`: where the people enrol; `status`: only people with it; `people`: only these.
    """

    class Kind(models.TextChoices):
        COLLECTIVE = "collective", "村集体"
        DONOR = "donor", "社会捐助"

    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, verbose_name="参保年度")
    name = models.CharField("资助方", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="资助范围")
    status = models.CharField("限定身份", max_length=24, blank=True)
    purpose = models.CharField("资助约定", max_length=200)
    people: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        "enrollment.Person", related_name="+", verbose_name="限定人员"
    )
    recorded_by = _user("登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = SponsorFundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "name", "division"], name="sponsor_fund_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SponsorMoney(models.Model):
    """A sum that arrived in the collection account from a sponsor."""

    fund = models.ForeignKey(SponsorFund, models.PROTECT, related_name="money")
    amount = MoneyField("金额")
    received_on = models.DateField("到账日期")
    reference = models.CharField("银行流水号", max_length=40, unique=True)
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    recorded_by = _user("登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="sponsor_money_positive"),
        ]


class SponsorUse(models.Model):
    """A sponsor pays one person's part. Released when the receipt is void or refunded."""

    fund = models.ForeignKey(SponsorFund, models.PROTECT, related_name="uses")
    receipt = models.ForeignKey("enrollment.Receipt", models.PROTECT, related_name="sponsor_uses")
    enrollment = models.ForeignKey("enrollment.Enrollment", models.PROTECT, related_name="+")
    amount = MoneyField("金额")
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    released_on = models.DateField("退回日期", null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="sponsor_use_positive"),
            models.UniqueConstraint(fields=["receipt", "enrollment"], name="sponsor_pays_once"),
        ]


class BankStatementQuerySet(ScopedQuerySet["BankStatement"]):
    division_path = "area__code"


class BankStatement(models.Model):
    """A statement of the collection account (收入户) as the bank gave it."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    file_name = models.CharField("文件", max_length=120)
    sha256 = models.CharField(max_length=64)
    line_count = models.PositiveIntegerField("笔数")
    known_count = models.PositiveIntegerField("此前已导入")
    imported_by = _user("导入人")
    imported_on = models.DateField("导入日期")

    objects = BankStatementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["area", "sha256"], name="bank_statement_once"),
        ]


class BankLineQuerySet(ScopedQuerySet["BankLine"]):
    division_path = "area__code"

    def open(self) -> "BankLineQuerySet":
        """Not yet known what for."""
        return self.filter(kind="")


class BankLine(models.Model):
    """One movement of the collection account: `amount` in yuan, out of the account negative."""

    class Kind(models.TextChoices):
        REMITTANCE = "remittance", "缴存"
        RECEIPT = "receipt", "转账缴费"
        SPONSOR = "sponsor", "资助款"
        INTEREST = "interest", "利息"
        TRANSFER = "transfer", "划入财政专户"
        OFFSET = "offset", "退回冲抵"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    serial = models.CharField("流水号", max_length=40)
    booked_on = models.DateField("入账日期")
    amount = MoneyField("金额")
    summary = models.CharField("摘要", max_length=120, blank=True)
    kind = models.CharField("用途", max_length=10, choices=Kind.choices, blank=True)
    remittance = models.ForeignKey(
        "enrollment.Remittance", models.PROTECT, null=True, related_name="bank_lines"
    )
    receipt = models.OneToOneField(
        "enrollment.Receipt", models.PROTECT, null=True, related_name="bank_line"
    )
    sponsor_money = models.OneToOneField(
        SponsorMoney, models.PROTECT, null=True, related_name="bank_line"
    )
    offset = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    settled_by = _user("核对人", null=True)
    settled_on = models.DateField("核对日期", null=True)

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ["booked_on", "serial"]
        constraints = [
            models.UniqueConstraint(fields=["area", "serial"], name="bank_serial_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_moves_money"),
            models.CheckConstraint(
                condition=Q(kind="", settled_by=None) | (~Q(kind="") & Q(settled_by__isnull=False)),
                name="settled_line_says_who",
            ),
            models.CheckConstraint(
                condition=~Q(kind="remittance") | Q(remittance__isnull=False),
                name="remittance_line_has_remittance",
            ),
        ]


class TaxFileQuerySet(ScopedQuerySet["TaxFile"]):
    division_path = "area__code"


class TaxFile(models.Model):
    """Payments that the tax bureau took (税务征收), one row a person."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, verbose_name="参保年度")
    file_name = models.CharField("文件", max_length=120)
    sha256 = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField("笔数")
    known_count = models.PositiveIntegerField("此前已导入")
    amount = MoneyField("金额")
    imported_by = _user("导入人")
    imported_on = models.DateField("导入日期")

    objects = TaxFileQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "sha256"], name="tax_file_once"),
        ]


class TaxRowQuerySet(ScopedQuerySet["TaxRow"]):
    division_path = "file__area__code"

    def open(self) -> "TaxRowQuerySet":
        return self.filter(enrollment=None)


class TaxRow(models.Model):
    """One payment. Without `enrollment` it is money that nobody's enrolment explains yet."""

    file = models.ForeignKey(TaxFile, models.PROTECT, related_name="rows")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    line = models.PositiveIntegerField("行")
    name = models.CharField("姓名", max_length=40, blank=True)
    resident_id = SealedField("身份证号")
    resident_id_index = models.CharField(max_length=32, db_index=True)
    serial = models.CharField("税票流水号", max_length=40)
    paid_on = models.DateField("缴费日期")
    amount = MoneyField("金额")
    problem = models.CharField("未匹配原因", max_length=200, blank=True)
    enrollment = models.OneToOneField(
        "enrollment.Enrollment", models.PROTECT, null=True, related_name="tax_row"
    )
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    # The voucher that keeps the money as 待查款 until somebody's enrolment explains it.
    suspense_voucher = models.CharField(
        "待查款凭证号", max_length=30, blank=True, default="", db_default=""
    )

    objects = TaxRowQuerySet.as_manager()

    class Meta:
        ordering = ["file", "line"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "serial"], name="tax_serial_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="tax_row_positive"),
            models.CheckConstraint(
                condition=Q(enrollment__isnull=False) | ~Q(problem=""),
                name="unmatched_tax_row_says_why",
            ),
        ]


class RefundQuerySet(ScopedQuerySet["Refund"]):
    division_path = "enrollment__division__code"


class Refund(models.Model):
    """A premium given back: asked for by one person, granted by another, paid by a third.

    Granting ends the cover. Where nothing goes to the family it is done with that.
    """

    class Ground(models.TextChoices):
        DOUBLE = "double", "重复缴费"
        DEATH = "death", "待遇期开始前死亡"
        ELSEWHERE = "elsewhere", "待遇期开始前已在外地或职工参保"

    class Status(models.TextChoices):
        REQUESTED = "requested", "待审批"
        GRANTED = "granted", "待支付"
        PAID = "paid", "已退费"
        REFUSED = "refused", "未同意"

    enrollment = models.ForeignKey("enrollment.Enrollment", models.PROTECT, related_name="refunds")
    ground = models.CharField("退费事由", max_length=10, choices=Ground.choices)
    ground_date = models.DateField("事由发生日期")
    evidence = models.CharField("依据材料", max_length=200)
    # What goes back to the family, and what to the sponsor's fund.
    amount = MoneyField("退还金额")
    sponsor_amount = MoneyField("退回资助资金", default=ZERO)
    payee = models.CharField("收款人", max_length=40)
    bank_account = SealedField("收款账号", blank=True)
    status = models.CharField(
        "状态", max_length=10, choices=Status.choices, default=Status.REQUESTED
    )
    requested_by = _user("申请人")
    requested_on = models.DateField("申请日期")
    decided_by = _user("审批人", null=True)
    decided_on = models.DateField("审批日期", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    paid_by = _user("付款人", null=True)
    paid_on = models.DateField("付款日期", null=True)
    voucher_number = models.CharField("凭证号", max_length=70, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=~Q(status="refused"), name="one_live_refund"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="refund_is_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(status="requested") | Q(decided_by__isnull=False),
                name="decided_refund_says_who",
            ),
            models.CheckConstraint(
                condition=Q(paid_by=None)
                | ~Q(paid_by=F("requested_by")) & ~Q(paid_by=F("decided_by")),
                name="refund_is_paid_by_a_third_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid_on__isnull=False),
                name="paid_refund_says_when",
            ),
        ]
