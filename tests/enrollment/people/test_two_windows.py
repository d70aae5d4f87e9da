"""Two windows at the same moment: a number just given up is not taken by somebody else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from accounts.errors import Refusal
from enrollment.models import Person
from enrollment.people.lifecycle import Newcomer, change_number, record_newcomer
from enrollment.people.register import MemberEntry, add_person
from tests.enrollment.conftest import resident_id
from tests.enrollment.people.conftest import MARCH, named

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_number_given_up_this_very_moment_is_still_taken(cast, chens, zhaos):
    number = resident_id("20260201", 33, male=False)
    newborn = Newcomer(name="陈安安", relationship="4", kind="resident_id", number=number)
    record_newcomer(actor=cast.clerk_a, household=chens, newcomer=newborn, kind="birth", on=MARCH)
    given_up, both_in = Event(), Event()

    def gives_up():
        try:
            with transaction.atomic():
                change_number(
                    actor=cast.clerk_a, person=named("陈安安"), kind="birth_certificate",
                    number="P500123456", effective_on=MARCH, on=MARCH,
                )  # fmt: skip
                given_up.set()
                both_in.wait(1)  # the other window waits for the unique index meanwhile
        finally:
            connection.close()

    def takes():
        given_up.wait(10)
        entry = MemberEntry(position=0, name="赵乐乐", resident_id=number, relationship="8")
        try:
            add_person(actor=cast.clerk_b, household=zhaos, entry=entry, on=MARCH)
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()
        return "taken"

    with ThreadPoolExecutor(2) as windows:
        first, second = windows.submit(gives_up), windows.submit(takes)
        first.result(20)
        message = second.result(20)
    assert "已在本县其他乡镇登记" in message or "另一人用过" in message
    assert list(Person.objects.search(number)) == [named("陈安安")]
