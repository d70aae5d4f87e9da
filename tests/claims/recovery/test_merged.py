"""Two records that became one: what was computed after a claim of the other one is found, and
money that came back in part goes over with it.

A minor's special outpatient: deductible 200.00 in the year as everybody's.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.services import withdraw
from enrollment.models import Person
from tests.claims.conftest import line, stay
from tests.claims.dependence.test_stories import used
from tests.claims.test_one_person import child, merge  # noqa: F401 - two records of one child

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


def treated(counter: Enter, person: Person, day: int) -> Settlement:
    when = date(2026, 2, day)
    visit = stay(when, when, care="special", diseases={"leukemia"})
    return counter(person, line("S03", "1", "1380"), visit=visit)


def test_a_claim_of_the_other_record_is_what_a_later_one_stands_on(
    counter: Enter, cast: SimpleNamespace, request: pytest.FixtureRequest
) -> None:
    two = request.getfixturevalue("child")
    first = treated(counter, two.given_up, 3)
    merge(cast, two.kept, two.given_up)
    second = treated(counter, two.kept, 4)
    assert (first.deductible_amount, second.deductible_amount) == (Decimal(200), Decimal(0))
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    anew = Settlement.objects.get(recomputed_from__settlement=second)
    assert anew.deductible_amount == Decimal(200)
    assert anew.fund_amount == first.fund_amount
    assert used(two.kept)["special_deductible"] == 20_000


def test_what_came_back_in_part_goes_over_with_the_rest(
    counter: Enter,
    paid: Any,
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    cast: SimpleNamespace,
    request: pytest.FixtureRequest,
) -> None:
    two = request.getfixturevalue("child")
    claim = paid(treated(counter, two.given_up, 3))
    fifth = claim.fund_amount / 5
    take(ask(claim, amounts={"basic": fifth}, reason="beyond"), str(fifth))
    left = {"annual_paid": int(claim.fund_amount * 80), "special_deductible": 20_000}
    assert used(two.given_up) == left
    merge(cast, two.kept, two.given_up)
    assert (used(two.given_up), used(two.kept)) == ({}, left)
    rest = ask(claim)
    take(rest, str(rest.amount))
    assert (used(two.given_up), used(two.kept)) == ({}, {})
