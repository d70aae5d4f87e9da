"""The ledger: books, accounts, months, vouchers, postings, and the chain that seals them.

What must hold is held by PostgreSQL (migrations/0002_guards.py): vouchers balance, numbers have no
gaps, closed months take nothing, and what is posted is never changed or removed.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import connection, models
from django.db.models import F, Q, Sum

from accounts.fields import MoneyField
from accounts.models import Division, User
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import hand, later_hand, once, status_column
from desk.tones import TonedChoices
from funds.chart import (
    CHART_NAMES,
    DEBIT_KINDS,
    ROLES,
    Printed,
    general_code,
    printed,
    roles_of,
)
from funds.dimensions import InDimensions
from funds.events import EVENTS, FUNDING_LEVELS, OPENING, YEAR_END
from lib.periods import Month

ZERO = Decimal("0.00")
MANUAL_KEY = "manual:"
Kept = list[dict[str, object]] | None


def label_of(occurred_on: date, number: int) -> str:
    """The printed number of a voucher of that day."""
    return f"{occurred_on.year}-{occurred_on.month:02d}-{number:04d}"


class BookQuerySet(ScopedQuerySet["Book"]):
    division_path = "area__code"

    def of_residents(self, area: Division) -> Self:
        return self.filter(area=area, fund_type=Book.FundType.RESIDENT)

    def of_user(self, user: User) -> list["Book"]:
        """The books that the user may see, the residents' first."""
        return list(self.visible_to(user).select_related("area").order_by("area", "-fund_type"))


