"""A claim of which all the money is back counts nowhere as help; one that is back in part does."""

from datetime import date
from decimal import Decimal

import pytest

from claims.under_measures import claim_count
from reports.activity import activities
from reports.whatif.models import KeptYear
from supervision.gathering import unscreened
from tests.claims.recovery.conftest import ask, take  # noqa: F401 - fixtures
from tests.claims.visits.conftest import Ward, charged
from tests.reports.conftest import MARCH
from tests.reports.whatif.test_figures import run

pytestmark = pytest.mark.django_db
BACK = date(2026, 3, 30)


def test_what_is_wholly_back_counts_nowhere(spring, county, pack, request):
    """王建国's 2 050.00 of 8 700.00 of the month and of 9 100.00 of the year."""
    ask, take = (request.getfixturevalue(name) for name in ("ask", "take"))  # noqa: F811

    def told():
        found = activities(area=county, month=MARCH, base_layer="basic")
        month = found.of("month")
        return (
            (month.visits, month.paid, found.persons["month"]["all", ""]),
            unscreened(county).count(),
            claim_count(county.code, 2026),
            run(county, pack.source)["total"]["before"],
        )

    before = ((2, 870_000, 2), 3, 3, 910_000)
    assert told() == before
    debt = ask(spring.march, on=BACK)
    take(debt, "1000.00", on=BACK)
    assert told() == before
    take(debt, "1050.00", on=BACK)
    assert told() == ((1, 665_000, 1), 2, 2, 705_000)
    spring.march.refresh_from_db()
    assert (spring.march.status, spring.march.fund_amount) == ("paid", Decimal("2050.00"))


def test_the_last_part_of_a_stay_wholly_back_is_no_part_of_what_if(
    spring, people, cast, county, pack, hospital, paid, request
):
    """李秀兰 again, first tier: 1 000.00 up to the 4th, (1 000 − 200) × 40 % = 320.00; then 600.00
    more, 240.00, which are wholly back: 9 100.00 + 320.00 were settled, and the same measures give
    these, not 9 660.00, from what is kept as from what is read anew."""
    ask, take = (request.getfixturevalue(name) for name in ("ask", "take"))  # noqa: F811
    ward = Ward(cast.hospital_clerk, hospital)
    visit = ward.admit(people.li)
    ward.bill(visit, charged("X01", "10", "100.00", 3))
    first = paid(ward.part(visit, 4), BACK)
    ward.bill(visit, charged("X01", "6", "100.00", 6))
    ward.leave(visit)
    last = paid(ward.settle(visit), BACK)
    assert (first.fund_amount, last.fund_amount) == (Decimal("320.00"), Decimal("240.00"))

    def compared():
        figures = run(county, pack.source)
        total, check = figures["total"], figures["check"]
        return total["before"], total["after"], check["differing"]

    assert compared() == (966_000, 966_000, 0)
    take(ask(last, on=BACK), "240.00", on=BACK)
    assert compared() == (942_000, 942_000, 0)
    KeptYear.objects.all().delete()
    assert compared() == (942_000, 942_000, 0)
