"""After any random order of settling, withdrawing, cutting, paying and taking back, usage and each
standing settlement are what settling the survivors one after the other, from nothing, gives.

A family with one account: two of them have special outpatient visits (a deductible of the year and
a cap), all draw on the household's outpatient account.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.computation import Place, compute, usage_to_date
from claims.dependence.models import Supplement
from claims.models import Settlement, UsageEntry
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.services import Cut, approve, cut_and_review, review, withdraw
from claims.shares import as_fen, decided_shares, due_shares
from enrollment.models import Enrollment, Person
from policies.services import Measures
from tests.claims.conftest import TODAY, Register, line, stay
from tests.paying import pay

Enter = Callable[..., Settlement]
Status = Settlement.Status
pytestmark = pytest.mark.django_db


class Story:
    """Random acts of the hands; each leaves the family consistent."""

    def __init__(
        self, dice: random.Random, people: list[Person], cast: SimpleNamespace, **acts: Any
    ) -> None:
        self.dice, self.people, self.cast = dice, people, cast
        self.enter, self.ask, self.take = acts["enter"], acts["ask"], acts["take"]
        self.done: list[str] = []

    def act(self) -> None:
        acts = [self.settle] * 4 + [self.withdraw, self.cut, self.pay, self.pay, self.recover]
        chosen = self.dice.choice(acts)
        self.done.append(chosen.__name__)
        chosen()

    def settle(self) -> None:
        person = self.dice.choice(self.people)
        day = date(2026, self.dice.choice([1, 2]), self.dice.randint(1, 28))
        care, most = self.dice.choice([("special", 90_000), ("special", 500), ("outpatient", 60)])
        facts: dict[str, Any] = {"diseases": {"dialysis"}} if care == "special" else {}
        visit = stay(day, day, care=care, **facts)
        yuan = f"{self.dice.randint(1, most * 100) / 100:.2f}"
        self.enter(person, line("S03", "1", yuan), visit=visit)

    def one(self, *statuses: str) -> Settlement | None:
        rows = list(Settlement.objects.filter(status__in=statuses).not_taken_back().order_by("pk"))
        return self.dice.choice(rows) if rows else None

    def withdraw(self) -> None:
        if (row := self.one(Status.SUBMITTED)) is not None:
            withdraw(actor=row.entered_by, settlement=row, reason="录错")

    def cut(self) -> None:
        row = self.one(Status.SUBMITTED)
        if row is not None and (first := row.visit.lines.get()).amount > 1:
            allowed = Decimal(self.dice.randint(0, int(first.approved_amount * 100) - 1)) / 100
            cuts = {1: Cut(allowed, "多收")}
            cut_and_review(actor=self.cast.reviewer, settlement=row, cuts=cuts, on=TODAY)

    def pay(self) -> None:
        row = self.one(Status.SUBMITTED, Status.REVIEWED)
        if row is not None:
            if row.status == Status.SUBMITTED:
                review(actor=self.cast.reviewer, settlement=row)
            approve(actor=self.cast.approver, settlement=row)
            pay(actor=self.cast.cashier, settlements=[row], on=TODAY, today=TODAY)

    def recover(self) -> None:
        row = self.one(Status.PAID)
        if row is None:
            return
        try:
            debt = self.ask(row)
        except Refusal:  # nothing was paid, or all of it is asked back already
            return
        if debt.amount > 1:
            self.take(debt, "0.37")
        self.take(debt, str(debt.rest_amount))


def survivors() -> list[Settlement]:
    rows = Settlement.objects.effective().not_taken_back().select_related("visit", "pack")
    return sorted(rows, key=Place.of)


def check(register: Register) -> None:
    """Settle what stands from nothing, carrying usage along in memory."""
    used: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in survivors():
        cover = Enrollment.objects.select_related("person", "household", "division", "pack").get(
            pk=row.visit.enrollment_id
        )
        measures = Measures.of(row.pack)
        opening = usage_to_date(cover, measures.terms, Place(row.entered_at.replace(year=2000), 0))
        for owner in (cover.person, cover.household):
            for name, amount in used[owner].items():
                opening[name] = opening.get(name, 0) + amount
        decision = compute(
            enrollment=cover,
            visit=row.visit,
            lines=list(row.visit.lines.all()),
            measures=measures,
            used=opening,
        )
        for change in decision.changes:
            owner = cover.person if change.owner == "person" else cover.household
            used[owner][change.counter] += change.delta
        due = as_fen(decided_shares(decision, row.visit.care, measures.terms))
        if row.status == Status.PAID:
            assert as_fen(due_shares(row, measures.terms)) == due
        else:
            assert row.payable_amount * 100 == sum(due.values())
            assert row.deductible_amount * 100 == decision.deductible
    wanted = {
        (type(owner).__name__, owner.pk, name): amount
        for owner, totals in used.items()
        for name, amount in totals.items()
        if amount
    }
    found: dict[Any, int] = defaultdict(int)
    for row in UsageEntry.objects.all():
        kind = ("Person", row.person_id) if row.person_id else ("Household", row.household_id)
        found[*kind, row.counter] += row.amount
    assert {key: amount for key, amount in found.items() if amount} == wanted


@pytest.mark.parametrize("seed", range(8))
def test_survivors_are_what_settling_them_from_nothing_gives(
    counter: Enter,
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    book: Any,
    seed: int,
) -> None:
    home = register.household(village_a)
    people = [register.person(f"孙{name}", home) for name in "一二三"]
    story = Story(random.Random(seed), people, cast, enter=counter, ask=ask, take=take)
    for _ in range(14):
        story.act()
        check(register)
    # What nobody acted on is there once.
    for row in Settlement.objects.filter(status=Status.PAID):
        assert row.supplements.filter(status=Supplement.Status.TO_PAY).count() <= 1
        open_ones = row.recoveries.filter(status="proposed", dependent__isnull=False)
        assert open_ones.count() <= 1
