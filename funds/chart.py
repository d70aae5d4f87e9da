"""The chart of accounts, by version and kind of fund.

2017 is 财会〔2017〕28号 with the sub-accounts that resident insurance needs and those of its
supplement in force from 2026. Note that 1002 and 1003 meant the opposite in the chart of 2008.
Only the lowest accounts exist; the first four digits are the general account (总账科目).
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.db.migrations import RunPython

Kind = Literal["asset", "liability", "net", "income", "expense"]


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """One lowest account (明细科目); `name` is general name—own name."""

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
    ChartAccount("4501-other", "其他收入—其他", "income"),
)

RESIDENT_2017: tuple[ChartAccount, ...] = (
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
    ChartAccount("5401", "其他支出", "expense"),
)

# 城乡医疗救助基金参照执行 (supplement of 2026): a book of its own, never mixed with insurance.
ASSISTANCE_2017: tuple[ChartAccount, ...] = (
    *_BANK,
    _RETURNED,
    ChartAccount("3001", "一般基金结余", "net"),
    *_SUBSIDY,
    *_OTHER_INCOME,
    *_BENEFIT,
    ChartAccount("5401", "其他支出", "expense"),
)

CHARTS: dict[tuple[str, str], tuple[ChartAccount, ...]] = {
    ("2017", "resident"): RESIDENT_2017,
    ("2017", "assistance"): ASSISTANCE_2017,
}

DEBIT_KINDS: frozenset[str] = frozenset({"asset", "expense"})

# Cash and money at banks and in the treasury: what is not there cannot be paid.
MONEY: frozenset[str] = frozenset({"1001", "1002", "1003", "1004", "1005"})
BANK_ACCOUNTS = MONEY - {"1001"}
COLLECTION = "1002"
RESERVE = "3101"
# What the households keep on their outpatient accounts from year to year.
HOUSEHOLDS = "3001-household"


def never_below_zero(code: str) -> bool:
    """Money and reserves; the guard of migrations/0012_never_below_zero.py holds the same ones.

    Not 3001: what a year sets aside is taken from it before the year's surplus comes in.
    """
    return code in MONEY or general_code(code) == RESERVE


def general_code(code: str) -> str:
    """The general account of a code: 5001-inpatient → 5001."""
    return code[:4]


def general_name(name: str) -> str:
    """The general account's name: 社会保险待遇支出—住院费用 → 社会保险待遇支出."""
    return name.partition("—")[0]


def sync_accounts() -> RunPython:
    """The operation of a migration that adds an account to a chart: books that are open already get
    what their chart has and they lack. Books are append-only, so that there is no way back."""
    return RunPython(_sync, RunPython.noop)


def _sync(apps: Any, schema_editor: Any) -> None:
    account = apps.get_model("funds", "Account")
    for book in apps.get_model("funds", "Book").objects.all():
        there = set(account.objects.filter(book=book).values_list("code", flat=True))
        for one in CHARTS.get((book.chart, book.fund_type), ()):
            if one.code not in there:
                account.objects.create(
                    book=book,
                    code=one.code,
                    name=one.name,
                    kind=one.kind,
                    normal_side="debit" if one.kind in DEBIT_KINDS else "credit",
                )
