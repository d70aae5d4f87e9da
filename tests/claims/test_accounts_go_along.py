"""A household that ends leaves its outpatient account to the one where its people went."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement, UsageEntry
from claims.one_person import account_left
from enrollment.models import Enrollment, Household, Person, RegisterEvent
from enrollment.people.households import correct_event, merge_households, split_household
from enrollment.people.lifecycle import (
    record_death,
    record_departure,
    record_return,
    transfer_person,
)
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, line, stay

pytestmark = pytest.mark.django_db
Counter = Callable[..., Settlement]
OUTPATIENT = stay(care="outpatient", starts=date(2026, 3, 2), ends=date(2026, 3, 2))
WHEN = {"effective_on": TODAY, "on": TODAY}


def merge(cast: SimpleNamespace, household: Household, into: Household) -> RegisterEvent:
    people = [*household.members.all(), *into.members.all()]
    heads = {one.pk: one.relationship for one in into.members.all()}
    return merge_households(
        actor=cast.clerk_a, household=household, into=into, reason="合住",
        relationships={one.pk: "8" for one in people} | heads, explained="同住的亲戚", **WHEN,
    )  # fmt: skip


@pytest.fixture
def two(register: Register, village_a: Division) -> tuple[Person, Person]:
    """周德福 216.46 left in his household's account, 周德贵 129.97 in his."""
    people = []
    for name, left in (("周德福", "216.46"), ("周德贵", "129.97")):
        person = register.person(name, register.household(village_a), covered=False)
        register.cover(person, grant=Decimal(left))
        people.append(person)
    return people[0], people[1]


def pays(counter: Counter, person: Person, amount: str) -> Decimal:
    """What the account pays of an outpatient bill (benefit paid from the household's account)."""
    settlement = counter(person, line("X01", "1", amount), visit=OUTPATIENT)
    return settlement.fund_amount


