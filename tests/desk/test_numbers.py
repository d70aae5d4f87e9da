"""Numbers that many windows draw at once: none twice, whoever fails in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from desk.numbers import Serial

NAME, AREA, YEAR = "test_serial", "500225", 2026
WINDOWS = 6
TAKEN = 40  # numbers of before there was a sequence


@pytest.fixture
def serial(transactional_db: None) -> Iterator[Serial]:
    yield Serial(NAME, lambda area, year: TAKEN if year == YEAR else 0)
    with connection.cursor() as cursor:
        for year in (YEAR, YEAR + 1):
            cursor.execute(f"DROP SEQUENCE IF EXISTS {NAME}_{AREA}_{year}")


@pytest.mark.slow
def test_the_first_numbers_of_a_year_drawn_at_once(serial: Serial) -> None:
    """The one that makes the sequence may fail; the next to come makes it again."""
    gate = Barrier(WINDOWS)

    def window(at: int) -> list[int]:
        kept = []
        gate.wait(timeout=10)
        try:
            for turn in range(5):
                with transaction.atomic():
                    number = serial.next(AREA, YEAR)
                    if (at + turn) % 3 == 0:
                        transaction.set_rollback(True)
                    else:
                        kept.append(number)
        finally:
            connection.close()
        return kept

    with ThreadPoolExecutor(WINDOWS) as pool:
        drawn = [number for kept in pool.map(window, range(WINDOWS)) for number in kept]
    assert len(drawn) == len(set(drawn)) == 20
    assert min(drawn) > TAKEN
    with transaction.atomic():
        assert serial.next(AREA, YEAR) > max(drawn)
        assert serial.next(AREA, YEAR + 1) == 1
