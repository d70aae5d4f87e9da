"""The fund at the end of the year: the ledger's income less what the draft would have spent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Division
from claims.adjudication import Decisions
from funds.models import Book
from lib.periods import Month
from policies.terms import Terms
from reports.finance import Finance, finance
from reports.indicators import months_payable
from reports.whatif.columns import Year
from reports.whatif.compare import changes_by_month
from reports.whatif.copying import Column


def books_of(*, area: Division, terms: Terms, year: int, on: date) -> tuple[Month, Finance] | None:
    """The books at the end of the insurance year, or so far; None for an area without books
    by then.

    ``terms``: the measures that say when the year ends. ``on``: today.
    """
    last = Month.of(min(terms.year.bounds(year)[1], on))
    if not Book.objects.of_residents(area).filter(first_month__lte=last.first).exists():
        return None
    return last, finance(area=area, month=last, policy_year=year)


def balance(last: Month, books: Finance, year: Year, decisions: Decisions) -> dict[str, Any]:
    """Income, expenditure, balance and months payable, as booked and under the draft. Fen.

    What was paid in a month changes that month's expenditure by the difference of the claims paid
    in it; claims that wait for payment are told beside it.
    """
    changes, waiting = changes_by_month(year, decisions, _month_numbers)
    flows = sorted(books.flows.items(), key=lambda item: (item[0].year, item[0].month))
    spent = sum(expense for _, (_, expense) in flows)
    more = sum(changes.get(_number(month), 0) for month, _ in flows)
    after = books.balance - more
    paid = sum(books.paid.values())
    paying = sum(1 for month, out in books.paid.items() if out + changes.get(_number(month), 0) > 0)
    return {
        "through": str(last),
        "income": sum(income for _, (income, _) in flows),
        "spent_before": spent,
        "spent_after": spent + more,
        "refunded": spent - paid,
        "balance_before": books.balance,
        "balance_after": after,
        "months_before": months_payable(books.surplus, paid, books.paying_months),
        "months_after": months_payable(books.surplus - more, paid + more, paying),
        "waiting": waiting,
        "months": _months(flows, books.balance, changes),
    }


def _months(
    flows: list[tuple[Month, tuple[int, int]]], closing: int, changes: Mapping[int, int]
) -> list[dict[str, Any]]:
    """Each month with income, expenditure and the balance at its end, as booked and under the
    draft. The booked balances are counted back from the last one."""
    opening = closing - sum(income - expense for _, (income, expense) in flows)
    rows, before, after = [], opening, opening
    for month, (income, expense) in flows:
        changed = expense + changes.get(_number(month), 0)
        before, after = before + income - expense, after + income - changed
        rows.append(
            {
                "month": str(month),
                "income": income,
                "spent_before": expense,
                "spent_after": changed,
                "balance_before": before,
                "balance_after": after,
            }
        )
    return rows


def _number(month: Month) -> int:
    return (month.year - 1970) * 12 + month.month - 1


def _month_numbers(days: Column) -> Column:
    months: Column = days.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    return months