def test_the_kept_household_has_both_accounts_to_the_fen(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    """216.46 + 129.97 = 346.43, whoever of them spends it, on covers of either household."""
    kept, closed = two
    merge(cast, closed.household, kept.household)
    closed.refresh_from_db()
    assert closed.household == kept.household
    assert pays(counter, closed, "300") == Decimal("300.00")
    assert pays(counter, kept, "100") == Decimal("46.43")
    assert pays(counter, closed, "100") == 0


def test_what_was_used_before_stays_used(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    """29.97 of 129.97 are gone: 216.46 + 100 = 316.46."""
    kept, closed = two
    assert pays(counter, closed, "29.97") == Decimal("29.97")
    merge(cast, closed.household, kept.household)
    assert pays(counter, kept, "400") == Decimal("316.46")


def test_an_account_is_passed_on_twice(
    counter: Counter, cast: SimpleNamespace, register: Register, village_a: Division,
    two: tuple[Person, Person],
) -> None:  # fmt: skip
    """A into B into C: 216.46 + 129.97 + 40 = 386.43; undone in the order of last to first."""
    first, second = two
    third = register.person("周德全", register.household(village_a))
    one = merge(cast, first.household, second.household)
    other = merge(cast, Household.objects.get(pk=second.household_id), third.household)
    roots = Household.objects.exclude(account_into=None).values_list("account_into", flat=True)
    assert set(roots) == {third.household_id}
    with pytest.raises(Refusal, match="请先撤销后面的变动"):
        correct_event(actor=cast.clerk_a, event=one, on=TODAY, reason="并错了户")
    correct_event(actor=cast.clerk_a, event=other, on=TODAY, reason="并错了户")
    assert pays(counter, first, "400") == Decimal("346.43")


def test_a_merger_is_undone_with_both_accounts_as_they_were(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    kept, closed = two
    event = merge(cast, closed.household, kept.household)
    assert pays(counter, closed, "9.97") == Decimal("9.97")
    correct_event(actor=cast.clerk_a, event=event, on=TODAY, reason="并错了户")
    assert pays(counter, kept, "300") == Decimal("216.46")
    assert pays(counter, closed, "300") == Decimal("120.00")


def test_a_merger_whose_account_was_used_by_both_cannot_be_undone(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    """周德贵 used 200 of his 129.97: 70.03 would be missing."""
    kept, closed = two
    event = merge(cast, closed.household, kept.household)
    assert pays(counter, closed, "200") == Decimal("200.00")
    with pytest.raises(Refusal, match=r"多用 70\.03 元"):
        correct_event(actor=cast.clerk_a, event=event, on=TODAY, reason="并错了户")
    assert Household.objects.get(pk=closed.household_id).closed_on == TODAY


def test_the_last_who_moves_away_takes_the_account_along(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    kept, last = two
    home = last.household
    transfer_person(
        actor=cast.clerk_a, person=last, to=kept.household, relationship="8", reason="投靠兄长",
        explained="兄弟同住", **WHEN,
    )  # fmt: skip
    home.refresh_from_db()
    assert (home.closed_on, home.account_into) == (TODAY, kept.household)
    assert pays(counter, kept, "400") == Decimal("346.43")


def test_who_left_the_county_keeps_the_account_at_home(
    counter: Counter, cast: SimpleNamespace, register: Register, two: tuple[Person, Person]
) -> None:
    """The wife left the county and may come back: her home stands when the husband moves away."""
    kept, husband = two
    home = husband.household
    wife = register.person("刘秀英", home, born=date(1972, 5, 1), covered=False)
    record_departure(actor=cast.clerk_a, person=wife, reason="外出定居", **WHEN)
    transfer_person(
        actor=cast.clerk_a, person=husband, to=kept.household, relationship="8",
        reason="投靠兄长", explained="兄弟同住", **WHEN,
    )  # fmt: skip
    home.refresh_from_db()
    assert (home.closed_on, home.account_into) == (None, None)
    assert pays(counter, kept, "400") == Decimal("216.46")
    record_return(actor=cast.clerk_a, person=wife, relationship="0", **WHEN)


def total() -> int:
    """Fen in all household accounts of the county, each shared account once."""
    roots = Household.objects.filter(account_into=None)
    return sum(
        account_left(list(Household.objects.sharing_account_with(one).values_list("pk", flat=True)))
        for one in roots
    )


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "transfer", "split", "death", "departure", "return", "undo"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=9,
)


@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(events=EVENTS)
@pytest.mark.seconds(60)
def test_no_event_of_life_changes_the_sum_of_all_accounts(
    cast: SimpleNamespace, register: Register, village_a: Division, events: list
) -> None:
    """Whatever happens to households: their accounts sum to what they were granted."""
    with transaction.atomic():
        people = []
        for number in range(3):
            home = register.household(village_a)
            people += [
                register.person(f"郑{number}{one}", home, sequence=900 + 2 * number + one)
                for one in (0, 1)
            ]
        granted = total()
        assert granted == 6 * 4000
        for kind, one, other in events:
            person = Person.objects.get(pk=people[one].pk)
            to = Person.objects.get(pk=people[other].pk).household
            heir = person.household.members.exclude(pk=person.pk).filter(death_date=None).first()
            with suppress(Refusal):
                happen(kind, cast, person, to, heir.pk if heir else None)
            assert total() == granted
            stranded = Household.objects.filter(members__in=people, closed_on__isnull=False)
            assert not stranded.filter(
                members__death_date=None, members__departure_date=None
            ).exists()
        transaction.set_rollback(True)


def happen(kind: str, cast: SimpleNamespace, person: Person, to: Household, heir: int | None):
    facts = {"actor": cast.clerk_a, "person": person, **WHEN}
    match kind:
        case "merge":
            merge(cast, person.household, to)
        case "transfer":
            relationship = "8" if to.members.filter(relationship="0").exists() else "0"
            transfer_person(
                to=to, relationship=relationship, reason="投靠亲友", new_head=heir,
                explained="同住", **facts,
            )  # fmt: skip
        case "split":
            stay_on = [one for one in person.household.members.all() if one.pk != person.pk]
            relationships = {one.pk: "8" for one in stay_on} | {person.pk: "0"}
            if heir:
                relationships[heir] = "0"
            split_household(
                actor=cast.clerk_a, household=person.household, leaving=[person.pk],
                relationships=relationships, division=person.household.division, reason="分家",
                explained="同住", **WHEN,
            )  # fmt: skip
        case "death":
            record_death(new_head=heir, **facts)
        case "departure":
            record_departure(new_head=heir, reason="外出", **facts)
        case "return":
            record_return(relationship="8", explained="同住", **facts)
        case "undo":
            event = RegisterEvent.objects.exclude(kind="correction").filter(undone_by=None).first()
            if event:
                correct_event(actor=cast.clerk_a, event=event, on=TODAY, reason="登记有误")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_merger_and_two_visits_in_the_same_moment(
    counter: Counter, cast: SimpleNamespace, two: tuple[Person, Person]
) -> None:
    """Whatever comes first: 346.43 together is never overspent, and nothing of it is lost."""
    kept, closed = two
    outcomes = at_once(
        [
            lambda: merge(cast, closed.household, kept.household),
            lambda: pays(counter, kept, "340"),
            lambda: pays(counter, closed, "340"),
        ]
    )
    odd = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
    assert not odd
    used = -sum(UsageEntry.objects.values_list("amount", flat=True).filter(household__isnull=False))
    left = account_left([kept.household_id, closed.household_id])
    assert left >= 0
    assert left + used == 34643
    assert Enrollment.objects.active().count() == 2
