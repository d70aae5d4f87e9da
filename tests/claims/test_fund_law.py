"""The households' accounts at the end of a year, from covers and settlements: 周德福 was granted
216.46, 周德贵 129.97."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.fund_law import household_accounts
from claims.models import Settlement, UsageEntry
from claims.services import withdraw
from enrollment.models import Person
from funds.law.known import HouseholdAccounts
from funds.law.workings import work_out
from funds.models import Book
from tests.claims.conftest import Register, line
from tests.claims.test_accounts_go_along import OUTPATIENT, merge
from tests.funds.by_law import by_law

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(register: Register, village_a: Division) -> tuple[Person, Person]:
    people = []
    for name, left in (("周德福", "216.46"), ("周德贵", "129.97")):
        person = register.person(name, register.household(village_a), covered=False)
        register.cover(person, grant=Decimal(left))
        people.append(person)
    return people[0], people[1]


def test_every_account_once_and_what_is_not_paid_yet(
    counter: Callable[..., Settlement],
    cast: SimpleNamespace,
    county: Division,
    two: tuple[Person, Person],
) -> None:
    """100.00 are used and not paid; the merged household is one account; 2027 begins with what is
    left."""
    kept, closed = two
    counter(kept, line("X01", "1", "100"), visit=OUTPATIENT)
    yuan = Decimal
    found = household_accounts(county, 2026)
    assert found == HouseholdAccounts(
        brought=yuan(0), granted=yuan("346.43"), used=yuan(100), left=yuan("246.43"), households=2,
        unpaid=yuan(100), unpaid_count=1,
    )  # fmt: skip
    merge(cast, closed.household, kept.household)
    assert household_accounts(county, 2026) == replace(found, households=1)
    next_year = household_accounts(county, 2027)
    assert (next_year.brought, next_year.left) == (yuan("246.43"), yuan("246.43"))
    assert household_accounts(county, 2025).left == 0


def test_an_account_below_zero_is_named(
    counter: Callable[..., Settlement], county: Division, two: tuple[Person, Person]
) -> None:
    """16.46 more are used of 周德福's account than it ever had."""
    kept, _ = two
    done = counter(kept, line("X01", "1", "300"), visit=OUTPATIENT)
    UsageEntry.objects.create(
        settlement=done, household=kept.household, policy_year=2026, counter="household_account",
        amount=-1646,
    )  # fmt: skip
    found = household_accounts(county, 2026)
    assert (found.below, found.below_count, found.households) == (Decimal("16.46"), 1, 1)


def test_the_year_end_waits_for_what_is_used_and_not_paid(
    counter: Callable[..., Settlement],
    cast: SimpleNamespace,
    book: Book,
    two: tuple[Person, Person],
) -> None:
    day = date(2026, 12, 31)
    done = counter(two[0], line("X01", "1", "100"), visit=OUTPATIENT)
    with pytest.raises(Refusal, match=r"有 1 笔结算已从账户扣减 100\.00 元而还没有支付"):
        by_law(cast, book, "accounts_carried", 2026, day)
    withdraw(actor=cast.hospital_clerk, settlement=done, reason="录错")
    assert work_out("accounts_carried", book, 2026, day).stops == ()
