"""The statements of 财会〔2017〕28号 as rows of data: which accounts each line is the sum of.

会社保01表 资产负债表 and 会社保02表 收支表, and the statement of net assets of the earlier rule
(财会〔2008〕1号). Every account of a chart stands in exactly one line, which
tests/funds/test_statements.py asks. A month that keeps the chart of 2008 has its statements in the
words and the order of that chart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Division
from funds.balances import AccountBalance, account_balances, book_of
from funds.chart import OF_2008, OF_2026, ROLES, Kind, printed_chart
from funds.models import ZERO, Account, Posting
from lib.periods import Month


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `account`: a general account, or one of its own accounts for a line "其中".
    `roles`: the accounts themselves, where a chart prints others together."""

    title: str
    account: str
    is_part: bool = False
    roles: frozenset[str] = frozenset()

    def holds(self, code: str) -> bool:
        if self.roles:
            return code in self.roles
        return code == self.account or (not self.is_part and code.partition("-")[0] == self.account)


def _part(title: str, account: str) -> Line:
    return Line(title, account, is_part=True)


ASSETS = (
    Line("库存现金", "1001"),
    Line("收入户存款", "1002"),
    Line("财政专户存款", "1003"),
    Line("支出户存款", "1004"),
    Line("国库存款", "1005"),
    Line("暂付款", "1101"),
    _part("异地就医预付金", "1101-remote"),
    _part("缴存风险基金", "1101-reserve"),
    _part("医保预付金", "1101-advance"),
    _part("应收超支分担", "1101-overspend"),
    Line("债券投资", "1201"),
)
LIABILITIES = (
    Line("暂收款", "2001"),
    _part("预收以后年度个人保费", "2001-advance_personal"),
    _part("预收以后年度资助保费", "2001-advance_aid"),
    _part("定向资助参保资金", "2001-sponsor"),
    _part("待查款", "2001-unidentified"),
    _part("异地就医资金", "2001-remote"),
    _part("支付退汇", "2001-returned"),
    _part("定点机构质量保证金", "2001-deposit"),
    _part("原系统应付待遇", "2001-unpaid"),
    _part("待收超支分担", "2001-overspend"),
    Line("借入款项", "2101"),
)
GENERAL_SURPLUS = Line("一般基金结余", "3001")
RESERVES = Line("风险基金结余", "3101")
NET_ASSETS = (
    GENERAL_SURPLUS,
    _part("门诊账户结余", "3001-household"),
    RESERVES,
    _part("大病储备金", "3101-serious_reserve"),
    _part("风险储备金", "3101-risk_reserve"),
    _part("年终结余转入", "3101-risk_fund"),
)
INCOME = (
    Line("社会保险费收入", "4001"),
    _part("个人缴费", "4001-personal"),
    _part("资助代缴", "4001-aid"),
    Line("财政补贴收入", "4101"),
    _part("中央", "4101-central"),
    _part("省", "4101-province"),
    _part("市", "4101-city"),
    _part("县", "4101-county"),
    _part("乡镇", "4101-township"),
    Line("利息收入", "4201"),
    Line("上级补助收入", "4401"),
    Line("下级上解收入", "4402"),
    Line("其他收入", "4501"),
    _part("追回以前年度待遇", "4501-recovery"),
    _part("超支分担", "4501-overspend"),
    _part("以前年度更正收入", "4501-earlier"),
    _part("其他", "4501-other"),
)
EXPENSE = (
    Line("社会保险待遇支出", "5001"),
    _part("住院费用支出", "5001-inpatient"),
    _part("门诊费用支出", "5001-outpatient"),
    _part("其他费用支出", "5001-other"),
    Line("大病保险支出", "5101"),
    _part("医保自办", "5101-own"),
    _part("商保承办", "5101-insurer"),
    Line("上解上级支出", "5301"),
    Line("补助下级支出", "5302"),
    Line("其他支出", "5401"),
    _part("以前年度更正支出", "5401-earlier"),
)

