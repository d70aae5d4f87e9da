"""Random histories of a hospital's days, each played on a bad network and then on a good one."""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from claims.models import Settlement
from claims.services import approve, review
from enrollment.models import Person
from funds.models import Voucher
from tests.gateway.conftest import System
from tests.gateway.days import (
    PRICES,
    Desk,
    Network,
    Stay,
    Trouble,
    check_nothing_hangs,
    stands,
)
from tests.paying import pay

TROUBLES = st.builds(
    Trouble,
    copies=st.sampled_from([1, 1, 2, 3]),
    late=st.sampled_from([0, 0, 1, 2]),
    corrected=st.booleans(),
    early=st.booleans(),
    corrections=st.sampled_from([1, 1, 2]),
)
CODES, COUNTS = st.sampled_from([*PRICES]), st.integers(1, 9)
NUMBERS = st.integers(0, 20)
OF = ("open", "left")


class History(RuleBasedStateMachine):
    """Three people, two of them of one household, come, are charged, settled and taken back.

    Every act goes through a network that loses, doubles and delays, and is written down; in the end
    the same acts are done again from the beginning where nothing of that happens.
    """

    system: ClassVar[System]
    people: ClassVar[Sequence[Person]]
    cast: ClassVar[SimpleNamespace]
    told: ClassVar[Callable[["History", Desk], None]]

    def __init__(self) -> None:
        super().__init__()
        self.began = transaction.savepoint()
        self.desk = Desk(Network(self.system), self.people)
        self.acts: list[tuple[Any, ...]] = []

    def act(self, act: str, *what: Any, trouble: Trouble) -> None:
        getattr(self.desk, act)(*what, trouble=trouble)
        self.acts.append((act, *what))

    def names(self, fits: Callable[[Stay], bool]) -> list[str]:
        """Visits that are like this, in households about which nothing is unheard."""
        homes = {self.home(self.desk.stays[name].who) for name in self.desk.waiting}
        return [
            name
            for name, stay in self.desk.stays.items()
            if self.home(stay.who) not in homes and fits(stay)
        ]

    def home(self, who: int) -> int:
        return self.people[who].household_id

    @rule(who=st.integers(0, 2), bed=st.booleans(), code=CODES, count=COUNTS, trouble=TROUBLES)
    def comes(self, who: int, bed: bool, code: str, count: int, trouble: Trouble) -> None:
        beds = [one for one in self.desk.stays.values() if one.who == who and one.state != "void"]
        waits = {self.home(self.desk.stays[name].who) for name in self.desk.waiting}
        if self.home(who) in waits or len(self.desk.stays) > 5:
            return
        if any(one.bed for one in beds) or (bed and beds):  # nobody is in bed and out of it
            return
        name = f"V{len(self.desk.stays)}"
        self.act("open", name, who, bed, trouble=trouble)
        self.act("charge", name, code, count, trouble=trouble)

    @precondition(lambda self: self.names(lambda one: one.state in OF))
    @rule(at=NUMBERS, code=CODES, count=COUNTS, trouble=TROUBLES)
    def is_charged(self, at: int, code: str, count: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.state in OF)
        self.act("charge", names[at % len(names)], code, count, trouble=trouble)

    @precondition(lambda self: self.names(may_give_back))
    @rule(at=NUMBERS, of=NUMBERS, trouble=TROUBLES)
    def gets_back(self, at: int, of: int, trouble: Trouble) -> None:
        name = _one(self.names(may_give_back), at)
        stay = self.desk.stays[name]
        number = _one([one for one in stay.lines if stay.left(one) > 0], of)
        self.act("take_back", name, number, trouble=trouble)

    @precondition(lambda self: self.names(lambda one: one.state in OF and bool(one.lines)))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def bill_is_withdrawn(self, at: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.state in OF and bool(one.lines))
        self.act("unbill", _one(names, at), trouble=trouble)

    @precondition(lambda self: self.names(lambda one: one.bed and one.state == "open"))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def leaves(self, at: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.bed and one.state == "open")
        self.act("leave", _one(names, at), trouble=trouble)

    @precondition(lambda self: self.names(lambda one: one.bed and one.state == "left"))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def did_not_leave(self, at: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.bed and one.state == "left")
        self.act("come_back", _one(names, at), trouble=trouble)

    @precondition(lambda self: self.names(lambda one: one.state == "open" and not one.lines))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def was_not_there(self, at: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.state == "open" and not one.lines)
        self.act("cancel", _one(names, at), trouble=trouble)

    @precondition(lambda self: self.names(may_settle))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def is_settled(self, at: int, trouble: Trouble) -> None:
        self.act("settle", _one(self.names(may_settle), at), trouble=trouble)

    @precondition(lambda self: self.names(may_settle))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def is_settled_unheard(self, at: int, trouble: Trouble) -> None:
        name = _one(self.names(may_settle), at)
        self.desk.settle_unheard(name, trouble)
        self.acts.append(("settle", name))

    @precondition(lambda self: self.desk.waiting)
    @rule(at=NUMBERS, trouble=TROUBLES)
    def is_asked_again(self, at: int, trouble: Trouble) -> None:
        self.desk.ask_again(_one([*self.desk.waiting], at), trouble)

    @precondition(lambda self: self.names(may_settle))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def is_settled_by_mistake(self, at: int, trouble: Trouble) -> None:
        """With another total; it is no act of the orderly day."""
        self.desk.mistake(_one(self.names(may_settle), at), trouble)

    @precondition(lambda self: self.names(lambda one: one.state == "settled"))
    @rule(at=NUMBERS, trouble=TROUBLES)
    def settlement_is_taken_back(self, at: int, trouble: Trouble) -> None:
        names = self.names(lambda one: one.state == "settled")
        self.act("unsettle", _one(names, at), trouble=trouble)

    @precondition(lambda self: self.desk.net.late)
    @rule(which=NUMBERS)
    def late_copy_arrives(self, which: int) -> None:
        self.desk.net.arrives(which)

    @invariant()
    def nothing_hangs(self) -> None:
        check_nothing_hangs()

    def teardown(self) -> None:
        """All that is under way arrives; then the same acts again, on a network that works."""
        try:
            if sys.exc_info()[0] is None:  # else a step has failed, and that is what is told
                self.compare()
        finally:
            transaction.savepoint_rollback(self.began)

    def compare(self) -> None:
        for name in [*self.desk.waiting]:
            self.desk.ask_again(name, Trouble())
        while self.desk.net.late:
            self.desk.net.arrives(0)
        there = self.outcome()
        transaction.savepoint_rollback(self.began)
        orderly = Desk(Network(self.system), self.people)
        for act, *what in self.acts:
            getattr(orderly, act)(*what)
        assert there == self.outcome()
        type(self).told(self, orderly)

    def outcome(self) -> dict[str, list[Any]]:
        """With everything approved and paid, so that it is in the books."""
        check_nothing_hangs()
        claims = list(Settlement.objects.filter(status="submitted").order_by("pk"))
        for claim in claims:
            review(actor=self.cast.reviewer, settlement=claim)
            approve(actor=self.cast.approver, settlement=claim)
        if claims:
            on = self.system.on
            pay(actor=self.cast.cashier, settlements=claims, on=on, today=on)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        found = stands()
        due = sum(claim.payable_amount for claim in claims)
        assert paid() == due
        return found


def paid() -> Decimal:
    """What the books say went out for claims."""
    rows = Voucher.objects.filter(event="claim_paid")
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def may_give_back(stay: Stay) -> bool:
    """Negative lines are a stay's (2301); an out-patient's bill is sent anew."""
    return stay.bed and stay.state in OF and any(stay.left(one) > 0 for one in stay.lines)


def may_settle(stay: Stay) -> bool:
    return stay.state in OF and stay.total > 0


def _one(names: Sequence[str], at: int) -> str:
    return names[at % len(names)]
