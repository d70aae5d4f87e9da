"""A hospital's day on a network that loses, doubles and delays, and the same day on one that works.

`Desk` is what the hospital knows and does; what it sends goes through a `Network`. Whatever the
network did, the portal must stand in the end where the orderly day left it (`stands`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from claims.models import BillLine, Settlement, SettlementFund, UsageEntry, Visit
from claims.visits.models import BillBatch, LineRefund
from enrollment.models import Person
from funds.models import Posting
from gateway.identifiers import psn_no
from gateway.messages.models import Message
from gateway.transactions.reversing import OPEN_TO_IT
from tests.gateway.conftest import System
from tests.gateway.hospital import (
    admission,
    discharge,
    inpatient_lines,
    line,
    outpatient_lines,
    parts_of,
    registration,
    seen,
    stay_to_settle,
    to_settle,
)
from tests.gateway.test_outpatient import identities

Sent = dict[str, Any]
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 9)
PRICES = {"X01": "13.00", "X02": "30.00", "X09": "7.77", "S01": "180.00", "S03": "600.00",
          "F01": "35.00"}  # fmt: skip
READS = ("2206", "2303")
REVERSED = "已经冲正"


@dataclass(frozen=True)
class Trouble:
    """What becomes of one message. `copies` arrive one behind the other, `late` more whenever the
    network likes. `corrected`: nobody heard the answer, so the hospital takes back what it cannot
    see (2601) and asks anew; `early`: the correction overtakes the message."""

    copies: int = 1
    late: int = 0
    corrected: bool = False
    early: bool = False
    corrections: int = 1


CALM = Trouble()


@dataclass
class Network:
    """Between hospital and portal. What is `late` is still under way."""

    system: System
    late: list[tuple[Sent, Sent | None]] = field(default_factory=list)
    corrected: set[str] = field(default_factory=set)
    messages: int = 0

    def send(self, message: Sent) -> Sent:
        """One copy arrives, and its answer comes back: the identities hold in it."""
        self.messages += 1
        told = self.system.send(message)
        if told["infcode"] == 0 and "setlinfo" in told["output"]:
            identities(told["output"])
        return told

    def carry(self, infno: str, asked: Mapping[str, Any], trouble: Trouble = CALM) -> Sent:
        """The answer that the hospital hears in the end: done."""
        if trouble.corrected and infno in OPEN_TO_IT:
            lost = self.system.message(infno, asked)
            if trouble.early:
                self.correct(lost, trouble)
            self.copies(lost, trouble)
            if not trouble.early:
                self.correct(lost, trouble)
            self.under_way(lost, None, trouble.late)
        message = self.system.message(infno, asked)
        told = self.copies(message, trouble)
        assert told["infcode"] == 0, (infno, told["err_msg"])
        self.under_way(message, None if infno in READS else told, trouble.late)
        return told

    def copies(self, message: Sent, trouble: Trouble) -> Sent:
        """The same message so many times: whatever writes is answered alike."""
        answers = [self.send(message) for _ in range(trouble.copies)]
        if message["msgid"] in self.corrected:
            assert all(REVERSED in one["err_msg"] for one in answers), answers
        elif message["infno"] not in READS:
            assert all(one == answers[0] for one in answers), answers
        return answers[0]

    def correct(self, lost: Sent, trouble: Trouble) -> None:
        """2601, so many times; a copy of it may come late as well."""
        (node,) = (lost["input"][name] for name in ("data", "mdtrtinfo") if name in lost["input"])
        row = {"psn_no": node["psn_no"], "omsgid": lost["msgid"], "oinfno": lost["infno"]}
        message = self.system.message("2601", {"data": row})
        self.corrected.add(lost["msgid"])
        for _ in range(trouble.corrections):
            told = self.send(message)
            assert told["infcode"] == 0, told["err_msg"]
        self.under_way(message, told, trouble.late)
        if trouble.late:  # and as the hospital's own night run does it: with another number
            again = self.system.message("2601", {"data": row})
            self.late.append((again, None))

    def under_way(self, message: Sent, told: Sent | None, copies: int) -> None:
        self.late += [(message, told)] * copies

    def arrives(self, which: int) -> None:
        """One of the late copies, whatever has happened since: the same answer, no other effect."""
        message, before = self.late.pop(which % len(self.late))
        told = self.send(message)
        if message["msgid"] in self.corrected:
            assert REVERSED in told["err_msg"], told
        elif before is not None:
            assert told == before


@dataclass
class Stay:
    """What the hospital knows of a visit. `lines`: number → code and count; `back`: number of a
    negative line → the line of which it takes one back."""

    who: int
    bed: bool
    day: date
    number: str = ""
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)
    told: int = 0
    state: str = "open"
    settled: str = ""

    def left(self, number: str) -> int:
        """Of a charge, what was not taken back."""
        return self.lines[number][1] - list(self.back.values()).count(number)

    @property
    def total(self) -> Decimal:
        rows = [(self.left(one), PRICES[code]) for one, (code, _) in self.lines.items()]
        return sum((count * Decimal(price) for count, price in rows), Decimal(0))


@dataclass
class Desk:
    """The hospital: every act sends what the interface wants for it, and notes what was told."""

    net: Network
    people: Sequence[Person]
    stays: dict[str, Stay] = field(default_factory=dict)
    waiting: dict[str, Sent] = field(default_factory=dict)

    def open(self, name: str, who: int, bed: bool, trouble: Trouble = CALM) -> None:
        """2201 and 2203, or 2401."""
        day = FIRST if bed else FIRST + timedelta(days=len(self.stays))
        stay = self.stays[name] = Stay(who, bed, day)
        person = self.people[who]
        if bed:
            told = self.net.carry("2401", admission(person, day, ipt_no=name), trouble)
            stay.number = told["output"]["result"]["mdtrt_id"]
            return
        told = self.net.carry("2201", registration(person, day, ipt_otp_no=name), trouble)
        stay.number = told["output"]["data"]["mdtrt_id"]
        self.net.carry("2203", seen(person, stay.number, day), trouble)

    def charge(self, name: str, code: str, count: int, trouble: Trouble = CALM) -> None:
        """One more line: 2204 or 2301."""
        stay = self.stays[name]
        stay.told += 1
        number = str(stay.told)
        self._lines(name, self.row_of(name, number, code, count), trouble)
        stay.lines[number] = (code, count)

    def take_back(self, name: str, of: str, trouble: Trouble = CALM) -> None:
        """One of what a line charged, as a negative line of 2301."""
        stay = self.stays[name]
        stay.told += 1
        number, code = str(stay.told), stay.lines[of][0]
        row = self.row_of(name, number, code, -1) | {"init_feedetl_sn": of}
        self._lines(name, row, trouble)
        stay.back[number] = of

    def row_of(self, name: str, number: str, code: str, count: int) -> Sent:
        """A row of feedetail."""
        stay = self.stays[name]
        person, price = self.people[stay.who], PRICES[code]
        return line(number, stay.number, person, code, str(count), price, stay.day)

    def _lines(self, name: str, row: Sent, trouble: Trouble) -> None:
        bed = self.stays[name].bed
        asked = inpatient_lines(row) if bed else outpatient_lines("SF1", row)
        self.net.carry("2301" if bed else "2204", asked, trouble)

    def unbill(self, name: str, trouble: Trouble = CALM) -> None:
        """2205 or 2302: the whole bill."""
        stay = self.stays[name]
        if stay.bed:
            asked: Sent = {"data": [self._of(name) | {"feedetl_sn": "0000"}]}
        else:
            asked = {"data": self._of(name) | {"chrg_bchno": "0000"}}
        self.net.carry("2302" if stay.bed else "2205", asked, trouble)
        stay.lines.clear()
        stay.back.clear()

    def leave(self, name: str, trouble: Trouble = CALM) -> None:
        """2402."""
        stay = self.stays[name]
        asked = discharge(self.people[stay.who], stay.number, LAST)
        self.net.carry("2402", asked, trouble)
        stay.state = "left"

    def come_back(self, name: str, trouble: Trouble = CALM) -> None:
        """2405."""
        self.net.carry("2405", {"data": self._of(name)}, trouble)
        self.stays[name].state = "open"

    def cancel(self, name: str, trouble: Trouble = CALM) -> None:
        """2202 or 2404."""
        stay = self.stays[name]
        row = self._of(name) | ({} if stay.bed else {"ipt_otp_no": name})
        self.net.carry("2404" if stay.bed else "2202", {"data": row}, trouble)
        stay.state = "void"

    def mistake(self, name: str, trouble: Trouble = CALM) -> Sent:
        """A settlement with a total of its own is refused, for good."""
        infno, asked = self.to_settle(name, trouble)
        row = asked["data"] | {"medfee_sumamt": asked["data"]["medfee_sumamt"] + 1}
        message = self.net.system.message(infno, {"data": row})
        told = self.net.copies(message, trouble)
        assert "不符" in told["err_msg"], told
        self.net.under_way(message, told, max(trouble.late, 1))
        return told

    def to_settle(self, name: str, trouble: Trouble = CALM) -> tuple[str, Sent]:
        """2206 or 2303, and what 2207 or 2304 asks then."""
        stay = self.stays[name]
        person, total = self.people[stay.who], str(stay.total)
        if stay.bed:
            given = {} if stay.state == "left" else {"dscgTime": str(LAST)}
            asked = stay_to_settle(person, stay.number, total, **given)
            self.net.carry("2303", asked, trouble)
            return "2304", asked
        asked = to_settle(person, stay.number, total, "SF1")
        trial = self.net.carry("2206", asked, trouble)["output"]["setlinfo"]
        return "2207", {"data": asked["data"] | parts_of(trial)}

    def settle(self, name: str, trouble: Trouble = CALM) -> None:
        """2207 or 2304, after a trial."""
        infno, asked = self.to_settle(name, trouble)
        self.heard(name, self.net.carry(infno, asked, trouble))

    def settle_unheard(self, name: str, trouble: Trouble) -> None:
        """It arrives, perhaps; the hospital hears nothing and goes on with others."""
        infno, asked = self.to_settle(name, trouble)
        message = self.waiting[name] = self.net.system.message(infno, asked)
        if not trouble.early:
            self.net.copies(message, trouble)

    def ask_again(self, name: str, trouble: Trouble) -> None:
        """With the same message, or with another after a correction."""
        lost = self.waiting.pop(name)
        if trouble.corrected:
            self.net.correct(lost, trouble)
            self.net.under_way(lost, None, 1)
            told = self.net.carry(lost["infno"], lost["input"], trouble)
        else:
            told = self.net.copies(lost, trouble)
        self.heard(name, told)

    def heard(self, name: str, told: Sent) -> None:
        """The answer to a settlement."""
        assert told["infcode"] == 0, told["err_msg"]
        stay = self.stays[name]
        stay.settled, stay.state = told["output"]["setlinfo"]["setl_id"], "settled"

    def unsettle(self, name: str, trouble: Trouble = CALM) -> None:
        """2208 or 2305."""
        stay = self.stays[name]
        asked = {"data": self._of(name) | {"setl_id": stay.settled}}
        told = self.net.carry("2305" if stay.bed else "2208", asked, trouble)
        assert told["output"]["setlinfo"]["medfee_sumamt"] == -stay.total
        stay.settled, stay.state = "", "left" if stay.bed else "open"

    def _of(self, name: str) -> Sent:
        stay = self.stays[name]
        return {"mdtrt_id": stay.number, "psn_no": psn_no(self.people[stay.who])}


NAMED = "visit__admission_number"
MONEY = tuple(one.name for one in Settlement._meta.fields if one.name.endswith("_amount"))


def stands() -> dict[str, list[Any]]:
    """What is so in the end, by the hospital's own names and without what is taken back.

    Numbers of rows and moments are left out: the orderly day has fewer of them."""
    live = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN)
    visits = Visit.objects.exclude(status=Visit.Status.VOID)
    usage = UsageEntry.objects.values_list("person", "household", "policy_year", "counter")
    lines = BillLine.objects.filter(is_live=True)
    refunds = LineRefund.objects.filter(batch__withdrawn_at=None)
    funds = SettlementFund.objects.filter(settlement__in=live)
    books = Posting.objects.values_list("account__code", "township", "institution_code")
    found: dict[str, Any] = {
        "visits": visits.values_list(
            "admission_number", "person", "status", "care", "starts", "ends", "diagnosis_code",
            "enrollment", "household", "division",
        ),
        "settlements": live.values_list(NAMED, "status", "policy_year", "tier", "ratio", *MONEY),
        "funds": funds.values_list(f"settlement__{NAMED}", "layer", "fund_pay_type", "amount"),
        "lines": lines.values_list(
            NAMED, "sender_number", "item_code", "quantity", "amount", "approved_amount",
            "charged_on", "part",
        ),
        "refunds": refunds.values_list(NAMED, "sender_number", "quantity", "amount"),
        "batches": BillBatch.objects.live().values_list(NAMED, "number"),
        "usage": usage.order_by().annotate(sum=Sum("amount")).exclude(sum=0),
        "books": books.order_by().annotate(debit=Sum("debit"), credit=Sum("credit")),
    }  # fmt: skip
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def check_nothing_hangs() -> None:
    """Nothing of what is void or withdrawn counts; a settlement is live once, and as heard."""
    void = Visit.objects.filter(status=Visit.Status.VOID)
    assert not BillLine.objects.filter(visit__in=void, is_live=True).exists()
    live = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN)
    assert not live.filter(visit__in=void).exists()
    made = live.values_list("visit", "part")
    assert len(made) == len(set(made))
    reversed_ = Message.objects.filter(reversed_by__isnull=False, settlement__in=live)
    assert not reversed_.exists()
