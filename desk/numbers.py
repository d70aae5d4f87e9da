"""Numbers without gaps: one counter for each series, area and year."""

from django.db import connection

from desk.models import Counter

NEXT = """
    INSERT INTO {table} (series, area_code, year, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (series, area_code, year) DO UPDATE SET last = {table}.last + 1
    RETURNING last
"""


def next_number(series: str, area_code: str, year: int) -> int:
    """The next number, 1 for the first. Must be called inside the transaction that uses it.

    The counter's row stays locked until that transaction ends: when it is rolled back, so is the
    number, and nobody else can have taken a later one meanwhile. Hence no gaps.
    """
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(NEXT.format(table=table), [series, area_code, year])
        row: tuple[int] = cursor.fetchone()
    return row[0]
