"""Races of messages: two at once about one visit, or one message many times at once.

A race is a generator that plays one round before each `yield`; it goes on with the same visit as
long as this is cheap, and is begun anew with others (`Table.play`). `tests/gateway/test_races.py`
plays a few rounds of each, `bench/gateway_races.py` as many as one likes.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random
from typing import Any

from django.core.management import call_command
from django.db.models import Sum

from accounts.models import Division
from claims.models import BillLine, Settlement, UsageEntry, Visit
from claims.paying.checking import problems
from enrollment.models import Person
from funds.models import Book
from funds.payments.checking import payment_problems
from gateway.identifiers import psn_no
from gateway.messages.models import Message
from gateway.messages.once import UNDER_WAY
from tests.at_once import Acts
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.days import Desk, Network, Sent, check_nothing_hangs
from tests.gateway.hospital import admission, inpatient_lines

Race = Callable[["Table"], Iterator[None]]
RACES: dict[str, Race] = {}
# Rounds with the same visit: one with a hundred settlements is nobody's, and slow.
LIFE = 20
TOLD = 100
LONGEST = 2.0  # seconds
CROWD = 50
REVERSED = "已经冲正"
LOST = "已经结算"  # in these words a settlement loses to the one that still stands


def race(play: Race) -> Race:
    RACES[play.__name__] = play
    return play


@dataclass
class Table:
    """A hospital, and people who come to it one after the other."""

    system: System
    register: Register
    village: Division
    book: Book
    together: Callable[[Acts], list[Any]]
    serial: Iterator[int] = field(default_factory=lambda: count(1))
    seen: Counter[str] = field(default_factory=Counter)
    took: float = 0.1
    chance: Random = field(default_factory=lambda: Random(7))

    def play(self, name: str, rounds: int) -> None:
        """So many rounds of the race; the books are whole after every hundred and at the end."""
        done, began = 0, time.monotonic()
        self.seen.clear()
        while done < rounds:
            for _ in islice(RACES[name](self), min(LIFE, rounds - done)):
                done += 1
                check_nothing_hangs()
            if done % TOLD == 0 or done == rounds:
                assert [*payment_problems(self.book.area), *problems(self.book.area)] == []
                took = time.monotonic() - began
                sys.stdout.write(f"{name}: {done} rounds, {took:.0f} s, {dict(self.seen)}\n")
                sys.stdout.flush()
        call_command("verify_books")

    def person(self) -> Person:
        home = self.register.household(self.village)
        return self.register.person(f"孙{next(self.serial)}", home)

    def desk(self, *, bed: bool) -> Desk:
        """Somebody's visit "V" with a bill, out of bed again."""
        desk = Desk(Network(self.system), [self.person()])
        desk.open("V", 0, bed)
        desk.charge("V", "X02", 2)
        desk.charge("V", "S01", 3)
        if bed:
            desk.leave("V")
        return desk

    def told(self, message: Sent) -> Sent:
        """The answer in the end: who is told to ask again does so."""
        while True:
            answer = self.system.send(message)
            if answer["err_msg"] != UNDER_WAY:
                return answer
            self.seen["asked again"] += 1

    def at_once(self, *messages: Sent) -> list[Sent]:
        """The answers to messages that arrive together."""
        return self.together([lambda one=one: self.told(one) for one in messages])

    def near(self, first: Sent, second: Sent) -> list[Sent]:
        """The answers to two messages, either of them up to so much later as they took the last
        time: else the shorter would always be first."""
        late, wait = self.chance.random() < 0.5, self.chance.random() * self.took * 1.3

        def after(seconds: float, message: Sent) -> Sent:
            time.sleep(seconds)
            return self.told(message)

        began = time.monotonic()
        answers = self.together(
            [lambda: after(wait * late, first), lambda: after(wait * (not late), second)]
        )
        self.took = min(time.monotonic() - began - wait / 2, LONGEST)
        return answers


def live(desk: Desk) -> list[Settlement]:
    """What stands of the visit; the usage of its person is just that, and so is the visit."""
    visit = Visit.objects.get(pk=int(desk.stays["V"].number[8:]))
    found = list(visit.settlements.exclude(status=Settlement.Status.WITHDRAWN))
    assert len(found) <= 1
    assert visit.status == (Visit.Status.SETTLED if found else visit.status)
    assert found or visit.status != Visit.Status.SETTLED
    usage = UsageEntry.objects.filter(settlement__visit=visit)
    standing = usage.filter(settlement__in=found)
    assert _sums(usage) == _sums(standing)
    assert not found or _sums(standing) or not found[0].fund_amount
    taken = BillLine.objects.filter(visit=visit, is_live=True).exclude(part=None)
    assert taken.exists() == bool(found)
    return found


def _sums(usage: Any) -> dict[str, int]:
    """By counter, without those that came back to nothing."""
    rows = usage.order_by().values("counter").annotate(sum=Sum("amount")).exclude(sum=0)
    return {row["counter"]: row["sum"] for row in rows}


