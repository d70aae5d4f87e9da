"""A part of a stay is the difference of two cases, and both are kept."""

from decimal import Decimal

from claims.why.recomputing import recompute
from enrollment.models import Person
from tests.claims.visits.conftest import Ward, charged, ward  # noqa: F401 - a fixture


def test_parts_are_decided_again(ward: Ward, wang: Person) -> None:  # noqa: F811
    """1000 by the 5th, 1200 by the 9th: (1000 - 200) × 50 % = 400.00, (1200 - 200) × 50 % less
    the 400.00."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 5), charged("X01", "2", "100", 9))
    first = ward.part(visit, 5)
    ward.leave(visit, 9)
    rest = ward.settle(visit)
    assert [len(part.determinations.get().cases) for part in (first, rest)] == [1, 2]
    found = [recompute(part.determinations.get()) for part in (first, rest)]
    assert [one.fund_amount for one in found] == [Decimal("400.00"), Decimal("100.00")]
    assert [one.differences for one in found] == [[], []]
