"""What the books say: income, expenditure and balances by posting month (支付期)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division
from funds import named
from funds.balances import AccountBalance, account_balances, as_printed, book_of
from funds.chart import printed_chart
from funds.models import Account, Period, Posting
from lib.money import to_fen
from lib.periods import Month
from reports.population import DUE_COLUMNS

# Column of what is due → who of funds.named.FUNDERS pays it.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "personal": ("personal",),
    "central": ("central",),
    "province": ("province",),
    "city": ("city",),
    "county": ("county",),
    "other": ("aid", "township"),
}
SUMS = ("month", "previous", "year", "last_year")
GOVERNMENT = ("central", "province", "city", "county")


@dataclass(slots=True)
class Line:
    """One account of income or expense, in fen: as its chart prints it, `account` as an address
    names it."""

    code: str
    name: str
    account: str = ""
    month: int = 0
    previous: int = 0
    year: int = 0
    last_year: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finance:
    """The books at the end of a month, in fen.

    `flows`: income and expense of each of twelve months, the report's month last, without those
    before the book was opened; `paid`: of each the expense without premiums that went back, which
    are no benefits, whatever insurance year they were for. `received`: what came in for the
    insurance year so far and did not go back, whenever it came; `premiums_back`: what of it went
    back as an expense of this year; `ahead`: what is income of the books already and was
    paid for years that have not begun. `townships`: likewise what was paid for the people of each
    township this year and this month, `paid_in_year` all that was paid this year. `closed`: which
    of the book's months are closed.
    """

    income: list[Line]
    expense: list[Line]
    flows: dict[Month, tuple[int, int]]
    paid: dict[Month, int]
    paid_in_year: int
    received: dict[str, int]
    ahead: int
    premiums_back: int
    recovered_this_year: int
    recovered_earlier: int
    townships: dict[str, tuple[int, int]]
    begins: Month
    closed: dict[Month, bool]
    accounts: list[AccountBalance] = field(repr=False)
    version: str = ""  # the chart that the month keeps

    def keeps(self, month: Month) -> bool:
        """Whether there were books in this month; before them is 无账, not nothing."""
        return month >= self.begins

    @property
    def surplus(self) -> int:
        """What the fund may spend: the balance without what later years have paid for."""
        return self.balance - self.ahead

    @property
    def paying_months(self) -> int:
        """Of the twelve months those in which anything was paid."""
        return sum(1 for fen in self.paid.values() if fen > 0)

    @property
    def balance(self) -> int:
        """All that the fund owns: assets less liabilities."""
        return sum(
            to_fen(account.closing) * (1 if account.kind == Account.Kind.ASSET else -1)
            for account in self.accounts
            if account.kind in {Account.Kind.ASSET, Account.Kind.LIABILITY}
        )

    @property
    def reserve(self) -> int:
        """The part of the balance that stands in the reserves (风险基金)."""
        return sum(to_fen(a.closing) for a in self.accounts if named.is_reserve(a.code))

    @property
    def banks(self) -> list[tuple[str, int]]:
        """Name and fen of every cash and bank account that is in use."""
        money = [one for one in self.accounts if named.is_money(one.code) and not one.is_idle]
        return [(one.name, to_fen(one.closing)) for one in as_printed(money, self.version)]


def finance(*, area: Division, month: Month, policy_year: int) -> Finance:
    """The books of the area's resident fund. Raises Refusal when there are none.

    `policy_year`: the insurance year whose funds count as raised. One grouped sum over at most two
    years of postings, what was paid ahead, the balances and the months of the book.
    """
    book = book_of(area)
    begins = Month.of(book.first_month)
    if month < begins:
        raise Refusal(f"{area.name}的账套自 {begins} 启用，{month.words}无账，不能编制", "month")
    accounts = account_balances(area=area, through=month.last)
    by_account = Posting.objects.sums(
        area=area,
        first_month=Month(month.year - 1, 1),
        last_month=month,
        by=("year", "month", "kind", "account", "policy_year", "event", "township"),
    )
    flows = {one: (0, 0) for one in twelve_months(month) if one >= begins}
    paid = dict.fromkeys(flows, 0)
    lines: dict[str, Line] = {}
    for row in by_account:
        when, code = Month(row["year"], row["month"]), row["account"]
        if row["kind"] not in {Account.Kind.INCOME, Account.Kind.EXPENSE}:
            continue
        amount = moved(row)
        _add(lines.setdefault(code, Line(code, "")), when, month, amount)
        if when in flows:
            income, expense = flows[when]
            is_income = row["kind"] == Account.Kind.INCOME
            flows[when] = (income + amount * is_income, expense + amount * (not is_income))
            paid[when] += amount * _is_paid(row)
    periods = list(Period.objects.filter(book=book).through(month).order_by("year", "month"))
    version = periods[-1].chart if periods else book.chart
    kinds = {kind: [a.code for a in accounts if a.kind == kind] for kind in Account.Kind}
    return Finance(
        income=_printed(lines, version, kinds[Account.Kind.INCOME]),
        expense=_printed(lines, version, kinds[Account.Kind.EXPENSE]),
        flows=flows,
        paid=paid,
        paid_in_year=sum(
            moved(row) for row in by_account if _is_paid(row) and row["year"] == month.year
        ),
        received=received(by_account, policy_year),
        ahead=to_fen(
            named.paid_ahead(Posting.objects.filter(voucher__book=book), month.last, policy_year)
        ),
        premiums_back=sum(
            moved(row)
            for row in by_account
            if named.is_premium_back(row["event"], row["kind"])
            and (row["policy_year"], row["year"]) == (policy_year, month.year)
        ),
        recovered_this_year=-sum(
            moved(row)
            for row in by_account
            if row["event"] in named.RECOVERED
            and row["kind"] == Account.Kind.EXPENSE
            and row["year"] == month.year
        ),
        recovered_earlier=lines.get(
            named.account_of("prior_recovery", "credit"), Line("", "")
        ).year,
        townships=_townships(by_account, month),
        begins=begins,
        closed={one.as_month: one.status == Period.Status.CLOSED for one in periods},
        accounts=accounts,
        version=version,
    )


def _printed(lines: Mapping[str, Line], version: str, roles: list[str]) -> list[Line]:
    """What moved, as the chart prints it: roles that it prints as one account are one line."""
    found = []
    for general in printed_chart(version, roles):
        for one in general.accounts:
            moved = [lines[role] for role in one.roles if role in lines]
            if moved:
                sums = {name: sum(getattr(line, name) for line in moved) for name in SUMS}
                first = min(map(named.chart_position, one.roles))
                line = Line(one.printed.code, one.printed.name, one.address, **sums)
                found.append((first, line))
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def moved(row: Mapping[str, Any]) -> int:
    """Fen by which an account grew on its normal side."""
    amount = to_fen(row["credit"]) - to_fen(row["debit"])
    return -amount if row["kind"] in {Account.Kind.EXPENSE, Account.Kind.ASSET} else amount


def _is_paid(row: Mapping[str, Any]) -> bool:
    """Of sums of expense those that are no premiums that went back."""
    is_back = named.is_premium_back(row["event"], row["kind"])
    return row["kind"] == Account.Kind.EXPENSE and not is_back


def twelve_months(month: Month) -> Iterator[Month]:
    """The eleven months before and the month itself, in order."""
    one = Month(month.year - 1, month.month)
    for _ in range(12):
        one = one.next()
        yield one


def _add(line: Line, when: Month, month: Month, amount: int) -> None:
    if when == month:
        line.month += amount
    if when == month.previous():
        line.previous += amount
    if when.year == month.year:
        line.year += amount
    if when == Month(month.year - 1, month.month):
        line.last_year += amount


def received(rows: list[dict[str, Any]], policy_year: int) -> dict[str, int]:
    """Fen by funder, less what went back. A posting that names no insurance year is for the year it
    was made in. `rows`: sums by account and event among others."""
    found = dict.fromkeys(DUE_COLUMNS, 0)
    for row in rows:
        if (row["policy_year"] or row["year"]) != policy_year:
            continue
        for column, funders in RECEIVED.items():
            if named.funder_of(row["account"], row["event"]) in funders:
                found[column] += to_fen(row["credit"]) - to_fen(row["debit"])
    return found


def _townships(rows: list[dict[str, Any]], month: Month) -> dict[str, tuple[int, int]]:
    """Township code → fen paid out this year and this month; what names no township is left out."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        if not _is_paid(row) or row["year"] != month.year or row["township"] is None:
            continue
        year, this = found.get(row["township"], (0, 0))
        amount = moved(row)
        found[row["township"]] = (
            year + amount,
            this + amount * (row["month"] == month.month),
        )
    return found
