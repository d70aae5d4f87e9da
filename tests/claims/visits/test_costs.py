"""What the steps of a visit cost in statements, however long its bill."""

from collections.abc import Callable
from typing import Any

import pytest

from claims.services.settling import SERIALS
from claims.visits import services
from enrollment.models import Person
from tests.claims.conftest import TODAY
from tests.claims.test_statements import statements
from tests.claims.visits.conftest import Ward, charged


@pytest.mark.parametrize("length", [1, 40])
def test_a_bill_costs_the_same_for_every_length(ward: Ward, wang: Person, length: int) -> None:
    SERIALS.next("500225", 2026)
    costs = {}

    def cost(name: str, act: Callable[[], Any]) -> None:
        costs[name] = statements(act)

    visit = ward.admit(wang)
    bill = [charged("X01", "1", "300", 2, f"F{number}") for number in range(length)]
    later = [charged("X01", "1", "300", 6) for _ in range(length)]
    cost("add", lambda: ward.bill(visit, *bill))
    cost("again", lambda: ward.bill(visit, *bill))
    batch = ward.bill(visit, *later)
    cost("withdraw", lambda: ward.withdraw(batch))
    ward.bill(visit, *later)
    cost("part", lambda: ward.part(visit, 5))
    cost("leave", lambda: ward.leave(visit))
    cost("try", lambda: services.pre_settle(actor=ward.clerk, visit=visit, on=TODAY))
    cost("settle", lambda: ward.settle(visit))
    assert costs == {
        "add": 12, "again": 6, "withdraw": 9, "part": 25, "leave": 15, "try": 10, "settle": 25,
    }  # fmt: skip
