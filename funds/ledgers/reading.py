"""总账, 明细账 and 辅助账 of a book, read from the postings in a fixed number of statements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Q, Sum, Value, When

from funds.balances import on_side, turnover_through
from funds.chart import MONEY, PrintedGeneral, printed, printed_chart, roles_of
from funds.models import DIMENSIONS, ZERO, Account, Book, Period, Posting, PostingQuerySet
from lib.periods import Month

# What a ledger may be narrowed by, and 辅助账 is kept of.
BY = {
    "township": "乡镇",
    "tier": "档次",
    "funding_level": "资金来源",
    "institution_code": "机构",
    "policy_year": "保险年度",
}
NONE = "none"  # in an address: the postings that do not name it
PAGE = 100  # lines of a page of 明细账


@dataclass(frozen=True)
class Ledger:
    """The postings that a ledger tells of: of the accounts that an address means by `code`
    (`funds.chart.roles_of`), as the chart `version` prints them. `narrowed`: dimension → its value,
    NONE for those without.

    Raises LookupError for an account that the book has not.
    """

    book: Book
    code: str
    version: str
    narrowed: Mapping[str, str] = field(default_factory=dict)
    accounts: list[Account] = field(init=False)

    def __post_init__(self) -> None:
        found = list(self.book.accounts.filter(code__in=roles_of(self.code)).order_by("code"))
        if not found:
            raise LookupError(self.code)
        object.__setattr__(self, "accounts", found)

    @property
    def name(self) -> str:
        """1004 支出户存款; of several the general account's."""
        found = {printed(self.version, one.code) for one in self.accounts}
        if len(found) == 1:
            return str(found.pop())
        return "、".join(sorted({one.general_told for one in found}))

    @property
    def kind(self) -> str:
        """What the trade calls this book."""
        return "日记账" if self.code in MONEY else "明细账"

    @property
    def side(self) -> str:
        return self.accounts[0].normal_side

    def postings(self, first: Month | None, last: Month) -> PostingQuerySet:
        """Those of the months, from the book's beginning without a first one."""
        periods = Period.objects.filter(book=self.book).through(last)
        if first is not None:
            periods = periods.since(first)
        rows = Posting.objects.filter(
            account__in=self.accounts, period__in=list(periods.values_list("pk", flat=True))
        )
        for name, value in self.narrowed.items():
            rows = rows.filter(_is(DIMENSIONS[name], value))
        return rows

    def before(self, month: Month) -> Decimal:
        """The balance at the beginning of the month, on the account's normal side."""
        last = month.previous()
        if self.narrowed:
            return self.moved(*_sums(self.postings(None, last)))
        turned = turnover_through(self.book, last)
        return sum((self.moved(*turned.get(one.pk, (ZERO, ZERO))) for one in self.accounts), ZERO)

    def moved(self, debit: Decimal, credit: Decimal) -> Decimal:
        return on_side(self.side, debit, credit)


def _is(path: str, value: str) -> Q:
    if value != NONE:
        return Q(**{path: value})
    if path == DIMENSIONS["township"]:
        return Q(township=None)
    return Q(**{path: None} if path == "policy_year" else {path: ""})


def _sums(rows: Any) -> tuple[Decimal, Decimal]:
    found = rows.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    return found["debit"] or ZERO, found["credit"] or ZERO


@dataclass(frozen=True, slots=True)
class Line:
    """One line of 明细账: a posting, or a sum (`what` says which) without one.

    `balance`: on the account's normal side, None where the line tells none.
    """

    what: str
    debit: Decimal | None
    credit: Decimal | None
    balance: Decimal | None
    posting: Posting | None = None
    against: str = ""


@dataclass(frozen=True)
class DetailPage:
    """A page of 明细账. `number` of `last`: this page and how many there are."""

    lines: list[Line]
    number: int
    last: int


