"""Integers from PostgreSQL into NumPy, byte by byte."""

import numpy as np
import pytest

from reports.whatif.copying import copy_columns

pytestmark = pytest.mark.django_db


def test_values_and_signs_of_both_sizes():
    columns = copy_columns(
        {"small": ("int4", "n"), "large": ("int8", "n * %s")},
        "FROM generate_series(-2, 2) n WHERE n <> %s ORDER BY n",
        [10**12, 0],
    )
    assert columns["small"].tolist() == [-2, -1, 1, 2]
    assert columns["large"].tolist() == [-2 * 10**12, -(10**12), 10**12, 2 * 10**12]
    assert columns["small"].dtype == np.int64


def test_no_rows_are_empty_columns():
    columns = copy_columns({"n": ("int8", "n")}, "FROM generate_series(1, 0) n", [])
    assert columns["n"].tolist() == []


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_a_null_is_never_taken_for_a_number(rows):
    with pytest.raises(ValueError, match="null"):
        copy_columns(
            {"n": ("int8", "nullif(n, 1)"), "m": ("int4", "n")},
            f"FROM generate_series(1, {rows}) n",
            [],
        )


def test_text_of_a_parameter_stays_a_value():
    columns = copy_columns(
        {"found": ("int4", "coalesce(array_position(%s::text[], 'x'), 0)")},
        "FROM generate_series(1, 1)",
        [["'); DROP TABLE policies_pack; --", "x"]],
    )
    assert columns["found"].tolist() == [2]
