"""A dozen of the variants that `bench/hostile_tables.py` makes by the hundred."""

import random
import resource

import pytest

from bench.hostile_tables import LAYOUTS, hostile
from lib.tables.reading import SpreadsheetError, read


@pytest.mark.parametrize("seed", range(12))
def test_the_reader_answers_in_rows_or_words_and_its_parent_does_not_grow(seed: int) -> None:
    content = hostile(random.Random(seed))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(content, LAYOUTS["small"])
    except SpreadsheetError as error:
        assert "请" in str(error)  # says what to do
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024  # KiB
