"""What is settled after the move equals, to the fen, what a county settles that was here from
1 January: a hundred people with histories drawn by lot, their first half settled in one county,
handed over as the file, and the second half settled in both."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Division
from claims.carried.handing_over import usage_rows
from claims.models import Settlement
from enrollment.models import Person
from institutions.models import Institution
from policies.models import Pack
from policies.services import terms_of
from tests.claims.carried.conftest import COUNTED_TO
from tests.claims.conftest import Register, line, stay

PEOPLE = 100
SEED = 20260701
# What the sheet shows of a settlement, beside its layers and steps.
FIGURES = (
    *("total_amount", "full_self_pay_amount", "borne_amount", "over_limit_amount"),
    *("first_self_pay_amount", "in_scope_amount", "deductible_amount", "ratio", "fund_amount"),
    *("hospital_amount", "beyond_amount", "personal_amount", "account_amount", "credit_amount"),
    *("cash_amount", "refusal_code", "benefit"),
)


@dataclass(frozen=True)
class Planned:
    """One claim of the year."""

    person: Person
    day: date
    kind: str
    yuan: int


def families(register: Register, village: Division, lot: random.Random) -> list[Person]:
    """A hundred people in families of one to four, of both tiers and all ages."""
    people: list[Person] = []
    while len(people) < PEOPLE:
        home, tier = register.household(village), lot.choice(["tier1", "tier2"])
        for _ in range(min(lot.randint(1, 4), PEOPLE - len(people))):
            born = date(lot.randint(1945, 2020), lot.randint(1, 12), lot.randint(1, 28))
            people.append(
                register.person(
                    f"参保{len(people):03d}",
                    home,
                    born=born,
                    tier=tier,
                    years=lot.randint(1, 12),
                    residence=lot.choice(["rural", "rural", "urban"]),
                    credit=50 if tier == "tier1" and lot.random() < 0.2 else 0,
                )
            )
    return people


def year_of(people: list[Person], lot: random.Random) -> list[Planned]:
    """Two to five claims for each, of days that do not touch, in the order of their days."""
    plans = []
    for person in people:
        weeks = sorted(lot.sample(range(1, 51), lot.randint(2, 5)))
        for week in weeks:
            day = date(2026, 1, 1) + timedelta(weeks=week)
            kind = lot.choice(["stay", "stay", "town", "clinic", "clinic", "special", "chronic"])
            most = {"stay": 90_000, "town": 6_000, "clinic": 60, "special": 20_000}.get(kind, 900)
            plans.append(Planned(person, day, kind, lot.randint(10, most)))
    return sorted(plans, key=lambda one: (one.day, one.person.pk))


def told(settlement: Settlement) -> tuple[Any, ...]:
    """Everything that the settlement says."""
    settlement.refresh_from_db()
    return (
        *(getattr(settlement, name) for name in FIGURES),
        list(settlement.funds.order_by("layer").values_list("layer", "book", "amount")),
        list(settlement.steps.values_list("code", "before_amount", "after_amount", "sentence")),
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("catalogue")
@pytest.mark.seconds(120)
def test_a_hundred_people_are_paid_as_if_the_county_had_been_here_from_january(
    register: Register,
    village_a: Division,
    township_hospital: Institution,
    counter: Callable[..., Settlement],
    cast: SimpleNamespace,
    county: Division,
    pack: Pack,
    sent: Callable[..., Any],
    agreed: Callable[..., Any],
) -> None:
    lot = random.Random(SEED)
    people = families(register, village_a, lot)
    plans = year_of(people, lot)
    town_clerk = cast.hospital_clerk.__class__.objects.create(
        username="town_clerk", name="邓芳", role=cast.hospital_clerk.role,
        institution_code=township_hospital.code,
    )  # fmt: skip

    def settle(plan: Planned) -> Settlement:
        long = plan.kind in {"stay", "town"}
        ends = plan.day + timedelta(days=lot_days(plan)) if long else plan.day
        care = {"stay": "inpatient", "town": "inpatient", "clinic": "outpatient"}
        facts: dict[str, Any] = {
            "care": care.get(plan.kind, plan.kind), "diseases": (), "facts": (),
        }  # fmt: skip
        if plan.kind == "special":
            facts["diseases"] = ("dialysis",)
        if plan.kind == "chronic":
            facts |= {"diseases": ("diabetes",), "facts": ("chronic_certified",)}
            facts["filing_document"] = "慢性病证 2026"
        given: dict[str, Any] = {"on": ends}
        if plan.kind == "town":
            given |= {"institution": township_hospital, "actor": town_clerk}
        bill = [line("S03", "1", str(plan.yuan))]
        if plan.yuan % 3 == 0:
            bill.append(line("X02", "2", "13.37"))
        return counter(plan.person, *bill, visit=stay(plan.day, ends, **facts), **given)

    first = [plan for plan in plans if plan.day <= COUNTED_TO - timedelta(days=8)]
    second = [plan for plan in plans if plan.day > COUNTED_TO]
    assert len(first) > 120
    assert len(second) > 120
    before = transaction.savepoint()
    for plan in first:
        settle(plan)
    handed_over = list(usage_rows(county.code, 2026, terms_of(pack)))
    here = [told(settle(plan)) for plan in second]
    transaction.savepoint_rollback(before)  # the same people, in a county that has just moved in
    assert not Settlement.objects.exists()
    nothing = transaction.savepoint()
    without = [told(settle(plan)) for plan in second[:60]]
    transaction.savepoint_rollback(nothing)
    file = agreed(sent(*handed_over))
    assert (file.refused_count, file.ready_count) == (0, file.people_count)
    there = [told(settle(plan)) for plan in second]
    for plan, one, other in zip(second, here, there, strict=True):
        assert one == other, plan
    # It was the file that made them equal.
    assert sum(one != other for one, other in zip(here[:60], without, strict=True)) > 25


def lot_days(plan: Planned) -> int:
    return 1 + plan.yuan % 6
