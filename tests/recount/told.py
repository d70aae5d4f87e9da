"""What the portal says of a month and of a year, by the names that the recomputation uses."""

from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from accounts.models import Division
from claims.quotas.board import rows_of
from claims.quotas.models import Allotment
from funds.balances import account_balances, book_of
from funds.law.known import household_accounts
from funds.law.year_end import surplus_rates
from funds.models import ClosingBalance, Period, Posting
from lib.money import to_fen
from lib.periods import Month
from reports.figures import collect
from reports.services import one_view_of_the_data
from reports.statements.asked import Asked
from reports.statements.catalogue import STATEMENTS
from tests.recount.books import Figures, last_day

PERIODS = {"month": "本月", "previous": "上月", "year": "本年", "last_year": "上年同月"}
COLUMNS = {"eligible": "应参", "enrolled": "参保", "beneficiary_rate": "受益面",
           "spent_month": "本月支出", "spent": "本年支出", "quota": "额度",
           "use_rate": "额度使用率", "overspend": "超支额"}  # fmt: skip
IN_FEN = {"spent_month", "spent", "quota", "overspend"}


def month_told(area: Division, month: Month) -> Figures:
    """Balances, both statements, and the month's report computed now."""
    return {
        **_accounts(area, month),
        **_sheet(area, month),
        **_income(area, month),
        **_report(area, month),
    }


def _accounts(area: Division, month: Month) -> Figures:
    found: Figures = {}
    for one in account_balances(area=area, through=month.last, first_month=month):
        for at, yuan in (
            ("期初", one.opening), ("借方", one.debit), ("贷方", one.credit), ("期末", one.closing)
        ):  # fmt: skip
            found[f"科目 {one.code} {at}"] = to_fen(yuan)
    for name, title in (("tier", "档次"), ("township", "街镇"), ("institution_code", "机构"),
                        ("funding_level", "来源"), ("policy_year", "年度")):  # fmt: skip
        rows = Posting.objects.sums(
            area=area, first_month=month, last_month=month, by=("account", name)
        )
        for row in rows:
            if fen := to_fen(row["debit"] - row["credit"]):
                found[f"科目 {row['account']} {title} {row[name] or ''} 净额"] = fen
    period = Period.objects.filter(book=book_of(area)).at(month).first()
    if period is not None and period.status == Period.Status.CLOSED:
        kept = ClosingBalance.objects.filter(period=period).values_list(
            "account__code", "debit", "credit"
        )
        found |= {f"结账 {code}": to_fen(debit - credit) for code, debit, credit in kept}
    return found


def _grid(area: Division, month: Month, code: str) -> Any:
    return STATEMENTS[code].tell(Asked(area, month)).grids[0]


def _cell(cell: Any) -> object:
    return None if cell.value is None else to_fen(Decimal(cell.value))


def _title(text: str) -> str:
    return text.replace("　", "")


def _sheet(area: Division, month: Month) -> Figures:
    grid, found = _grid(area, month, "balance-sheet"), {}
    for row in [*grid.rows, grid.total]:
        for at in (0, 3):
            title = _title(str(row[at].value))
            if title and not title.endswith("："):
                found[f"01表 {title} 期末"] = _cell(row[at + 1])
                found[f"01表 {title} 年初"] = _cell(row[at + 2])
    return found


def _income(area: Division, month: Month) -> Figures:
    found: Figures = {}
    for row in _grid(area, month, "income").rows:
        for at, cell in zip(("本月", "本年", "上年同期"), row[2:], strict=True):
            if cell.value not in (None, ""):
                found[f"02表 {_title(row[0].value)} {at}"] = _cell(cell)
    return found


def _report(area: Division, month: Month) -> Figures:
    with one_view_of_the_data():
        figures = collect(area=area, month=month)
    found: Figures = {}
    for row in figures["indicators"]:
        for period, name in PERIODS.items():
            value = row[period]
            if value is not None:
                is_text = row["unit"] in ("yuan", "hundredth")
                found[f"指标 {row['key']} {name}"] = to_fen(value) if is_text else value
    for row in figures["townships"]:
        if not row["code"]:
            found["街镇 未分 本年支出"] = to_fen(row["spent"])
            continue
        for column, name in COLUMNS.items():
            value = row[column]
            in_fen = column in IN_FEN and value is not None
            found[f"街镇 {row['code']} {name}"] = to_fen(value) if in_fen else value
    for row in figures["flows"]:
        for column in ("income", "expenditure", "balance"):
            found[f"流量 {row['month']} {column}"] = to_fen(row[column])
    funds = figures["funds"]
    for name in ("balance", "ahead", "surplus", "reserve", "general"):
        found[f"基金 {name}"] = to_fen(funds[name])
    return found


def year_told(area: Division, year: int) -> Figures:
    """What stands in the books by the measures, quotas, and what the households have."""
    book, found = book_of(area), {}
    rows = Posting.objects.filter(voucher__book=book)

    def stands(**which: Any) -> int:
        sums = rows.filter(**which).aggregate(total=Sum(F("credit") - F("debit")))
        return to_fen(sums["total"] or Decimal(0))

    for account, name in (
        ("serious_reserve", "大病储备金提取"),
        ("risk_reserve", "风险储备金提取"),
    ):
        found[f"{year} {name}"] = stands(
            policy_year=year, voucher__event="reserve_drawn", account__code=f"3101-{account}"
        )
    found[f"{year} 门诊账户结余转存"] = stands(
        policy_year__lte=year, account__code="3001-household"
    )
    found[f"{year} 统筹结余转入风险基金"] = stands(
        policy_year=year, voucher__event="surplus_reserved", account__code="3101-risk_fund"
    )
    held = household_accounts(book, year)
    found[f"{year} 门诊账户结余"] = to_fen(held.left)
    found[f"{year} 门诊账户上年结余"] = to_fen(held.brought)
    found[f"{year} 门诊账户为负"] = held.below_count
    allotment = Allotment.objects.in_force(area, year)
    for row in rows_of(area, year, allotment):
        at = f"{year} 额度 {row.township.code}"
        found |= {
            f"{at} 分配": to_fen(row.given),
            f"{at} 划出": to_fen(row.moved_out),
            f"{at} 划入": to_fen(row.moved_in),
            f"{at} 已用": to_fen(row.used),
            f"{at} 超支": to_fen(row.overspend),
            f"{at} 街镇承担": to_fen(row.office),
        }
        for code, yuan in row.institutions.items():
            found[f"{at} {code} 承担"] = to_fen(yuan)
    for rate in surplus_rates(book, year, last_day((year, 12))):
        which = "累计" if "累计" in rate.name else "当年"
        found[f"{year} {which}结余率"] = rate.ratio
        found[f"{year} {which}结余"] = to_fen(rate.surplus)
    return found
