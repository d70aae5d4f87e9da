"""Real threads: one bed, one bill, one settlement, whoever comes first."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.errors import Refusal
from claims.models import BillLine, Settlement, UsageEntry, Visit
from claims.services import withdraw
from claims.visits import services
from enrollment.models import Person
from tests.at_once import at_once
from tests.claims.visits.conftest import Ward, charged, in_bed, yuan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def refused(outcomes: list[object]) -> list[str]:
    assert all(isinstance(each, (Refusal, Visit, Settlement)) or each for each in outcomes)
    return [each.message for each in outcomes if isinstance(each, Refusal)]


def test_two_beds_at_once(ward: Ward, wang: Person) -> None:
    later = in_bed(date(2026, 3, 3))
    outcomes = at_once([lambda: ward.admit(wang), lambda: ward.admit(wang, later)])
    assert len(refused(outcomes)) == 1
    assert Visit.objects.count() == 1


def test_settled_twice_at_once(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2))
    ward.leave(visit)
    outcomes = at_once([lambda: ward.settle(visit)] * 3)
    assert len(refused(outcomes)) == 2
    assert Settlement.objects.get().fund_amount == yuan("400.00")
    assert UsageEntry.objects.totals()["annual_paid"] == 40_000


def test_two_visits_of_one_person_at_once(ward: Ward, wang: Person) -> None:
    """A stay and an outpatient visit: the account of 40 yuan and the year are read once each."""
    stay = ward.admit(wang)
    ward.bill(stay, charged("X01", "10", "100", 2))
    ward.leave(stay)
    small = ward.admit(wang, in_bed(date(2026, 3, 12), care="outpatient"))
    ward.bill(small, charged("X01", "1", "70"))
    outcomes = at_once([lambda: ward.settle(stay), lambda: ward.settle(small)])
    assert not refused(outcomes)
    assert sum(claim.fund_amount for claim in Settlement.objects.all()) == yuan("440.00")


def test_lines_while_it_is_settled(ward: Ward, wang: Person) -> None:
    """Either the lines are in the settlement, or they are refused: none is left beside it."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2))
    ward.leave(visit)
    outcomes = at_once(
        [lambda: ward.settle(visit), lambda: ward.bill(visit, charged("X01", "1", "100", 3))]
    )
    claim = Settlement.objects.get()
    assert claim.total_amount == yuan("1000.00") if refused(outcomes) else yuan("1100.00")
    assert claim.total_amount == sum(BillLine.objects.values_list("amount", flat=True))


def test_a_batch_withdrawn_while_it_is_settled(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2))
    batch = ward.bill(visit, charged("X01", "1", "100", 2))
    ward.leave(visit)
    outcomes = at_once([lambda: ward.settle(visit), lambda: ward.withdraw(batch)])
    live = BillLine.objects.filter(is_live=True).values_list("amount", flat=True)
    assert Settlement.objects.get().total_amount == sum(live)
    assert len(refused(outcomes)) == (len(live) == 2)


def test_discharged_while_the_next_hospital_registers(ward: Ward, wang: Person) -> None:
    visit = ward.admit(wang)
    outcomes = at_once(
        [lambda: ward.leave(visit, 5), lambda: ward.admit(wang, in_bed(date(2026, 3, 5)))]
    )
    assert Visit.objects.get(pk=visit.pk).status == "closed"
    assert len(refused(outcomes)) == (Visit.objects.count() == 1)


def test_the_next_part_while_the_last_is_withdrawn(ward: Ward, wang: Person) -> None:
    """Either the second part stands on the first, or it takes the lines of both."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100", 2), charged("X01", "10", "100", 6))
    first = ward.part(visit, 3)
    outcomes = at_once(
        [
            lambda: ward.part(visit, 8),
            lambda: withdraw(actor=ward.clerk, settlement=first, reason="录错"),
        ]
    )
    standing = Settlement.objects.exclude(status="withdrawn").order_by("part")
    assert sum(claim.fund_amount for claim in standing) == yuan("900.00")
    assert len(standing) == 1 + len(refused(outcomes))
    assert UsageEntry.objects.totals()["annual_paid"] == 90_000


def test_one_page_sent_twice(ward: Ward, wang: Person) -> None:
    key = uuid4()
    visit = in_bed(date(2026, 3, 6), care="outpatient")
    outcomes = at_once([lambda: ward.admit(wang, visit, key=key)] * 2)
    assert len(refused(outcomes)) == 1
    assert services.facts_of(Visit.objects.get()).care == "outpatient"