FORM: Mapping[Kind, Sequence[Line]] = {
    "asset": ASSETS,
    "liability": LIABILITIES,
    "net": NET_ASSETS,
    "income": INCOME,
    "expense": EXPENSE,
}
_KINDS = {one.code: one.kind for chart in ROLES.values() for one in chart}


def form_of(version: str, codes: Iterable[str]) -> Mapping[Kind, Sequence[Line]]:
    """The lines of the statements by the chart that the month keeps."""
    if version != OF_2008:
        return FORM
    found: dict[Kind, list[Line]] = {kind: [] for kind in FORM}
    for general in printed_chart(version, codes):
        lines = found[_KINDS[general.roles[0]]]
        lines.append(Line(general.name, general.address, roles=frozenset(general.roles)))
        if not general.is_alone:
            lines += [
                Line(one.printed.own, one.address, is_part=True, roles=frozenset(one.roles))
                for one in general.accounts
                if one.printed.mark
            ]
    return found


@dataclass(frozen=True, slots=True)
class Stated:
    """A line with its figures in yuan, in the order of the statement's columns. `is_idle`: an own
    account of which there is nothing to say."""

    line: Line
    figures: tuple[Decimal, ...]

    @property
    def is_idle(self) -> bool:
        return self.line.is_part and not any(self.figures)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines and their total: the sum of the lines that are no parts of others."""

    title: str
    lines: tuple[Stated, ...]
    columns: int

    @property
    def total(self) -> tuple[Decimal, ...]:
        whole = [one.figures for one in self.lines if not one.line.is_part]
        return tuple(sum((figures[at] for figures in whole), ZERO) for at in range(self.columns))


def _section(
    title: str,
    lines: Sequence[Line],
    codes: Iterable[str],
    sums: Sequence[Mapping[str, Decimal]],
) -> Section:
    """The lines that the book has an account for."""
    codes = list(codes)
    stated = tuple(
        Stated(line, tuple(_of(line, column) for column in sums))
        for line in lines
        if any(line.holds(code) for code in codes)
    )
    return Section(title, stated, len(sums))


def _of(line: Line, sums: Mapping[str, Decimal]) -> Decimal:
    return sum((amount for code, amount in sums.items() if line.holds(code)), ZERO)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """资产负债表: at the end of a month, and at the beginning of its year.

    Income and expense of the year that are not closed into 3001 yet stand in 一般基金结余, as the
    rule's monthly statement has them; `unclosed` says how much of it that is. `reserves`: of net
    assets what stands in the risk fund.
    """

    assets: Section
    liabilities: Section
    net: Section
    unclosed: tuple[Decimal, ...]
    reserves: tuple[Decimal, ...]

    @property
    def owed_and_owned(self) -> tuple[Decimal, ...]:
        """负债与净资产总计."""
        pairs = zip(self.liabilities.total, self.net.total, strict=True)
        return tuple(debt + own for debt, own in pairs)

    @property
    def is_even(self) -> bool:
        """资产 = 负债 + 净资产."""
        return self.assets.total == self.owed_and_owned


def balance_sheet(*, area: Division, fund_type: str, month: Month) -> BalanceSheet:
    """At the end of the month. A book that moved in within the year begins it with its opening
    balances. Raises Refusal where there is no book."""
    book = book_of(area, fund_type)
    begun = Month.of(book.first_month)
    balances = account_balances(
        area=area,
        through=month.last,
        first_month=max(Month(month.year, 1), begun),
        fund_type=fund_type,
    )
    return balance_sheet_of(balances, book.chart_at(month))


def balance_sheet_of(balances: Sequence[AccountBalance], version: str = OF_2026) -> BalanceSheet:
    """From balances that open with the year, in the words of a chart."""
    codes = [one.code for one in balances]
    form = form_of(version, codes)
    closing = {one.code: one.closing for one in balances}
    opening = {one.code: one.opening for one in balances}
    unclosed = (_unclosed(balances, "closing"), _unclosed(balances, "opening"))
    own = GENERAL_SURPLUS.account
    for sums, rest in zip((closing, opening), unclosed, strict=True):
        sums[own] = sums.get(own, ZERO) + rest
    columns = (closing, opening)
    return BalanceSheet(
        assets=_section("资产", form["asset"], codes, columns),
        liabilities=_section("负债", form["liability"], codes, columns),
        net=_section("净资产", form["net"], codes, columns),
        unclosed=unclosed,
        reserves=tuple(_of(RESERVES, column) for column in columns),
    )


def _unclosed(balances: Iterable[AccountBalance], at: str) -> Decimal:
    signs = {Account.Kind.INCOME: 1, Account.Kind.EXPENSE: -1}
    return sum((getattr(one, at) * signs.get(Account.Kind(one.kind), 0) for one in balances), ZERO)


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """收支表. Columns: the month, the year so far, the year before up to the same month."""

    income: Section
    expense: Section

    @property
    def surplus(self) -> tuple[Decimal, ...]:
        """本期基金结余 = 收入 − 支出."""
        pairs = zip(self.income.total, self.expense.total, strict=True)
        return tuple(income - expense for income, expense in pairs)


def income_statement(
    *,
    area: Division,
    fund_type: str,
    month: Month,
    codes: Iterable[str],
    version: str = OF_2026,
) -> IncomeStatement:
    """Of the month and the year so far, without year-end transfers, in the words of a chart. One
    statement. `codes`: the accounts of the book."""
    rows = Posting.objects.sums(
        area=area,
        first_month=Month(month.year - 1, 1),
        last_month=month,
        by=("year", "month", "account", "kind"),
        fund_type=fund_type,
    )
    columns: tuple[dict[str, Decimal], ...] = ({}, {}, {})
    for row in rows:
        if row["kind"] not in (Account.Kind.INCOME, Account.Kind.EXPENSE):
            continue
        amount = row["credit"] - row["debit"]
        amount = amount if row["kind"] == Account.Kind.INCOME else -amount
        is_this_year = row["year"] == month.year
        belongs = (
            is_this_year and row["month"] == month.month,
            is_this_year,
            not is_this_year and row["month"] <= month.month,
        )
        for sums, counts in zip(columns, belongs, strict=True):
            if counts:
                sums[row["account"]] = sums.get(row["account"], ZERO) + amount
    codes = list(codes)
    form = form_of(version, codes)
    return IncomeStatement(
        income=_section("基金收入", form["income"], codes, columns),
        expense=_section("基金支出", form["expense"], codes, columns),
    )


@dataclass(frozen=True, slots=True)
class NetAssets:
    """净资产变动表 of the rule of 2008: (一般统筹基金, 风险基金, 家庭账户基金) for each row."""

    opening: tuple[Decimal, ...]
    increase: tuple[Decimal, ...]
    moved: tuple[Decimal, ...]
    decrease: tuple[Decimal, ...]
    closing: tuple[Decimal, ...]


def net_assets(
    sheet: BalanceSheet,
    statement: IncomeStatement,
    *,
    accounts: tuple[Decimal, Decimal, Decimal],
) -> NetAssets:
    """`accounts`: of the household accounts what was brought forward, granted and used this year.

    The chart of 2017 has no 家庭账户基金: it is a part of 3001, shown beside it as the earlier rule
    did. Setting aside and granting move money between the columns and change no sum (E20, V17).
    """
    forward, granted, used = accounts
    closing, opening = sheet.reserves
    total = sheet.net.total
    _, income, _ = statement.income.total
    _, expense, _ = statement.expense.total
    reserved = closing - opening
    left = forward + granted - used
    return NetAssets(
        opening=(total[1] - opening - forward, opening, forward),
        increase=(income, ZERO, ZERO),
        moved=(-reserved - granted, reserved, granted),
        decrease=(expense - used, ZERO, used),
        closing=(total[0] - closing - left, closing, left),
    )
