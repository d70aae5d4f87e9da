"""The settings of PostgreSQL that the big sums need stand while they are asked, and not longer."""

import pytest
from django.db import connection, transaction

from claims.models import Settlement
from reports.activity import ask

NAMES = ("work_mem", "enable_sort")
SAID = ", ".join(f"current_setting('{name}')" for name in NAMES)


def now() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SAID}")
        return list(cursor.fetchone())


@pytest.mark.django_db
def test_within_a_transaction_what_was_set_before_holds_again() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '7MB'")
        before = now()
        assert ask(f"SELECT {SAID}", Settlement.objects.all(), {}) == [("256MB", "off")]
        assert now() == before and before[0] == "7MB"


@pytest.mark.django_db(transaction=True)
def test_alone_as_well() -> None:
    before = now()
    assert ask(f"SELECT {SAID}", Settlement.objects.all(), {}) == [("256MB", "off")]
    assert now() == before and not connection.in_atomic_block
