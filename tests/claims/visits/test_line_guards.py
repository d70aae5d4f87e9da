"""PostgreSQL itself keeps the lines of a bill as they were charged."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Division
from claims.models import BillLine
from tests.claims.conftest import Register
from tests.claims.visits.conftest import Ward, charged

FREE = {"approved_amount", "cut_code", "cut_bearer", "cut_reason", "part", "is_live"}


def change(line: BillLine, column: str, value: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE claims_billline SET {column} = %s WHERE id = %s", [value, line.pk])


def test_only_cut_part_and_life_of_a_line_change(
    ward: Ward, register: Register, village_a: Division
) -> None:
    """周大山's line of 30.00: whatever else would change is refused, filled or empty."""
    visit = ward.admit(register.person("周大山", register.household(village_a)))
    ward.bill(visit, charged("X01", "1", "30", day=2, number="7"))
    line = BillLine.objects.get()
    columns = {one.column: getattr(line, one.attname) for one in BillLine._meta.concrete_fields}
    assert len(columns) > len(FREE) + 10
    for column, value in columns.items():
        if column not in FREE:
            with pytest.raises(IntegrityError, match="frozen"):
                change(line, column, None if value is not None else 1)
    change(line, "part", 1)


def test_a_line_stands_with_its_settlement(
    ward: Ward, register: Register, village_a: Division
) -> None:
    """A line is taken by its settlement, and then neither cut nor let go."""
    visit = ward.admit(register.person("周大山", register.household(village_a)))
    ward.bill(visit, charged("X01", "1", "30", day=2))
    ward.leave(visit)
    ward.settle(visit)
    line = BillLine.objects.get()
    assert line.part == 1
    for column, value in (("part", None), ("approved_amount", 0), ("is_live", False)):
        with pytest.raises(IntegrityError, match="while a settlement stands on it"):
            change(line, column, value)
