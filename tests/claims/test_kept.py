"""A kept question answers as the queryset does that it was made of: 王建国 and 李秀兰."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Q, Sum
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import Division
from desk.kept import Kept, among, given
from enrollment.models import Enrollment, Household, Person
from tests.claims.conftest import Register


def test_rows_are_read_anew_at_every_asking(register: Register, village_a: Division) -> None:
    named = Kept(lambda: Person.objects.filter(name=given("name")).order_by("pk"))
    assert named(name="王建国") == []
    wang = register.person("王建国", register.household(village_a))
    li = register.person("李秀兰", register.household(village_a))
    assert named(name="王建国") == [wang]
    assert named(name="李秀兰") == [li]
    Person.objects.filter(pk=wang.pk).update(name="王建军")
    assert named(name="王建国") == []
    assert named.first(name="王建军") == wang
    assert named.first(name="王建国") is None


def test_what_is_read_with_a_row_costs_no_statement(
    register: Register, village_a: Division
) -> None:
    wang = register.person("王建国", register.household(village_a))
    covers = Kept(
        lambda: Enrollment.objects.select_related("person__household").filter(
            person=given("person"), year=given("year")
        )
    )
    covers(person=wang.pk, year=2026)
    with CaptureQueriesContext(connection) as asked:
        [cover] = covers(person=wang.pk, year=2026)
        assert cover.person.household.division_id == village_a.pk
        assert cover.cover_first_day == date(2026, 1, 1)
    assert len(asked) == 1
    assert covers(person=wang.pk, year=2027) == []


def test_lists_sums_and_the_like(register: Register, village_a: Division) -> None:
    home = register.household(village_a)
    family = [register.person(name, home) for name in ("王建国", "李秀兰", "王小明")]
    keys = [one.pk for one in family]
    some = Kept(
        lambda: (
            Person.objects.filter(~Q(among("pk", given("others"))), household=given("home"))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    )
    assert some(others=[], home=home.pk) == keys
    assert some(others=keys[:2], home=home.pk) == keys[2:]
    assert some(others=[], home=home.pk + 1) == []
    granted = Kept(
        lambda: (
            Enrollment.objects.filter(among("person_id", given("people")))
            .order_by()
            .values_list("year")
            .annotate(total=Sum("account_amount"))
        )
    )
    assert granted(people=keys) == [(2026, 120)]
    assert granted(people=keys[:1]) == [(2026, 40)]
    assert granted(people=[]) == []


def test_every_place_is_filled(register: Register, village_a: Division) -> None:
    named = Kept(lambda: Person.objects.filter(name=given("name")))
    with pytest.raises(KeyError):
        named(nam="王建国")
    with pytest.raises(TypeError):
        Kept(lambda: Household.objects.prefetch_related("members"))()


@pytest.mark.django_db(transaction=True)
def test_a_lock_asks_for_a_transaction_at_every_asking() -> None:
    held = Kept(lambda: Household.objects.select_for_update().filter(pk=given("pk")))
    with pytest.raises(TransactionManagementError):
        held(pk=1)
    with transaction.atomic():
        assert held(pk=1) == []
    with pytest.raises(TransactionManagementError):
        held(pk=1)
