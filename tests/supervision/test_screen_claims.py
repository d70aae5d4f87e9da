"""Screening: every submitted claim is looked at once, and what is wrong stands as an alert."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from claims.models import Settlement
from enrollment.models import Person
from supervision.models import Alert, Screening
from supervision.services import screen_new_claims
from supervision.tasks import screen_new_claims as screening_task
from tests.claims.conftest import Register


def found() -> set[tuple[str, int]]:
    return set(Alert.objects.values_list("rule", "settlement"))


def test_an_honest_stay_raises_nothing_and_is_looked_at_once(county, wang, settled):
    settled(wang, 1, 9)
    assert screen_new_claims(area=county) == 1
    assert screen_new_claims(area=county) == 0
    assert found() == set()


def test_overlapping_stays_of_one_person(county, wang, settled, township_hospital):
    first = settled(wang, 1, 9)
    screen_new_claims(area=county)
    second = settled(wang, 8, 12, institution=township_hospital)
    screen_new_claims(area=county)
    alert = Alert.objects.get(rule="A03")
    assert alert.settlement == second
    assert alert.certainty == Alert.Certainty.CERTAIN
    assert alert.division == second.division
    assert first.number in alert.finding
    assert "王建国" not in alert.finding


def test_back_within_ten_days(county, wang, settled):
    settled(wang, 1, 5)
    again = settled(wang, 10, 14)
    screen_new_claims(area=county)
    assert found() == {("A05", again.pk)}


def test_a_bill_of_catalogues_nobody_knows(county, wang, settled):
    """300.00 of 5000.00 is 6 %, and the county hospital may go up to 5 %."""
    claim = settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    assert found() == {("A11", claim.pk)}


def test_three_neighbours_in_one_day_over_two_runs(county, neighbours, settled):
    first, second = (settled(person, 3, 8) for person in neighbours[:2])
    screen_new_claims(area=county)
    assert found() == set()
    third = settled(neighbours[2], 3, 6)
    screen_new_claims(area=county)
    assert found() == {("A12", claim.pk) for claim in (first, second, third)}
    assert Alert.objects.first().finding == "同村 3 人于 2026-03-03 同日入住大足县人民医院"


def test_a_death_that_is_reported_after_the_claim(county, wang, settled):
    claim = settled(wang, 8, 9)
    screen_new_claims(area=county)
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 3, 5))
    assert screen_new_claims(area=county) == 0
    assert found() == {("A01", claim.pk)}


def test_a_draft_is_looked_at_when_it_is_submitted_even_after_later_claims(
    county, wang, neighbours, settled
):
    draft = settled(wang, 1, 5, status="draft", off_catalogue="900.00")
    settled(neighbours[0], 1, 5)
    screen_new_claims(area=county)
    assert found() == set()
    Settlement.objects.filter(pk=draft.pk).update(status="submitted")
    assert screen_new_claims(area=county) == 1
    assert found() == {("A11", draft.pk)}


def test_a_withdrawn_claim_gives_no_cause(county, wang, settled, township_hospital):
    first = settled(wang, 1, 9)
    Settlement.objects.filter(pk=first.pk).update(status="withdrawn", withdrawn_reason="录错")
    settled(wang, 1, 9, institution=township_hospital)
    screen_new_claims(area=county)
    assert found() == set()


def test_each_area_is_screened_by_itself(county, other_county, wang, settled):
    settled(wang, 1, 5, off_catalogue="900.00")
    assert screen_new_claims(area=other_county) == 0
    assert found() == set()
    assert screening_task() == 1
    assert len(found()) == 1


def test_small_batches_find_the_same(county, wang, neighbours, settled, township_hospital):
    settled(wang, 1, 9)
    settled(wang, 8, 12, institution=township_hospital)
    for person in neighbours:
        settled(person, 3, 8)
    while screen_new_claims(area=county, most=2):
        pass
    assert {rule for rule, _ in found()} == {"A03", "A12"}
    assert len(found()) == 4
    assert Screening.objects.count() == 5


def test_statements_do_not_grow_with_the_claims(county, wang, neighbours, settled):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            screen_new_claims(area=county)
        return len(queries)

    settled(wang, 1, 5, off_catalogue="900.00")
    alone = statements()
    for person in neighbours:
        settled(person, 3, 8, off_catalogue="900.00")
        settled(person, 10, 14)
    assert alone <= 27
    assert statements() == alone + 1  # joins what is of one event, all of them at once
    assert len(found()) == 1 + 3 + 3 + 6  # A11 of all four, A05 and twice A12 of the neighbours


def test_an_alert_is_never_changed_or_removed_in_sql(county, wang, settled):
    settled(wang, 1, 5, off_catalogue="900.00")
    screen_new_claims(area=county)
    for statement in (
        "DELETE FROM supervision_alert",
        "UPDATE supervision_alert SET finding = '没事'",
        "DELETE FROM supervision_screening",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_people_without_any_claim_cost_nothing(county, register: Register, village_a):
    register.person("马无病", register.household(village_a))
    assert screen_new_claims(area=county) == 0
