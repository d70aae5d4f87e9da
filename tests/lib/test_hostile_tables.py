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


@pytest.mark.parametrize("blank", ["\n", ",\n", ",", "\r\n", "\t"])
def test_a_csv_of_nothing_but_blank_cells_is_measured_before_it_is_read(blank: str) -> None:
    content = ("代码,名称\n" + blank * 1_500_000).encode()
    assert len(content) < LAYOUTS["small"].max_bytes * 1.2
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(SpreadsheetError, match="请删去数据区以外的空行"):
        read(content, LAYOUTS["small"])
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used < 4  # seconds; 15 before


def test_a_csv_as_large_as_an_honest_one_is_read() -> None:
    rows = read(("代码,名称\n" + "1,2\n" * 100_000).encode(), LAYOUTS["small"]).rows
    assert len(rows) == 100_000
