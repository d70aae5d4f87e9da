"""What may stand in opening balances: asked of every row, at the form, of the file and by the
service."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from accounts.models import Division
from funds.chart import (
    DEBIT_KINDS,
    OPENED_BY_TWO_SIDES,
    OPENED_FOR,
    OPENED_ON_BOTH_SIDES,
    ROLES,
    ChartAccount,
    Kind,
    Printed,
    printed,
)
from funds.models import ZERO, Book
from funds.opening.models import OpeningLine
from institutions.models import Institution
from lib import typed_text
from lib.money import told
from lib.periods import Month

# Income and expense have no balance to begin with: what a year had before is a part of 3001.
BALANCE_KINDS: frozenset[Kind] = frozenset({"asset", "liability", "net"})
NO_BALANCE = (
    "收入、支出科目没有期初余额：本年一月起到启用日的收支差额并入一般基金结余，"
    "启用前各月的收支以原系统的收支表为准"
)
NAMES = {
    "tier": "档次",
    "township": "乡镇",
    "institution_code": "机构代码",
    "funding_level": "资金来源",
    "policy_year": "保险年度",
}
COLUMNS = ("debit", "credit", *NAMES)


def day_of(book: Book) -> date:
    """The day whose balances are brought forward: the last before the book begins."""
    return book.first_month - timedelta(days=1)


class Rules:
    """Of one book."""

    def __init__(self, book: Book) -> None:
        self.book, self.on = book, day_of(book)
        self.chart = book.chart_at(Month.of(book.first_month))
        self.accounts = {one.code: one for one in ROLES[book.fund_type]}

    # -- accounts ------------------------------------------------------------------------------

    @property
    def opened(self) -> list[ChartAccount]:
        """Accounts that may have an opening balance, in the order that the chart prints."""
        rows = [one for one in self.accounts.values() if one.kind in BALANCE_KINDS]
        return sorted(rows, key=lambda one: (self.code_of(one.code), one.code))

    def code_of(self, account: str) -> str:
        """The general account's number, which is what people read: own accounts have names."""
        return printed(self.chart, account).general

    def name_of(self, account: str) -> str:
        """As the chart prints it; where it prints several as one, as they are told apart here."""
        one = printed(self.chart, account)
        return self.accounts[account].name if len(self._printed[one]) > 1 else one.name

    def told_of(self, account: str) -> str:
        return f"{self.code_of(account)} {self.name_of(account)}"

    @cached_property
    def _printed(self) -> Mapping[Printed, list[str]]:
        """What the chart prints → the accounts that it stands for."""
        found: dict[Printed, list[str]] = {}
        for account in self.accounts:
            found.setdefault(printed(self.chart, account), []).append(account)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {typed_text.plain(self.name_of(one)): one for one in self.accounts}

    @cached_property
    def _by_code(self) -> Mapping[str, list[str]]:
        """Number of a general account → its accounts, the one without an own name alone in front
        of the others: 3001 without a name is 一般基金结余 itself."""
        found: dict[str, list[str]] = {}
        for account in self.accounts:
            found.setdefault(self.code_of(account), []).append(account)
        own = {one.general: roles for one, roles in self._printed.items() if not one.mark}
        return found | {code: roles for code, roles in own.items() if len(roles) == 1}

    def account_named(self, code: str, name: str) -> str:
        """The account that number and name mean; one of them may be empty. Raises ValueError with
        what to write instead."""
        code, plain = typed_text.plain(code), typed_text.plain(name)
        found = self._by_name.get(plain)
        if found is None:
            found = self._by_number(code, name)
        elif code and code != self.code_of(found):
            raise ValueError(f"“{name[:20]}”的编号是 {self.code_of(found)}，不是 {code[:20]}")
        if self.accounts[found].kind not in BALANCE_KINDS:
            raise ValueError(f"{self.told_of(found)}：{NO_BALANCE}")
        return found

    def _by_number(self, code: str, name: str) -> str:
        """Where the name is none of ours: the old system calls its accounts otherwise."""
        there = self._by_code.get(code, [])
        if len(there) == 1:
            return there[0]
        if there:
            names = "、".join(self.name_of(one) for one in there)
            raise ValueError(f"{code} 有下级科目，请在科目名称中写明细科目：{names}")
        raise ValueError(f"本账套没有科目“{code or name[:20]}”，请按下载的模板填写")

    # -- rows ----------------------------------------------------------------------------------

    @cached_property
    def institutions(self) -> frozenset[str]:
        rows = Institution.objects.filter(division__code__startswith=self.book.area.code)
        return frozenset(rows.values_list("code", flat=True))

    @cached_property
    def townships(self) -> Mapping[str, Division]:
        rows = Division.objects.filter(
            level=Division.Level.TOWNSHIP, code__startswith=self.book.area.code
        )
        return {one.code: one for one in rows.order_by("code")}

    def faults(self, row: OpeningLine) -> dict[str, str]:
        """Column → what is wrong with one row; empty when it is right."""
        account = self.accounts.get(row.account)
        if account is None or account.kind not in BALANCE_KINDS:
            words = NO_BALANCE if account else f"本账套没有科目“{row.account}”"
            return {"account": words}
        found = self._of_amounts(row, account)
        needs, may = OPENED_FOR.get(row.account, ((), ("tier",)))
        for column, name in NAMES.items():
            given = getattr(row, f"{column}_id" if column == "township" else column)
            if column in needs and not given:
                found[column] = f"{self.told_of(row.account)}要写明{name}，以后才知道是谁的钱"
            elif given and column not in (*needs, *may):
                found[column] = f"{self.told_of(row.account)}不分{name}，请留空"
        if row.institution_code and row.institution_code not in self.institutions:
            found.setdefault("institution_code", f"没有代码为“{row.institution_code}”的定点机构")
        if row.township_id and row.township not in self.townships.values():
            found.setdefault("township", "不是本县的乡镇")
        if (wrong := self._of_year(row)) and "policy_year" not in found:
            found["policy_year"] = wrong
        return found

    def _of_amounts(self, row: OpeningLine, account: ChartAccount) -> dict[str, str]:
        debit, credit = row.debit or ZERO, row.credit or ZERO
        for column, amount in (("debit", debit), ("credit", credit)):
            if amount < 0:
                return {column: "金额不能为负；余额在另一方的，填在另一栏"}
            if amount != round(amount, 2):
                return {column: "小数最多两位（到分）"}
        if debit and credit:
            return {"credit": "借方、贷方只能填一栏"}
        if not debit and not credit:
            return {"debit": "没有填写余额"}
        usual = "debit" if account.kind in DEBIT_KINDS else "credit"
        given = "debit" if debit else "credit"
        if given != usual and row.account not in OPENED_ON_BOTH_SIDES:
            side = "借方" if usual == "debit" else "贷方"
            return {given: f"{self.told_of(row.account)}的余额应在{side}"}
        return {}

    def _of_year(self, row: OpeningLine) -> str:
        """What is received for later years is for years after the day; all else is not."""
        if not row.policy_year:
            return ""
        if row.account.startswith("2001-advance"):
            if row.policy_year <= self.on.year:
                return f"{row.policy_year} 年在启用日以前已经开始，保费已是收入，不再是预收"
            most = self.on.year + 2
            return "" if row.policy_year <= most else f"保险年度应不晚于 {most} 年"
        if not self.on.year - 30 <= row.policy_year <= self.on.year:
            return f"保险年度应不晚于启用日所在的 {self.on.year} 年"
        return ""

    # -- all rows together ---------------------------------------------------------------------

    def together(self, rows: Sequence[OpeningLine]) -> str:
        """What is wrong with all rows, each of which is right; "" when nothing is."""
        if not rows:
            return "没有填写任何余额"
        debit, credit = sums(rows)
        if debit != credit:
            return (
                f"借贷不平：借方合计 {told(debit)} 元，贷方合计 {told(credit)} 元，"
                f"相差 {told(abs(debit - credit))} 元；请核对后再提交"
            )
        return self._one_sided(rows)

    def _one_sided(self, rows: Iterable[OpeningLine]) -> str:
        """What others bear of an overspend stands on both sides (E09)."""
        left: dict[tuple[object, ...], Decimal] = {}
        for row in rows:
            if row.account in OPENED_BY_TWO_SIDES:
                who = row.township_id, row.funding_level, row.institution_code, row.policy_year
                left[who] = left.get(who, ZERO) + row.debit - row.credit
        if any(left.values()):
            names = "、".join(self.name_of(one) for one in OPENED_BY_TWO_SIDES)
            return f"{names}应按乡镇、机构、年度一一相等，请核对"
        return ""


def sums(rows: Iterable[OpeningLine]) -> tuple[Decimal, Decimal]:
    """(debit, credit) of all rows, in yuan."""
    rows = list(rows)
    return sum((one.debit for one in rows), ZERO), sum((one.credit for one in rows), ZERO)


def twins(rows: Sequence[OpeningLine]) -> dict[int, int]:
    """Place of a row that repeats an earlier one's account and dimensions → place of that one."""
    first: dict[tuple[object, ...], int] = {}
    found = {}
    for at, row in enumerate(rows):
        where = (
            row.account, row.tier, row.township_id, row.institution_code, row.funding_level,
            row.policy_year,
        )  # fmt: skip
        before = first.setdefault(where, at)
        if before != at:
            found[at] = before
    return found
