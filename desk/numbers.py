"""Numbers of one series, area and year: without gaps, or without waiting."""

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.db.models.functions import Cast, Substr

from desk.locks import lock_name
from desk.models import Counter

# One statement for the first number and every later one: two who begin a series at once meet on
# its unique key, and the second goes on from the first.
NEXT = """
    INSERT INTO {table} (series, area_code, year, last)
    VALUES (%(series)s, %(area)s, %(year)s, %(n)s)
    ON CONFLICT (series, area_code, year) DO UPDATE SET last = {table}.last + %(n)s
    RETURNING last
"""


def next_number(series: str, area_code: str, year: int) -> int:
    """The next number, 1 for the first. Must be called inside the transaction that uses it.

    The counter's row stays locked until that transaction ends: when it is rolled back, so is the
    number, and nobody else can have taken a later one meanwhile. Hence no gaps.
    """
    return next_numbers(series, area_code, year, 1)


def next_numbers(series: str, area_code: str, year: int, count: int) -> int:
    """The first of so many next numbers, under the same lock."""
    table = connection.ops.quote_name(Counter._meta.db_table)
    named: dict[str, str | int] = {"series": series, "area": area_code, "year": year, "n": count}
    with connection.cursor() as cursor:
        cursor.execute(NEXT.format(table=table), named)
        row: tuple[int] = cursor.fetchone()
    return row[0] - count + 1


def last_numbered(rows: type[models.Model], letter: str = "") -> Callable[[str, int], int]:
    """The last serial that an area and a year have among `rows`, for `Serial`: their column
    `number` is the area's code, the year, the letter, then the serial."""

    def last_of(area_code: str, year: int) -> int:
        head = f"{area_code}{year}{letter}"
        serial = Cast(Substr("number", len(head) + 1), models.BigIntegerField())
        found = rows._default_manager.filter(number__startswith=head)
        last: int | None = found.aggregate(last=models.Max(serial))["last"]
        return last or 0

    return last_of


class Serial:
    """A series that many windows draw from at once: unique and rising, but a transaction that
    fails leaves a gap.

    A sequence for each area and year, made when the first number is drawn: drawing locks nothing,
    where a counter's row would let the windows of a county in one by one. `used` gives the last
    number that is taken already, for the numbers of before there was a sequence.
    """

    def __init__(self, series: str, used: Callable[[str, int], int]) -> None:
        self.series = series
        self.used = used

    def next(self, area_code: str, year: int) -> int:
        """The next number. Must be called inside the transaction that uses it."""
        return self.several(area_code, year, 1)[0]

    def several(self, area_code: str, year: int, count: int) -> list[int]:
        """So many next numbers, rising, in one statement; others may draw some in between."""
        name = f"{self.series}_{int(area_code):06d}_{year:d}"
        with connection.cursor() as cursor:
            numbers = self._drawn(cursor, name, count)
            if None in numbers:
                lock_name(area_code, name)
                first = self.used(area_code, year) + 1
                cursor.execute("SELECT hezuo_make_series(%s, %s)", [name, first])
                numbers = self._drawn(cursor, name, count)
        return [number for number in numbers if number is not None]

    @staticmethod
    def _drawn(cursor: Any, name: str, count: int) -> list[int | None]:
        # nextval of no sequence is no number, so one question asks for both.
        cursor.execute("SELECT nextval(to_regclass(%s)) FROM generate_series(1, %s)", [name, count])
        return [number for (number,) in cursor.fetchall()]
