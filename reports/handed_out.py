"""The figures of each month as the export of a book gives them out, each with what was divided by
what: what the checker that goes with it works out anew from vouchers and settlements
(`funds/verify/`, `take_figure`)."""

from collections.abc import Iterator
from typing import Any

from accounts.errors import Refusal
from funds.models import Book
from lib.periods import Month
from reports.indicators import INDICATORS, UNITS, Unit
from reports.material import Material, gather, yuan
from reports.scorecard import scorecard

PERIODS = ("month", "year")
TOLD = {one.key: one.told for one in INDICATORS}


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    """The indicators of each month of the residents' book, as its report computes them now. A month
    without measures has no report."""
    latest = book.periods.latest_used()
    if book.fund_type != Book.FundType.RESIDENT or latest is None:
        return
    month = Month.of(book.first_month)
    while month <= latest.as_month:
        try:
            material = gather(area=book.area, month=month)
        except Refusal:
            pass
        else:
            yield from _figures(material)
        month = month.next()


def _figures(material: Material) -> Iterator[dict[str, Any]]:
    same = {
        "kind": "figure",
        "month": str(material.month),
        "policy_year": material.policy_year,
    }
    for row in _of_the_books(material):
        yield same | row
    for row in scorecard(material):
        for period in PERIODS:
            if period in row["top"]:
                yield same | {
                    **{name: row[name] for name in ("key", "code", "name", "unit")},
                    "measured_in": UNITS[row["unit"]],
                    "formula": TOLD[row["key"]],
                    "period": period,
                    "top": row["top"][period],
                    "bottom": row["bottom"][period],
                    "value": row[period],
                }


def _of_the_books(material: Material) -> Iterator[dict[str, Any]]:
    """What the fund took in, paid out and has: sums that no indicator is."""
    books = material.books
    income, expense = books.flows[material.month]
    moved = {
        "month": (income, expense),
        "year": (sum(one.year for one in books.income), sum(one.year for one in books.expense)),
    }
    for period, (income, expense) in moved.items():
        yield _sum("income", "基金收入", "各收入科目合计", period, income)
        yield _sum("expense", "基金支出", "各支出科目合计", period, expense)
        yield _sum("surplus", "本期结余", "基金收入 − 基金支出", period, income - expense)
    yield _sum("balance", "累计结余", "资产 − 负债", "year", books.balance)
    yield _sum("ahead", "其中预收以后年度", "收入中属以后保险年度的", "year", books.ahead)


def _sum(key: str, name: str, formula: str, period: str, fen: int) -> dict[str, Any]:
    unit: Unit = "yuan"
    return {
        "key": key,
        "code": "",
        "name": name,
        "unit": unit,
        "measured_in": UNITS[unit],
        "formula": formula,
        "period": period,
        "top": fen,
        "bottom": None,
        "value": yuan(fen),
    }
