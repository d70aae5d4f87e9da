"""From a household to what was claimed for its members."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import PERMISSIONS
from tests.claims.conftest import Register, line, stay

pytestmark = pytest.mark.django_db


def test_the_claims_of_a_household(
    cast: SimpleNamespace, as_user: Any, counter: Any, register: Register, village_a: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Two members, (1 000 - 200) × 50 % = 400.00 and (2 000 - 200) × 50 % = 900.00; not the
    neighbour's (3 000 - 200) × 50 % = 1 400.00."""
    household = register.household(village_a)
    people = [register.person(name, household) for name in ("罗大山", "罗小山")]
    neighbour = register.person("邻居", register.household(village_a))
    for person, yuan in zip([*people, neighbour], ("1000", "2000", "3000"), strict=True):
        counter(person, line("S03", "1", yuan))
    address = reverse("claims:household", args=[household.pk])
    home = reverse("enrollment:household_detail", args=[household.pk])
    for user in (cast.clerk_a, cast.reviewer, cast.auditor):
        client = as_user(user)
        assert address in client.get(home).text
        page = client.get(address).text
        assert "400.00" in page and "900.00" in page and "1,300.00" in page
        assert "1,400.00" not in page and people[0].resident_id not in page
    # Another township sees neither the household nor its claims, nor does a hospital; who may not
    # see claims finds no way to them.
    assert as_user(cast.clerk_b).get(address).status_code == 404
    assert as_user(cast.hospital_clerk).get(address).status_code == 404
    assert as_user(cast.cadre_a).get(address).status_code == 403
    monkeypatch.setitem(PERMISSIONS, "claims.view", frozenset())
    assert address not in as_user(cast.clerk_a).get(home).text


def test_who_has_moved_keeps_what_was_claimed(
    cast: SimpleNamespace, as_user: Any, counter: Any, register: Register, village_a: Any
) -> None:
    """Married into another household after the stay: both households tell of it."""
    before, after = register.household(village_a), register.household(village_a)
    register.person("父亲", before)
    register.person("丈夫", after)
    person = register.person("女儿", before)
    claim = counter(
        person, line("S03", "1", "1000"), visit=stay(date(2026, 3, 1), date(2026, 3, 5))
    )
    person.household, person.member_number = after, 9
    person.save()
    for household in (before, after):
        page = as_user(cast.clerk_a).get(reverse("claims:household", args=[household.pk]))
        assert claim.number in page.text


def test_statements_do_not_grow(
    cast: SimpleNamespace, as_user: Any, counter: Any, register: Register, village_a: Any
) -> None:
    client, costs = as_user(cast.reviewer), []
    for size in (1, 6):
        household = register.household(village_a)
        for at in range(size):
            counter(register.person(f"孙{at}", household), line("S03", "1", str(1000 + at + size)))
        address = reverse("claims:household", args=[household.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        costs.append(len(asked))
    assert costs[0] == costs[1]