def _settled_and_taken_back(table: Table, *, bed: bool) -> Iterator[None]:
    """A second settlement and the reversal of the first: whichever comes first, at most one stands
    and the first is gone."""
    desk = table.desk(bed=bed)
    infno, asked = desk.to_settle("V")
    back = "2305" if bed else "2208"
    desk.heard("V", table.told(table.system.message(infno, asked)))
    while True:
        stay = desk.stays["V"]
        first = stay.settled
        of = {"mdtrt_id": stay.number, "psn_no": psn_no(desk.people[0]), "setl_id": first}
        settle, unsettle = table.near(
            table.system.message(infno, asked),
            table.system.message(back, {"data": of}),
        )
        assert unsettle["infcode"] == 0, unsettle
        standing = live(desk)
        if settle["infcode"] == 0:
            assert [one.number for one in standing] == [settle["output"]["setlinfo"]["setl_id"]]
            assert standing[0].number != first
            table.seen["settled anew"] += 1
        else:
            assert LOST in settle["err_msg"], settle
            assert standing == []
            table.seen["refused"] += 1
            settle = table.told(table.system.message(infno, asked))
        desk.heard("V", settle)
        yield


@race
def settle_and_unsettle(table: Table) -> Iterator[None]:
    """2207 ‖ 2208."""
    yield from _settled_and_taken_back(table, bed=False)


@race
def settle_and_unsettle_a_stay(table: Table) -> Iterator[None]:
    """2304 ‖ 2305."""
    yield from _settled_and_taken_back(table, bed=True)


@race
def charge_and_settle_a_stay(table: Table) -> Iterator[None]:
    """2301 ‖ 2304: what is settled is what the hospital summed up, or it is told of the other."""
    desk = table.desk(bed=True)
    while True:
        infno, asked = desk.to_settle("V")
        total = asked["data"]["medfee_sumamt"]
        stay = desk.stays["V"]
        stay.told += 1
        row = desk.row_of("V", str(stay.told), "X01", 1)
        settle, charge = table.near(
            table.system.message(infno, asked),
            table.system.message("2301", inpatient_lines(row)),
        )
        standing = live(desk)
        if settle["infcode"] == 0:
            assert [one.total_amount for one in standing] == [total]
            assert "已结算" in charge["err_msg"] or "不能办理" in charge["err_msg"], charge
            table.seen["settled first"] += 1
            desk.heard("V", settle)
            desk.unsettle("V")
        else:
            assert charge["infcode"] == 0, charge
            assert "medfee_sumamt" in settle["err_msg"], settle
            assert standing == []
            stay.lines[str(stay.told)] = ("X01", 1)
            table.seen["charged first"] += 1
        yield


@race
def settle_and_correct(table: Table) -> Iterator[None]:
    """2601 ‖ 2207, 2304 or 2401: whichever comes first, nothing of the message stands."""
    desks = {bed: table.desk(bed=bed) for bed in (False, True)}
    asked = {bed: desk.to_settle("V") for bed, desk in desks.items()}
    nobody = table.person()
    while True:
        for bed, desk in desks.items():
            infno, message = asked[bed]
            told = _corrected(table, desk.people[0], infno, message)
            assert live(desk) == []
            _count(table, infno, told)
            yield
        before = Visit.objects.count()
        told = _corrected(table, nobody, "2401", admission(nobody, table.system.on))
        _count(table, "2401", told)
        came = told["infcode"] == 0
        assert Visit.objects.count() == before + came
        assert not Visit.objects.filter(person=nobody).exclude(status=Visit.Status.VOID).exists()
        yield


def _corrected(table: Table, person: Person, infno: str, asked: Any) -> Sent:
    """The answer to a message that came together with its correction; a third time it is refused,
    and the correction told once more."""
    lost = table.system.message(infno, asked)
    row = {"psn_no": psn_no(person), "omsgid": lost["msgid"], "oinfno": infno}
    correction = table.system.message("2601", {"data": row})
    told, corrected = table.near(lost, correction)
    assert corrected["infcode"] == 0, corrected
    assert told["infcode"] == 0 or REVERSED in told["err_msg"], told
    assert REVERSED in table.told(lost)["err_msg"]
    assert table.told(correction) == corrected
    assert Message.objects.get(msgid=lost["msgid"]).reversed_by is not None
    return told


def _count(table: Table, infno: str, told: Sent) -> None:
    table.seen[f"{infno} {'done first' if told['infcode'] == 0 else 'forbidden first'}"] += 1


@race
def fifty_alike(table: Table) -> Iterator[None]:
    """Each message of a visit arrives fifty times at once: one effect, one answer."""
    while True:
        for bed in (False, True):
            desk = Desk(Crowd(table.system, table=table), [table.person()])
            infno = "2304" if bed else "2207"
            desk.open("V", 0, bed)
            yield
            desk.charge("V", "X02", 2)
            assert BillLine.objects.filter(visit__person=desk.people[0]).count() == 1
            yield
            desk.settle("V")
            (standing,) = live(desk)
            assert Message.objects.filter(settlement=standing, infno=infno).count() == 1
            yield
            desk.unsettle("V")
            assert live(desk) == []
            assert Visit.objects.filter(person=desk.people[0]).count() == 1
            yield


@dataclass
class Crowd(Network):
    """A network that brings whatever writes fifty times in the same moment."""

    table: Any = None

    def send(self, message: Sent) -> Sent:
        if message["infno"] in ("2206", "2303", "2203"):
            return super().send(message)
        answers = self.table.at_once(*[message] * CROWD)
        assert all(one == answers[0] for one in answers), {one["err_msg"] for one in answers}
        assert answers[0]["infcode"] == 0, answers[0]
        first: Sent = answers[0]
        self.table.seen[message["infno"]] += 1
        return first