class Book(models.Model):
    """The books of one fund of one area (统筹区). A fund's money never mixes with another's."""

    class FundType(models.TextChoices):
        RESIDENT = "resident", "城乡居民基本医疗保险基金"
        ASSISTANCE = "assistance", "城乡医疗救助基金"

    class Chart(models.TextChoices):
        Y2008 = CHART_NAMES[0]
        Y2017 = CHART_NAMES[1]
        Y2026 = CHART_NAMES[2]

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    fund_type = models.CharField("基金", max_length=12, choices=FundType.choices)
    # With which it was opened; the one in force stands in each month (`Period.chart`).
    chart = models.CharField("科目表", max_length=4, choices=Chart.choices)
    # Off: cash basis, a premium is income when it arrives. On (with approval, supplement of 2026):
    # premiums for a later year wait under 2001 until that year begins.
    defers_advance_premium = models.BooleanField("以后年度保费先挂预收", default=False)
    first_month = models.DateField("启用月份")
    opened_by = hand(null=True)
    opened_at = models.DateTimeField("建账时间", auto_now_add=True)

    objects = BookQuerySet.as_manager()

    # How the trail spells its number.
    BORNE: ClassVar = ("{}/{}", ("area__code", "fund_type"))

    class Meta:
        ordering = ["area", "fund_type"]
        constraints = [
            once("area", "fund_type", name="one_book_per_fund"),
            models.CheckConstraint(
                condition=Q(first_month__day=1), name="book_opens_on_the_first_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name}{self.get_fund_type_display()}"

    @property
    def code(self) -> str:
        """How exports name the book: 500225/resident."""
        return f"{self.area.code}/{self.fund_type}"

    @property
    def roles(self) -> list[str]:
        """The codes of its accounts, without asking for them."""
        return [one.code for one in ROLES[self.fund_type]]

    def chart_at(self, month: Month) -> str:
        """The chart that the month keeps; of one that has not begun, the last month's."""
        found = self.periods.through(month).order_by("year", "month").last()
        found = found or self.periods.order_by("year", "month").first()
        return found.chart if found else self.chart


class Account(models.Model):
    """A lowest account of a book by its role (funds/chart.py), which is what `code` says. Code and
    name that people read depend on the month: `printed` of `funds.chart`."""

    class Kind(models.TextChoices):
        ASSET = "asset", "资产"
        LIABILITY = "liability", "负债"
        NET = "net", "净资产"
        INCOME = "income", "收入"
        EXPENSE = "expense", "支出"

    class Side(models.TextChoices):
        DEBIT = "debit", "借"
        CREDIT = "credit", "贷"

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts")
    code = models.CharField("科目编号", max_length=30)
    name = models.CharField("科目名称", max_length=60)
    kind = models.CharField("要素", max_length=10, choices=Kind.choices)
    normal_side = models.CharField("余额方向", max_length=6, choices=Side.choices)

    class Meta:
        ordering = ["book", "code"]
        constraints = [
            once("book", "code", name="account_code_once"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(DEBIT_KINDS), normal_side="debit")
                | (~Q(kind__in=sorted(DEBIT_KINDS)) & Q(normal_side="credit")),
                name="normal_side_follows_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def general_code(self) -> str:
        return general_code(self.code)


class PeriodQuerySet(ScopedQuerySet["Period"]):
    division_path = "book__area__code"

    def open(self) -> Self:
        return self.filter(status=Period.Status.OPEN)

    def of_business(self) -> Self:
        """Without the one that holds what the book began with."""
        return self.filter(is_opening=False)

    def latest_used(self) -> "Period | None":
        """The last month of business in which a voucher has a number."""
        return self.of_business().filter(next_number__gt=1).order_by("year", "month").last()

    def newest_first(self) -> Self:
        """With what the page of the months shows of each."""
        return self.select_related("book__area", "closed_by").order_by("-year", "-month")

    def at(self, month: Month) -> Self:
        return self.filter(year=month.year, month=month.month)

    def through(self, month: Month) -> Self:
        """Months up to and including this one."""
        return self.filter(Q(year__lt=month.year) | Q(year=month.year, month__lte=month.month))

    def since(self, month: Month) -> Self:
        """Months from this one on."""
        return self.filter(Q(year__gt=month.year) | Q(year=month.year, month__gte=month.month))

    @staticmethod
    def take_number(book: Book, month: Month) -> tuple[int, int] | None:
        """Take the next voucher number of an open month: (period id, number), or None.

        One statement that locks the month's row until the transaction ends. A transaction that
        fails gives its number back, so there are never gaps. Call it as late as possible.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE funds_period SET next_number = next_number + 1"
                " WHERE book_id = %s AND year = %s AND month = %s AND status = 'open'"
                " RETURNING id, next_number - 1",
                [book.pk, month.year, month.month],
            )
            row: tuple[int, int] | None = cursor.fetchone()
        return row


class Period(models.Model):
    """One month of a book. Once closed it stays closed."""

    class Status(TonedChoices):
        OPEN = "open", "wait", "未结账"
        CLOSED = "closed", "good", "已结账"

    book = models.ForeignKey(Book, models.PROTECT, related_name="periods")
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    # By which its accounts are printed. A month begins with that of the month before.
    chart = models.CharField(
        "科目表", max_length=4, choices=Book.Chart.choices, default=Book.Chart.Y2026
    )
    status = status_column(Status.OPEN, length=6)
    # The month before the book's first one: it holds the opening balances and nothing else, and is
    # closed with the first month (funds/opening/).
    is_opening = models.BooleanField("期初", default=False, db_default=False)
    next_number = models.PositiveIntegerField("下一凭证号", default=1)
    closed_by, closed_at = later_hand("结账")
    # What stood open when it was closed (`Found.as_json`); None of months closed without the list.
    checklist: "models.JSONField[Kept, Kept]" = models.JSONField("结账清单", null=True)

    objects = PeriodQuerySet.as_manager()

    AUDITED = ("status", "next_number")
    BORNE: ClassVar = ("{}-{:02d}", ("year", "month"))

    class Meta:
        ordering = ["book", "year", "month"]
        constraints = [
            once("book", "year", "month", name="period_once"),
            once("book", name="one_opening_period", where=Q(is_opening=True)),
            models.CheckConstraint(condition=Q(month__range=(1, 12)), name="month_of_twelve"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(status="closed", closed_at__isnull=False),
                name="closed_period_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月" + ("（期初）" if self.is_opening else "")

    @property
    def as_month(self) -> Month:
        return Month(self.year, self.month)

    @property
    def voucher_count(self) -> int:
        return self.next_number - 1


class VoucherQuerySet(ScopedQuerySet["Voucher"]):
    division_path = "book__area__code"

    def of_month(self, month: Month) -> Self:
        return self.filter(period__year=month.year, period__month=month.month)

    def touching(self, *, township_code: str = "", account: str = "") -> Self:
        """Vouchers with a posting of this township and account (as an address names it) on one and
        the same line."""
        wanted: dict[str, Any] = {}
        if township_code:
            wanted["township__code"] = township_code
        if account:
            wanted["account__code__in"] = roles_of(account)
        if not wanted:
            return self
        lines = Posting.objects.filter(voucher=models.OuterRef("pk"), **wanted)
        return self.filter(models.Exists(lines))

    def unsealed(self) -> Self:
        """In the order in which they will be sealed. Closed months are always sealed whole."""
        return self.filter(seal=None, period__status=Period.Status.OPEN).order_by(
            "period__year", "period__month", "number"
        )

    def of_business(self) -> Self:
        """Those that arose from what was done elsewhere, not by hand; what a book began with has
        its own two hands."""
        return self.filter(draft=None).exclude(event=OPENING)

    def unreviewed(self) -> Self:
        """Of the business, and nobody has reviewed them; doubted ones too (funds/reviewing/)."""
        return self.of_business().filter(review=None)

    def doubted(self) -> Self:
        return self.filter(doubts__status="open")  # of which a voucher has one at most

    def reviewable_by(self, user: User) -> Self:
        """What this user may review now."""
        rows = self.unreviewed().exclude(doubts__status="open")
        # Not exclude(): of vouchers that the portal made by itself nobody is the maker.
        return rows.filter(Q(prepared_by=None) | ~Q(prepared_by=user))

    def in_order(self) -> Self:
        return self.order_by("period__year", "period__month", "number")

    def with_postings(self) -> Self:
        """With everything that a record or a printed voucher shows, one query per table."""
        lines = Posting.objects.select_related("account", "township").order_by("line")
        return self.select_related("book__area", "period", "reversal_of").prefetch_related(
            models.Prefetch("postings", queryset=lines)
        )


class Voucher(models.Model):
    """A bookkeeping voucher (记账凭证). Only ever added; corrected by a red-letter one."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="vouchers")
    period = models.ForeignKey(Period, models.PROTECT, related_name="vouchers")
    number = models.PositiveIntegerField("凭证号")
    occurred_on = models.DateField("日期")
    # A key of EVENTS, which posting looks up: no list in the database, so that a new event is no
    # migration; verify_books names a voucher whose event is not in the list.
    event = models.CharField("事项", max_length=30)
    summary = models.CharField("摘要", max_length=200)
    source = models.CharField("来源", max_length=120)
    key = models.CharField("防重键", max_length=80)
    # The sum of debits and the number of postings, fixed with the voucher: a posting that is added
    # or taken away later contradicts them.
    amount = MoneyField("金额")
    line_count = models.PositiveIntegerField("分录数")
    content_digest = models.CharField("内容指纹", max_length=64)
    reversal_of = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversal", verbose_name="红冲的凭证"
    )
    prepared_by = hand(null=True)
    # As it was then: a person may change the name later, a voucher may not.
    preparer = models.CharField("制单人", max_length=40)
    posted_at = models.DateTimeField("记账时间")

    objects = VoucherQuerySet.as_manager()

    # How the trail spells its number.
    BORNE: ClassVar = ("{:%Y-%m}-{:04d}", ("occurred_on", "number"))
    # Said at COMMIT where no service has said it better (services/covering.py).
    TRIGGER_RACES: ClassVar = {
        "account_not_below_zero": ("账户的余额不够，没有记账；请核对余额和金额", "amount")
    }

    class Standing(TonedChoices):
        """What became of a voucher since."""

        RED = "red", "bad", "红字"
        REVERSED = "reversed", "bad", "已红冲"
        SEALED = "sealed", "good", "已封存"
        OPEN = "open", "idle", "待封存"

    class Meta:
        ordering = ["-period__year", "-period__month", "-number"]
        constraints = [
            once("period", "number", name="voucher_number_once"),
            once("book", "key", name="voucher_key_once"),
            models.CheckConstraint(condition=Q(line_count__gte=2), name="voucher_two_lines"),
            models.CheckConstraint(
                condition=Q(reversal_of=None, amount__gt=0)
                | Q(reversal_of__isnull=False, amount__lt=0),
                name="voucher_red_only_when_reversal",
            ),
        ]
        indexes = [models.Index(fields=["book", "occurred_on"])]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The printed number, e.g. 2026-03-0012: month and number within the book's month."""
        return label_of(self.occurred_on, self.number)

    @property
    def standing(self) -> Standing:
        """For rows that were read with reversal and seal."""
        if self.reversal_of_id:
            return self.Standing.RED
        if getattr(self, "reversal", None):
            return self.Standing.REVERSED
        return self.Standing.SEALED if getattr(self, "seal", None) else self.Standing.OPEN

    @property
    def is_manual(self) -> bool:
        """Whether the accountant entered it by hand (drafts/entering.py)."""
        return self.key.startswith(MANUAL_KEY)

    @property
    def event_number(self) -> str:
        return EVENTS[self.event].number

    @property
    def event_title(self) -> str:
        return EVENTS[self.event].title if self.event in EVENTS else self.event


# The dimensions that `sums` may group by, and where they stand.
DIMENSIONS: dict[str, str] = {
    "account": "account__code",
    "kind": "account__kind",
    "year": "period__year",
    "month": "period__month",
    "township": "township__code",
    "tier": "tier",
    "funding_level": "funding_level",
    "institution_code": "institution_code",
    "policy_year": "policy_year",
    "event": "voucher__event",
}


class PostingQuerySet(ScopedQuerySet["Posting"]):
    division_path = "voucher__book__area__code"

    def in_order(self) -> Self:
        return self.order_by("voucher", "line")

    def sums(
        self,
        *,
        area: Division,
        first_month: Month,
        last_month: Month,
        by: Sequence[str],
        fund_type: str = Book.FundType.RESIDENT,
    ) -> list[dict[str, Any]]:
        """What moved in these months, grouped: one dict per group with the keys of `by` and
        `debit`, `credit` (Decimal yuan; red-letter amounts count negative).

        `by`: names out of DIMENSIONS ("account" gives codes, "township" codes or None). Year-end
        transfers (E27, E28) are left out, so income is credit − debit, expense debit − credit, of
        any month of any year. Raises KeyError for an unknown name.
        """
        columns = {f"by_{name}": F(DIMENSIONS[name]) for name in by}
        book = Book.objects.filter(area=area, fund_type=fund_type)
        periods = Period.objects.filter(book__in=book).since(first_month).through(last_month)
        # A list, not a subquery: the planner then knows how few months it reads.
        rows: Any = (
            self.filter(period__in=list(periods.values_list("pk", flat=True)))
            .exclude(voucher__event__in=YEAR_END)
            .order_by()
            .values(**columns)
            .annotate(debited=Sum("debit"), credited=Sum("credit"))
            .order_by(*columns)
        )
        return [
            {name: row[f"by_{name}"] for name in by}
            | {"debit": row["debited"], "credit": row["credited"]}
            for row in rows
        ]

    def by_account(self) -> dict[int, tuple[Decimal, Decimal]]:
        """Account id → (debit, credit) of these postings, year-end transfers included."""
        rows = self.order_by().values_list("account_id").annotate(Sum("debit"), Sum("credit"))
        return {account: (debit, credit) for account, debit, credit in rows}


class Posting(InDimensions):
    """One line of a voucher: debit or credit, never both; negative only on a red-letter voucher.

    A red-letter voucher repeats the lines of the one it corrects, on the same sides, with the signs
    turned: so the year's totals of an account lose what was wrong, as 红字冲销 demands.
    """

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="postings")
    line = models.PositiveIntegerField("行号")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings", db_index=False)
    # The voucher's month again, so that months can be summed without reading vouchers.
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    debit = MoneyField("借方", default=ZERO)
    credit = MoneyField("贷方", default=ZERO)
    funding_level = models.CharField(
        "资金来源", max_length=20, blank=True, choices=list(FUNDING_LEVELS.items())
    )
    tier = models.CharField("档次", max_length=20, blank=True)
    township = models.ForeignKey(
        Division, models.PROTECT, null=True, related_name="+", verbose_name="乡镇", db_index=False
    )
    institution_code = models.CharField("机构代码", max_length=12, blank=True)
    policy_year = models.PositiveSmallIntegerField("保险年度", null=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["voucher", "line"]
        constraints = [
            once("voucher", "line", name="posting_line_once"),
            models.CheckConstraint(
                condition=(Q(debit=0) & ~Q(credit=0)) | (~Q(debit=0) & Q(credit=0)),
                name="posting_debit_or_credit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "period"], include=["debit", "credit"], name="posting_by_account"
            ),
            models.Index(fields=["township", "period"], name="posting_by_township"),
            models.Index(fields=["period"], name="posting_by_period"),
        ]

    @property
    def printed(self) -> Printed:
        """Its account as the chart of its month prints it; read with account and period."""
        return printed(self.period.chart, self.account.code)


class ClosingBalance(models.Model):
    """What an account had turned over in all, up to and including a closed month.

    Written when the month is closed. Balances are then this plus the postings since, and no payment
    ever waits for a running balance.
    """

    period = models.ForeignKey(Period, models.PROTECT, related_name="closing_balances")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    debit = MoneyField("借方累计")
    credit = MoneyField("贷方累计")

    class Meta:
        ordering = ["period", "account"]
        constraints = [
            once("period", "account", name="closing_balance_once"),
        ]


class Seal(models.Model):
    """One link of a book's hash chain: digest = SHA-256 of the link before and of the voucher."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="seals")
    sequence = models.PositiveIntegerField("序号")
    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="seal")
    previous = models.CharField("前一指纹", max_length=64)
    digest = models.CharField("指纹", max_length=64)
    sealed_at = models.DateTimeField("封存时间", auto_now_add=True)

    objects = ScopedManager("book__area__code")

    class Meta:
        ordering = ["book", "sequence"]
        constraints = [
            once("book", "sequence", name="seal_sequence_once"),
        ]


# One app; models by what they hold.
from funds.budget.models import Budget  # noqa: E402, F401
from funds.drafts.models import BookLimit, LimitProposal, VoucherDraft  # noqa: E402, F401
from funds.handing_out.models import ExportPiece, LedgerExport  # noqa: E402, F401
from funds.opening.models import Opening, OpeningLine  # noqa: E402, F401
from funds.payments.models import (  # noqa: E402, F401
    PaymentBatch,
    PaymentFile,
    PaymentKept,
    PaymentOrder,
    PaymentPart,
    PaymentReturn,
    PaymentVoucher,
    ReturnNote,
    Transfer,
)
from funds.plans.models import FundingPlan, PlanLine  # noqa: E402, F401
from funds.reconciling.models import (  # noqa: E402, F401
    AccountLine,
    AccountStatement,
    Adjustment,
    LineMatch,
    MatchedItem,
)
from funds.reviewing.models import VoucherDoubt, VoucherReview  # noqa: E402, F401
from funds.switching.models import ChartSwitch  # noqa: E402, F401
