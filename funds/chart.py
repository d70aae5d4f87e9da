"""The accounts of a book by the role in which code knows them, and how charts print them.

`Account.code` is the role, spelled as the chart in force spells it (财会〔2017〕28号 with its
supplement of 2026); it never changes. What is printed for it in a month, code and name, is said by
`printed` for the chart that this month keeps (`Period.chart`), and by nothing else: 财政专户存款 is
1003 in the charts of 2017 and 2026 and was 1002 in that of 2008, where 1003 was 收入户存款.
Only the lowest accounts exist; the first four digits are the general account (总账科目).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.migrations import RunPython

Kind = Literal["asset", "liability", "net", "income", "expense"]


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """One lowest account (明细科目) by its role; `name` is general name—own name, as the chart of
    2026 has it."""

    code: str
    name: str
    kind: Kind


_BANK = (
    ChartAccount("1002", "收入户存款", "asset"),
    ChartAccount("1003", "财政专户存款", "asset"),
    ChartAccount("1004", "支出户存款", "asset"),
)
_SUBSIDY = tuple(
    ChartAccount(f"4101-{level}", f"财政补贴收入—{name}", "income")
    for level, name in (
        ("central", "中央"),
        ("province", "省"),
        ("city", "市"),
        ("county", "县"),
        ("township", "乡镇"),
    )
)
_BENEFIT = tuple(
    ChartAccount(f"5001-{purpose}", f"社会保险待遇支出—{name}", "expense")
    for purpose, name in (
        ("inpatient", "住院费用"),
        ("outpatient", "门诊费用"),
        ("other", "其他费用"),
    )
)
# What was paid and came back from the bank is owed until it is paid again.
_RETURNED = ChartAccount("2001-returned", "暂收款—支付退汇", "liability")
_OTHER_INCOME = (
    ChartAccount("4201", "利息收入", "income"),
    ChartAccount("4501-recovery", "其他收入—追回以前年度待遇", "income"),
    ChartAccount("4501-overspend", "其他收入—超支分担", "income"),
    ChartAccount("4501-earlier", "其他收入—以前年度更正收入", "income"),
    ChartAccount("4501-other", "其他收入—其他", "income"),
)
_OTHER_EXPENSE = (
    ChartAccount("5401", "其他支出", "expense"),
    ChartAccount("5401-earlier", "其他支出—以前年度更正支出", "expense"),
)

RESIDENT: tuple[ChartAccount, ...] = (
    ChartAccount("1001", "库存现金", "asset"),
    *_BANK,
    ChartAccount("1005", "国库存款", "asset"),
    ChartAccount("1101-remote", "暂付款—异地就医预付金", "asset"),
    ChartAccount("1101-reserve", "暂付款—缴存风险基金", "asset"),
    ChartAccount("1101-advance", "暂付款—医保预付金", "asset"),
    # What townships and institutions are to bear of an overspend and have not paid yet; it is no
    # income before it is (收付实现制), so that the same stands on the other side.
    ChartAccount("1101-overspend", "暂付款—应收超支分担", "asset"),
    ChartAccount("1201", "债券投资", "asset"),
    ChartAccount("2001-advance_personal", "暂收款—预收以后年度个人保费", "liability"),
    ChartAccount("2001-advance_aid", "暂收款—预收以后年度资助保费", "liability"),
    ChartAccount("2001-sponsor", "暂收款—定向资助参保资金", "liability"),
    ChartAccount("2001-unidentified", "暂收款—待查款", "liability"),
    ChartAccount("2001-remote", "暂收款—异地就医资金", "liability"),
    _RETURNED,
    # Kept back of what institutions are paid until the yearly assessment.
    ChartAccount("2001-deposit", "暂收款—定点机构质量保证金", "liability"),
    # Benefits that the old system had decided and not paid when the county moved in.
    ChartAccount("2001-unpaid", "暂收款—原系统应付待遇", "liability"),
    ChartAccount("2001-overspend", "暂收款—待收超支分担", "liability"),
    ChartAccount("2101", "借入款项", "liability"),
    ChartAccount("3001", "一般基金结余", "net"),
    ChartAccount("3001-household", "一般基金结余—门诊账户结余", "net"),
    ChartAccount("3101-serious_reserve", "风险基金结余—大病储备金", "net"),
    ChartAccount("3101-risk_reserve", "风险基金结余—风险储备金", "net"),
    ChartAccount("3101-risk_fund", "风险基金结余—年终结余转入", "net"),
    ChartAccount("4001-personal", "社会保险费收入—个人缴费", "income"),
    ChartAccount("4001-aid", "社会保险费收入—资助代缴", "income"),
    *_SUBSIDY,
    *_OTHER_INCOME,
    ChartAccount("4401", "上级补助收入", "income"),
    ChartAccount("4402", "下级上解收入", "income"),
    *_BENEFIT,
    ChartAccount("5101-own", "大病保险支出—医保自办", "expense"),
    ChartAccount("5101-insurer", "大病保险支出—商保承办", "expense"),
    ChartAccount("5301", "上解上级支出", "expense"),
    ChartAccount("5302", "补助下级支出", "expense"),
    *_OTHER_EXPENSE,
)

# 城乡医疗救助基金参照执行 (supplement of 2026): a book of its own, never mixed with insurance.
ASSISTANCE: tuple[ChartAccount, ...] = (
    *_BANK,
    _RETURNED,
    ChartAccount("3001", "一般基金结余", "net"),
    *_SUBSIDY,
    *_OTHER_INCOME,
    *_BENEFIT,
    *_OTHER_EXPENSE,
)

ROLES: dict[str, tuple[ChartAccount, ...]] = {"resident": RESIDENT, "assistance": ASSISTANCE}

DEBIT_KINDS: frozenset[str] = frozenset({"asset", "expense"})

# Cash and money at banks and in the treasury: what is not there cannot be paid.
MONEY: frozenset[str] = frozenset({"1001", "1002", "1003", "1004", "1005"})
BANK_ACCOUNTS = MONEY - {"1001"}
COLLECTION = "1002"
RESERVE = "3101"
# What the households keep on their outpatient accounts from year to year.
HOUSEHOLDS = "3001-household"

# ---- what a book may begin with (funds/opening/) ---

# Account → (dimensions that its opening balance has to name, those that it may): without them
# nobody could say later whose money it is, and what the measures work out would not find it. Of the
# others the tier may be named.
_OVERSPEND = (("township", "funding_level", "policy_year"), ("institution_code", "tier"))
OPENED_FOR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "1101-advance": (("institution_code",), ("township", "policy_year", "tier")),
    "1101-overspend": _OVERSPEND,
    "2001-overspend": _OVERSPEND,
    "2001-advance_personal": (("policy_year",), ("township", "tier", "funding_level")),
    "2001-advance_aid": (("policy_year",), ("township", "tier", "funding_level")),
    "2001-sponsor": ((), ("township", "tier", "funding_level", "policy_year")),
    "2001-unidentified": ((), ("township",)),
    "2001-returned": ((), ("township", "tier", "institution_code", "policy_year")),
    "2001-deposit": (("institution_code",), ("township", "tier", "policy_year")),
    "2001-unpaid": ((), ("township", "tier", "policy_year")),
    HOUSEHOLDS: (("policy_year",), ("township", "tier")),
    "3101-serious_reserve": ((), ("tier", "policy_year")),
    "3101-risk_reserve": ((), ("tier", "policy_year")),
    "3101-risk_fund": ((), ("tier", "policy_year")),
}
# What others are to bear stands on both, alike.
OPENED_BY_TWO_SIDES = ("1101-overspend", "2001-overspend")
# A fund that spent more than it had begins with a debit.
OPENED_ON_BOTH_SIDES = ("3001",)


def never_below_zero(code: str) -> bool:
    """Money and reserves; the guard of migrations/0012_never_below_zero.py holds the same ones.

    Not 3001: what a year sets aside is taken from it before the year's surplus comes in.
    """
    return code in MONEY or general_code(code) == RESERVE


def general_code(code: str) -> str:
    """The general account of a role: 5001-inpatient → 5001."""
    return code[:4]


# ---- what charts print ---------------------------------------------------------------------------

OF_2008, OF_2017, OF_2026 = "2008", "2017", "2026"
CHART_NAMES = (
    (OF_2008, "财会〔2008〕1号（新农合）"),
    (OF_2017, "财会〔2017〕28号"),
    (OF_2026, "财会〔2017〕28号及 2026 年补充规定"),
)
# In the order in which a book may go from one to another.
VERSIONS = tuple(version for version, _ in CHART_NAMES)
# 城乡医疗救助基金 follows these rules since the supplement of 2026 only.
CHARTS_OF_FUND: dict[str, tuple[str, ...]] = {"resident": VERSIONS, "assistance": (OF_2026,)}


@dataclass(frozen=True, slots=True)
class Printed:
    """How a chart prints an account. `mark`: what the code of a lowest account has behind that of
    its general one, "" where the two are the same. `doubt`: what of it no source says."""

    general: str
    general_name: str
    own: str = ""
    mark: str = ""
    doubt: str = ""

    @property
    def code(self) -> str:
        return f"{self.general}-{self.mark}" if self.mark else self.general

    @property
    def name(self) -> str:
        return f"{self.general_name}—{self.own}" if self.own else self.general_name

    @property
    def general_told(self) -> str:
        return f"{self.general} {self.general_name}"

    def __str__(self) -> str:
        """The number a person knows it by: own accounts have names, no numbers of their own."""
        return f"{self.general} {self.name}"


def _as_role(account: ChartAccount) -> Printed:
    general, _, own = account.name.partition("—")
    code, _, mark = account.code.partition("-")
    return Printed(code, general, own, mark)


# 财会〔2017〕28号 and its supplement (补充规定), in force since 2026-01-01.
_2026 = {one.code: _as_role(one) for one in RESIDENT}

# Before the supplement 医保预付金, 预收以后年度保费 and the two kinds of 大病保险支出 had no
# accounts of their own.
_2017 = _2026 | {
    "1101-advance": Printed("1101", "暂付款", "其他", "other"),
    "2001-advance_personal": Printed("2001", "暂收款", "其他", "other"),
    "2001-advance_aid": Printed("2001", "暂收款", "其他", "other"),
    "5101-own": Printed("5101", "大病保险支出"),
    "5101-insurer": Printed("5101", "大病保险支出"),
}

# 财会〔2008〕1号, with 5003 of 财会〔2013〕21号. Of its text what was at hand names with numbers
# 1002, 1003, 4004, 4005, 4006, 5001 and 5003, and without them 缴存省级风险基金, 暂付款, 借入款项
# and 暂收款; 1001, 1004, 3001, 3002, 4001, 4002 are as textbooks have them. What has a `doubt` is
# to be compared with the original. Own names below a general account are the county's.
_NO_NUMBER = "编号未见原文"
_NOT_THERE = "2008 年制度没有这个科目"
_ADVANCED = ("1101", "暂付款")
_HELD = ("2002", "暂收款")
_RISK = Printed("3001", "统筹基金", "风险基金", "reserve")
_2008 = {
    "1001": Printed("1001", "现金"),
    "1002": Printed("1003", "收入户存款"),
    "1003": Printed("1002", "财政专户存款"),
    "1004": Printed("1004", "支出户存款"),
    "1005": Printed("1005", "国库存款", doubt=_NOT_THERE),
    "1101-remote": Printed(*_ADVANCED, "异地就医预付金", "remote", _NO_NUMBER),
    "1101-reserve": Printed("1102", "缴存省级风险基金", doubt=_NO_NUMBER),
    "1101-advance": Printed(*_ADVANCED, "医保预付金", "advance", _NO_NUMBER),
    "1101-overspend": Printed(*_ADVANCED, "应收超支分担", "overspend", _NO_NUMBER),
    "1201": Printed("1201", "债券投资", doubt=_NOT_THERE),
    "2001-advance_personal": Printed(*_HELD, "预收以后年度缴费", "advance", _NO_NUMBER),
    "2001-advance_aid": Printed(*_HELD, "预收以后年度缴费", "advance", _NO_NUMBER),
    "2001-sponsor": Printed(*_HELD, "定向资助参合资金", "sponsor", _NO_NUMBER),
    "2001-unidentified": Printed(*_HELD, "待查款", "unidentified", _NO_NUMBER),
    "2001-remote": Printed(*_HELD, "异地就医资金", "remote", _NO_NUMBER),
    "2001-returned": Printed(*_HELD, "支付退汇", "returned", _NO_NUMBER),
    "2001-deposit": Printed(*_HELD, "定点机构质量保证金", "deposit", _NO_NUMBER),
    "2001-unpaid": Printed(*_HELD, "原系统应付待遇", "unpaid", _NO_NUMBER),
    "2001-overspend": Printed(*_HELD, "待收超支分担", "overspend", _NO_NUMBER),
    "2101": Printed("2001", "借入款项", doubt=_NO_NUMBER),
    "3001": Printed("3001", "统筹基金", "一般统筹基金", "general"),
    "3001-household": Printed("3002", "家庭账户基金"),
    "3101-serious_reserve": _RISK,
    "3101-risk_reserve": _RISK,
    "3101-risk_fund": _RISK,
    "4001-personal": Printed("4001", "农民个人缴费收入"),
    "4001-aid": Printed("4002", "农村医疗救助资助收入"),
    "4101-central": Printed("4004", "政府资助收入", "中央财政", "central"),
    "4101-province": Printed("4004", "政府资助收入", "省级财政", "province"),
    "4101-city": Printed("4004", "政府资助收入", "地（市）级财政", "city"),
    "4101-county": Printed("4004", "政府资助收入", "县级财政", "county"),
    "4101-township": Printed("4004", "政府资助收入", "乡镇财政", "township"),
    "4201": Printed("4005", "利息收入"),
    "4501-recovery": Printed("4006", "其他收入", "追回以前年度补偿", "recovery"),
    "4501-overspend": Printed("4006", "其他收入", "超支分担", "overspend"),
    "4501-earlier": Printed("4006", "其他收入", "以前年度更正收入", "earlier"),
    "4501-other": Printed("4006", "其他收入", "其他", "other"),
    "4401": Printed("4401", "上级补助收入", doubt=_NOT_THERE),
    "4402": Printed("4402", "下级上解收入", doubt=_NOT_THERE),
    # What households used of their accounts (5002 家庭账户基金支出) is booked with outpatient care
    # and told apart by the registers alone; there is no posting to print there.
    "5001-inpatient": Printed("5001", "统筹基金支出", "住院费用", "inpatient"),
    "5001-outpatient": Printed("5001", "统筹基金支出", "门诊费用", "outpatient"),
    "5001-other": Printed("5001", "统筹基金支出", "其他费用", "other"),
    # Bought insurance is 5003; what the county paid for serious illness itself came from the pool.
    "5101-own": Printed("5001", "统筹基金支出", "大病补偿", "serious"),
    "5101-insurer": Printed("5003", "购买大病保险支出"),
    "5301": Printed("5301", "上解上级支出", doubt=_NOT_THERE),
    "5302": Printed("5302", "补助下级支出", doubt=_NOT_THERE),
    "5401": Printed("5401", "其他支出", doubt=_NOT_THERE),
    "5401-earlier": Printed("5401", "其他支出", "以前年度更正支出", "earlier", _NOT_THERE),
}
PRINTED: dict[str, dict[str, Printed]] = {OF_2008: _2008, OF_2017: _2017, OF_2026: _2026}


def printed(version: str, role: str) -> Printed:
    """How the chart of this version prints the account: the one place that says so."""
    return PRINTED[version][role]


# In an address: behind the code of an account that has others below it, without them.
OWN = "="
# And what a chart prints as one account where that is not one of the roles: 3001@2008.
AT = "@"


def roles_of(account: str) -> frozenset[str]:
    """The roles that an address means by an account: a role, four digits for all below them, one
    with OWN behind it, or a code that a chart prints. Empty for what is none."""
    if account.endswith(OWN):
        return frozenset(_2026.keys() & {account.removesuffix(OWN)})
    code, at, version = account.partition(AT)
    if at:
        there = PRINTED.get(version, {}).items()
        return frozenset(role for role, one in there if code in (one.code, one.general))
    is_general = account == general_code(account)
    return frozenset(
        role for role in _2026 if role == account or (is_general and general_code(role) == account)
    )


@dataclass(frozen=True, slots=True)
class PrintedAccount:
    """An account of a printed chart: its roles, and how an address names it."""

    printed: Printed
    roles: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class PrintedGeneral:
    """A general account of a printed chart with its lowest ones; the only one may be itself."""

    code: str
    name: str
    address: str
    accounts: tuple[PrintedAccount, ...]

    @property
    def is_alone(self) -> bool:
        return len(self.accounts) == 1 and not self.accounts[0].printed.mark

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for one in self.accounts for role in one.roles)


def printed_chart(version: str, roles: Iterable[str]) -> list[PrintedGeneral]:
    """What the chart prints of these roles of a book, in the order of its codes."""
    known = sorted(roles)
    lowest: dict[Printed, list[str]] = {}
    for role in known:
        lowest.setdefault(printed(version, role), []).append(role)
    generals: dict[str, list[Printed]] = {}
    for one in sorted(lowest, key=lambda one: one.code):
        generals.setdefault(one.general, []).append(one)
    found = []
    for code, accounts in sorted(generals.items()):
        below = [role for one in accounts for role in lowest[one]]
        found.append(
            PrintedGeneral(
                code,
                accounts[0].general_name,
                _address(below, known, f"{code}{AT}{version}", is_general=True),
                tuple(
                    PrintedAccount(
                        one,
                        tuple(lowest[one]),
                        _address(lowest[one], known, f"{one.code}{AT}{version}"),
                    )
                    for one in accounts
                ),
            )
        )
    return found


def _address(
    meant: Collection[str], known: Collection[str], spelled: str, *, is_general: bool = False
) -> str:
    """By the role, or four digits, where that means the same: an address outlives a chart."""
    first = min(meant)
    general = general_code(first)
    of_general = {role for role in known if general_code(role) == general}
    if of_general == set(meant) and (is_general or len(meant) > 1 or first == general):
        return general
    if len(meant) == 1:
        return first + OWN if first == general else first
    return spelled


def sync_accounts() -> RunPython:
    """The operation of a migration that adds a role: books that are open already get what they
    lack. Books are append-only, so that there is no way back."""
    return RunPython(_sync, RunPython.noop)


def _sync(apps: Any, schema_editor: Any) -> None:
    account = apps.get_model("funds", "Account")
    for book in apps.get_model("funds", "Book").objects.all():
        there = set(account.objects.filter(book=book).values_list("code", flat=True))
        for one in ROLES.get(book.fund_type, ()):
            if one.code not in there:
                account.objects.create(
                    book=book,
                    code=one.code,
                    name=one.name,
                    kind=one.kind,
                    normal_side="debit" if one.kind in DEBIT_KINDS else "credit",
                )
