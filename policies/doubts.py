"""What a pack may say and yet not mean: rows of which an earlier one takes a part. Pure.

Where two rows fit the same case, the first counts.  A narrower row before a wider one is how
exceptions are written.  Where neither is narrower (township stays 90 %, stays outside 40 %: a
township stay outside), the order of the rows decides, and the author may not have seen it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lib.money import to_yuan
from policies.checker import describe_cell
from policies.problems import Problem
from policies.terms import FLAGS, Row, Table, Terms
from policies.terms.tables import tables_of

# A table that took longer to build is not asked again for each of its rows.
MAX_QUESTIONS = 500_000


def doubts_of(terms: Terms, file: str) -> list[Problem]:
    """What to look at again, in the order of the text; nothing of it makes the pack a wrong one."""
    found = [doubt for table in tables_of(terms) for doubt in _partly_taken(table, terms, file)]
    return sorted(dict.fromkeys(found), key=lambda doubt: doubt.line)


def _partly_taken(table: Table, terms: Terms, file: str) -> Iterator[Problem]:
    """A row with another value, of which an earlier row that is not narrower takes a part."""
    if not table.grid or table.questions > MAX_QUESTIONS or len(table.rows) < 2:
        return
    both: dict[tuple[int, int], tuple[int, ...]] = {}
    wider: set[tuple[int, int]] = set()
    for counts, places in table.cells():
        if counts < 0:
            continue
        fitting = set(table.rows_at(places))
        for later in range(counts + 1, len(table.rows)):
            if later in fitting:
                both.setdefault((counts, later), places)
            else:
                wider.add((counts, later))
    told: set[int] = set()
    for (first, later), places in both.items():
        row, taken = table.rows[first], table.rows[later]
        if (first, later) not in wider or row.value == taken.value or later in told:
            continue
        if not _ranks(row, taken):
            told.add(later)
            case = describe_cell(table, places, terms.vocabulary)
            yield Problem(
                file,
                taken.line,
                table.name,
                f"第{first + 1}行和第{later + 1}行都符合“{case}”，"
                f"算第{first + 1}行的 {_said(table, row.value)}，"
                f"不算第{later + 1}行的 {_said(table, taken.value)}",
                "本意如此就不用改；否则把应当算数的一行移到前面",
            )


def _ranks(*rows: Row) -> bool:
    """Lists of statuses are written from the first class down: the order is what is meant."""
    asked = {dimension for row in rows for dimension in row.condition.dimensions()}
    return len(asked) == 1 and asked <= set(FLAGS)


def _said(table: Table, value: int) -> str:
    if table.unit == "ratio":
        return f"{value / 100:g}%"
    return f"{to_yuan(value)}元" if table.unit == "fen" else str(value)
