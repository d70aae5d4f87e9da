"""Who reads settled claims meets a stay in parts as one stay, and a withdrawn batch nowhere."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Division
from enrollment.models import Person
from lib.periods import Month
from policies.models import Pack
from reports.activity import activities
from reports.whatif.run import simulate
from supervision.models import Alert
from supervision.services import screen_new_claims
from tests.claims.visits.conftest import Ward, charged


@pytest.fixture
def stay_in_parts(ward: Ward, wang: Person) -> Any:
    """2000 + 1000 + 500 in three settlements: (3500 - 200) × 50 % = 1650.00; 700 withdrawn."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "20", "100", 3), charged("X01", "10", "100", 6))
    gone = ward.bill(visit, charged("X01", "7", "100", 6))
    ward.withdraw(gone)
    ward.part(visit, 4)
    ward.part(visit, 7)
    ward.bill(visit, charged("X01", "5", "100", 8))
    ward.leave(visit)
    ward.settle(visit)
    return visit


def whatif(county: Division, pack: Pack) -> dict[str, Any]:
    return simulate(
        area=county,
        year=2026,
        source=pack.source,
        name="草稿",
        on=date(2026, 6, 30),
        progress=lambda *told: None,
    )


def test_the_what_if(stay_in_parts: Any, county: Division, pack: Pack) -> None:
    checked = whatif(county, pack)["check"]
    assert (checked["compared"], checked["differing"]) == (1, 0)
    assert checked["settled"] == checked["computed"] == 1650_00


def test_screening(stay_in_parts: Any, county: Division) -> None:
    assert screen_new_claims(area=county) == 1
    assert screen_new_claims(area=county) == 0
    assert not Alert.objects.exists()


def test_the_month_report(stay_in_parts: Any, county: Division) -> None:
    found = activities(area=county, month=Month(2026, 3), base_layer="basic")
    whole = found.of("month")
    assert (whole.visits, whole.days) == (1, 8)
