"""Premiums in the books (当年筹资), told apart by one dimension."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from accounts.errors import Refusal
from funds.balances import book_of
from funds.models import Posting
from lib.periods import Month
from reports.analysis.asked import Asked
from reports.analysis.covers import YearOf
from reports.finance import received


@dataclass(frozen=True, slots=True)
class Books:
    """Answers for the end of any month; `rows` are sums of postings."""

    rows: list[dict[str, Any]]
    year_of: YearOf

    def at(self, month: Month) -> tuple[dict[str, int], int]:
        """Code → fen of premiums for the insurance year in which the month lies, and all of it."""
        first, year = Month(month.year - 1, 1), self.year_of(month.last)
        told_apart: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            if first <= Month(row["year"], row["month"]) <= month:
                told_apart[row.get("township") or ""].append(row)
        sums = {code: received(rows, year)["personal"] for code, rows in told_apart.items()}
        premiums = {code: fen for code, fen in sums.items() if fen}  # subsidies have no township
        return premiums, sum(premiums.values())


def first_month(asked: Asked) -> Month | None:
    """From which month on the county keeps books; None without any."""
    try:
        return Month.of(book_of(asked.area).first_month)
    except Refusal:
        return None


def books_of(asked: Asked, first: Month, year_of: YearOf) -> Books:
    """The postings of the premiums, from two years before the first month on. Two statements."""
    by = ["year", "month", "kind", "account", "policy_year", "event"]
    rows = Posting.objects.all()
    if asked.is_part:
        rows = rows.filter(township__code__startswith=asked.place)
    if asked.dimension.key == "township":
        by.append("township")
    found = rows.sums(
        area=asked.area, first_month=Month(first.year - 1, 1), last_month=asked.months.last, by=by
    )
    return Books(found, year_of)
