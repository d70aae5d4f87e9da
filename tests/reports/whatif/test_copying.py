"""Integers from PostgreSQL into NumPy, byte by byte."""

import numpy as np
import pytest

from reports.whatif.copying import Wanted, copy_columns, one_of

pytestmark = pytest.mark.django_db


def test_values_and_signs_of_both_sizes():
    columns = copy_columns(
        {"small": Wanted("int4", "n"), "large": Wanted("int8", "n * %s", (10**12,))},
        "FROM generate_series(-2, 2) n WHERE n <> %s",
        [0],
    )
    assert columns["small"].tolist() == [-2, -1, 1, 2]
    assert columns["large"].tolist() == [-2 * 10**12, -(10**12), 10**12, 2 * 10**12]
    assert columns["small"].dtype == np.int64


def test_no_rows_are_empty_columns():
    columns = copy_columns({"n": Wanted("int8", "n")}, "FROM generate_series(1, 0) n", [])
    assert columns["n"].tolist() == []


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_a_null_is_never_taken_for_a_number(rows):
    with pytest.raises(ValueError, match="null"):
        copy_columns(
            {"n": Wanted("int8", "nullif(n, 1)"), "m": Wanted("int4", "n")},
            f"FROM generate_series(1, {rows}) n",
            [],
        )


def test_a_column_of_some_rows_stands_beside_whose_it_is():
    columns = copy_columns(
        {
            "n": Wanted("int8", "n"),
            "tenfold": Wanted("int4", "n * 10", only="n IN (1, 3)", of="n"),
            "none": Wanted("int4", "n", only="n > 9", of="n"),
        },
        "FROM generate_series(1, 4) n",
        [],
    )
    assert {name: column.tolist() for name, column in columns.items()} == {
        "n": [1, 2, 3, 4], "tenfold": [10, 30], "tenfold of": [1, 3], "none": [], "none of": [],
    }  # fmt: skip


def test_a_moment_is_microseconds_since_2000():
    stamp = Wanted("moment", "TIMESTAMPTZ '2000-01-01 00:00:01.5+00'")
    assert copy_columns({"at": stamp}, "", [])["at"].tolist() == [1_500_000]


def test_text_becomes_its_position_and_stays_a_value():
    hostile = "'); DROP TABLE policies_pack; --"
    columns = copy_columns(
        {
            "known": one_of("'x'", [hostile, "x"], unknown=-1),
            "unknown": one_of("'y'", [hostile, "x"], unknown=7),
            "hostile": one_of("'''); DROP TABLE policies_pack; --'", [hostile, "x"], unknown=-1),
            "of nothing": one_of("'x'", [], unknown=-1),
        },
        "",
        [],
    )
    assert {name: column.tolist() for name, column in columns.items()} == {
        "known": [1], "unknown": [7], "hostile": [0], "of nothing": [-1],
    }  # fmt: skip