def detail(ledger: Ledger, first: Month, last: Month, page: int) -> DetailPage:
    """明细账 of the months: opening, every posting with the balance after it, sums of days (of
    money), months and years; a page begins with 承前页 and ends with 过次页."""
    rows = ledger.postings(first, last).order_by("voucher__occurred_on", "voucher__number", "line")
    number = rows.count()
    pages = max(1, -(-number // PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE
    balance = ledger.before(first) + ledger.moved(*_sums(rows[:start]) if start else (ZERO, ZERO))
    shown = list(rows.select_related("voucher", "township")[start : start + PAGE + 1])
    following = shown[PAGE] if len(shown) > PAGE else None
    shown = shown[:PAGE]
    lines = [Line("承前页" if start else _opening_words(first), None, None, balance)]
    lines += _told(ledger, first, shown, following, balance)
    if following is not None:
        lines.append(Line("过次页", None, None, _last_balance(lines)))
    return DetailPage(lines, page, pages)


def _opening_words(first: Month) -> str:
    return "上年结转" if first.month == 1 else "期初余额"


def _last_balance(lines: Sequence[Line]) -> Decimal:
    return next(line.balance for line in reversed(lines) if line.balance is not None)


def _told(
    ledger: Ledger,
    first: Month,
    shown: list[Posting],
    following: Posting | None,
    balance: Decimal,
) -> Iterator[Line]:
    """The postings, and after the last of a day or month what it came to."""
    if not shown:  # nothing moved in these months
        return
    against = _against(shown)
    days = _by_day(ledger, first, shown) if ledger.code in MONEY else {}
    months = _by_month(ledger, shown)
    for posting, after in zip(shown, [*shown[1:], following], strict=True):
        balance += ledger.moved(posting.debit, posting.credit)
        words = _in_words(against.get((posting.voucher_id, bool(posting.debit)), ()))
        yield Line(posting.voucher.summary, posting.debit, posting.credit, balance, posting, words)
        day = posting.voucher.occurred_on
        if after is not None and after.voucher.occurred_on == day:
            continue
        if day in days:
            yield Line("本日合计", *days[day], balance)
        if after is None or Month.of(after.voucher.occurred_on) != Month.of(day):
            of_month, of_year = months[Month.of(day)]
            yield Line("本月合计", *of_month, balance)
            yield Line("本年累计", *of_year, balance)


Pair = tuple[Decimal, Decimal]


def _by_day(ledger: Ledger, first: Month, shown: list[Posting]) -> Mapping[Any, Pair]:
    """Of the days on the page, whole: the first may have begun on the page before."""
    if not shown:
        return {}
    begun, ended = shown[0].voucher.occurred_on, shown[-1].voucher.occurred_on
    rows = ledger.postings(first, Month.of(ended)).filter(
        voucher__occurred_on__range=(begun, ended)
    )
    found = rows.order_by().values_list("voucher__occurred_on")
    return {
        day: (debit, credit) for day, debit, credit in found.annotate(Sum("debit"), Sum("credit"))
    }


def _by_month(ledger: Ledger, shown: list[Posting]) -> Mapping[Month, tuple[Pair, Pair]]:
    """Of the months on the page: what moved in the month, and in its year up to its end."""
    if not shown:
        return {}
    begun, ended = (Month.of(one.voucher.occurred_on) for one in (shown[0], shown[-1]))
    rows = ledger.postings(Month(begun.year, 1), ended).order_by()
    found = rows.values_list("period__year", "period__month").annotate(Sum("debit"), Sum("credit"))
    result: dict[Month, tuple[Pair, Pair]] = {}
    year, total = 0, (ZERO, ZERO)
    for at, month, debit, credit in found.order_by("period__year", "period__month"):
        if at != year:
            year, total = at, (ZERO, ZERO)
        total = (total[0] + debit, total[1] + credit)
        result[Month(at, month)] = ((debit, credit), total)
    return result


def _against(shown: list[Posting]) -> Mapping[tuple[int, bool], list[str]]:
    """(voucher, whether the line is a debit) → the accounts on its other side (对方科目)."""
    vouchers = {posting.voucher_id for posting in shown}
    rows = (
        Posting.objects.filter(voucher__in=vouchers)
        .order_by()
        .annotate(in_debit=Case(When(debit=0, then=Value(False)), default=Value(True)))
        .values_list("voucher_id", "in_debit", "account__code", "period__chart")
        .distinct()
    )
    found: dict[tuple[int, bool], list[str]] = {}
    for voucher, in_debit, code, version in sorted(rows):
        told = found.setdefault((voucher, not in_debit), [])
        if (one := str(printed(version, code))) not in told:
            told.append(one)
    return found


def _in_words(accounts: Sequence[str]) -> str:
    """5001 社会保险待遇支出—住院费用、门诊费用: what they lie under is said once."""
    told, before = [], ""
    for account in accounts:
        above, dash, own = account.partition("—")
        told.append(own if dash and above == before else account)
        before = above
    return "、".join(told)


@dataclass(frozen=True, slots=True)
class GeneralMonth:
    """A month of 总账: what moved in it and in its year, and how the account stands after it."""

    month: Month
    debit: Decimal
    credit: Decimal
    year_debit: Decimal
    year_credit: Decimal
    balance: Decimal

    @property
    def asked(self) -> str:
        """The month as the address of 明细账 names it."""
        return f"first={self.month}&last={self.month}"


@dataclass(frozen=True)
class GeneralAccount:
    """One general account over a year; `address`: how the other ledgers are asked for it."""

    code: str
    name: str
    address: str
    side: str
    opening: Decimal
    months: list[GeneralMonth]

    @property
    def side_name(self) -> str:
        return Account.Side(self.side).label

    @property
    def is_idle(self) -> bool:
        return not self.opening and not any(one.debit or one.credit for one in self.months)


def general(book: Book, year: int, account: str = "") -> list[GeneralAccount]:
    """总账 of a year as its chart prints it: every general account that stands or moves, or the one
    of this address."""
    periods = list(book.periods.of_business().filter(year=year).order_by("month"))
    version = periods[-1].chart if periods else book.chart_at(Month(year, 12))
    # A book that moved in within the year begins with its opening balances.
    first = periods[0].as_month if periods else Month(year, 1)
    opening = turnover_through(book, first.previous())
    rows = Posting.objects.filter(period__in=periods).order_by()
    moved: dict[int, dict[int, Pair]] = {}
    for pk, month, debit, credit in rows.values_list("account", "period__month").annotate(
        Sum("debit"), Sum("credit")
    ):
        moved.setdefault(month, {})[pk] = (debit, credit)
    there = {one.code: one for one in book.accounts.all()}
    found = [
        _general(one, [there[role] for role in one.roles], opening, moved, periods)
        for one in printed_chart(version, there)
        if not account or one.address == account
    ]
    return [one for one in found if not one.is_idle]


def _general(
    told: PrintedGeneral,
    accounts: list[Account],
    opening: Mapping[int, Pair],
    moved: Mapping[int, Mapping[int, Pair]],
    periods: Sequence[Period],
) -> GeneralAccount:
    side = accounts[0].normal_side

    def together(turned: Mapping[int, Pair]) -> Pair:
        return _sum_of([turned[one.pk] for one in accounts if one.pk in turned])

    balance = begun = on_side(side, *together(opening))
    months, year = [], (ZERO, ZERO)
    for period in periods:
        debit, credit = together(moved.get(period.month, {}))
        year = (year[0] + debit, year[1] + credit)
        balance += on_side(side, debit, credit)
        months.append(GeneralMonth(period.as_month, debit, credit, *year, balance))
    return GeneralAccount(told.code, told.name, told.address, side, begun, months)


def _sum_of(pairs: Sequence[Pair]) -> Pair:
    return sum((one for one, _ in pairs), ZERO), sum((other for _, other in pairs), ZERO)


@dataclass(frozen=True, slots=True)
class Share:
    """What of an account belongs to one value of a dimension."""

    value: str  # as an address names it
    name: str
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


def shares(
    ledger: Ledger, by: str, first: Month, last: Month, names: Mapping[str, str]
) -> list[Share]:
    """辅助账: opening, movement and closing of the account for each value of the dimension `by`.

    Their sums are those of the account. `names`: value → how it is called.
    """
    before = _by_value(ledger.postings(None, first.previous()), by)
    moved = _by_value(ledger.postings(first, last), by)
    found = []
    for value in sorted(set(before) | set(moved)):
        opening = ledger.moved(*before.get(value, (ZERO, ZERO)))
        debit, credit = moved.get(value, (ZERO, ZERO))
        closing = opening + ledger.moved(debit, credit)
        if opening or debit or credit:
            name = "（未注明）" if value == NONE else names.get(value, value)
            found.append(Share(value, name, opening, debit, credit, closing))
    return found


def _by_value(rows: PostingQuerySet, by: str) -> dict[str, Pair]:
    found = rows.order_by().values_list(DIMENSIONS[by]).annotate(Sum("debit"), Sum("credit"))
    return {
        NONE if value in (None, "") else str(value): (debit, credit)
        for value, debit, credit in found
    }
