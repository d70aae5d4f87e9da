"""Who is covered when, as claims ask."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import OperationalError, connections, transaction

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment
from enrollment.cover.covering import cover_on, lock_cover
from enrollment.cover.enrolling import save_entry
from enrollment.models import Enrollment, Household
from tests.enrollment.conftest import OCTOBER, the_chens

pytestmark = pytest.mark.django_db


@pytest.fixture
def father(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:1]), on=OCTOBER)
    return saved.enrollments[0].person


def pay(cast, person):
    take_payment(actor=cast.clerk_a, household=person.household, received=Decimal(110), on=OCTOBER)


def test_cover_runs_over_the_year_that_was_paid(cast, father):
    assert cover_on(father, date(2026, 1, 1)) is None
    pay(cast, father)
    assert cover_on(father, date(2026, 1, 1)).tier == "tier2"
    assert cover_on(father, date(2026, 12, 31)) is not None
    assert cover_on(father, date(2025, 12, 31)) is None
    assert cover_on(father, date(2027, 1, 1)) is None


def test_only_paid_cover_can_be_locked(cast, father):
    with transaction.atomic(), pytest.raises(Refusal, match="没有 2026 年度的有效参保"):
        lock_cover(person_id=father.pk, year=2026)
    pay(cast, father)
    with transaction.atomic():
        cover = lock_cover(person_id=father.pk, year=2026)
    assert (cover.person, cover.household.number) == (father, "5002250101000001")


@pytest.mark.django_db(transaction=True)
def test_a_locked_cover_and_household_make_others_wait(cast, father):
    pay(cast, father)
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            lock_cover(person_id=father.pk, year=2026)
            for model in (Enrollment, Household):
                with other.cursor() as cursor, pytest.raises(OperationalError, match="lock"):
                    cursor.execute(
                        f"SELECT id FROM {model._meta.db_table} FOR NO KEY UPDATE NOWAIT"
                    )
    finally:
        other.close()
