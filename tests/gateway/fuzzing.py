"""Whatever comes in is answered, tells nothing of others, and writes nothing where it is refused.

`tests/gateway/test_fuzz.py` sends some, `bench/gateway_fuzz.py` as many as one likes.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import simplejson
from django.db import connection, transaction
from django.test import Client as Browser

from enrollment.models import Person
from gateway.envelope import answer
from gateway.identifiers import psn_no
from gateway.transactions import TRANSACTIONS
from tests.gateway import hospital as his
from tests.gateway import messages
from tests.gateway.programs import Program
from tests.gateway.spoiling import Spoiler, body_of
from tests.gateway.test_contract_answers import BEFORE, World, paid, settled

# What may be written for a message that is refused: that it came, what was wrong with it, how many
# came, who knocked.
LISTS = {
    "gateway_message",
    "gateway_fault",
    "gateway_pace",
    "gateway_failedtry",
    "gateway_secret",
    "django_session",
}
# The county's catalogues are made into files when somebody asks for them.
MADE = {"gateway_storedfile"}
# Who was looked up is noted, as at the window.
NOTED = {"1101": {"accounts_auditline"}}
WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
HEAD = {"inf_refmsgid": 30, "refmsg_time": 17, "respond_time": 17, "err_msg": 200, "warn_msg": 200}
SECRET = "别家才知道"  # in everything that only the other institution said


@dataclass
class Written:
    """Tables that statements wrote to and that no savepoint took back."""

    stack: list[tuple[str, list[str]]] = field(default_factory=lambda: [("", [])])

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        found = WRITES.match(text)
        if text.startswith("SAVEPOINT"):
            self.stack.append((text.split()[1], []))
        elif text.startswith("RELEASE SAVEPOINT"):
            self._end(text.split()[2], kept=True)
        elif text.startswith("ROLLBACK TO SAVEPOINT"):
            self._end(text.split()[3], kept=False)
        elif found:
            self.stack[-1][1].append(found[1])
        return execute(sql, params, many, context)

    def _end(self, name: str, *, kept: bool) -> None:
        while self.stack[-1][0] != name:
            top = self.stack.pop()[1]
            self.stack[-1][1].extend(top if kept else ())
        top = self.stack[-1][1]
        if kept:
            self.stack.pop()
            self.stack[-1][1].extend(top)
        else:  # Django releases it afterwards
            top.clear()

    @property
    def tables(self) -> set[str]:
        return {table for _, tables in self.stack for table in tables}


@contextmanager
def watched() -> Iterator[Written]:
    written = Written()
    with connection.execute_wrapper(written):
        yield written


@contextmanager
def undone() -> Iterator[None]:
    """Nothing of it stays."""
    began = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(began)


@dataclass
class Other:
    """Another institution with a patient of its own; what is known of them to nobody else."""

    world: World
    numbers: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.real["dept_name"] = SECRET
        for before in (settled, paid):
            before(self.world)
            for name in ("mdtrt_id", "setl_id"):
                self.numbers.setdefault(name, []).append(self.world.real[name])
        upload = self.world.real | {"filename": "in.txt", "in": "5Yir5a62"}
        told = self.world.ask("9101", messages.message("9101", full=False, real=upload))
        self.numbers["file_qury_no"] = [told["file_qury_no"]]
        department = {"hosp_dept_codg": "BJK", "hosp_dept_name": SECRET, "poolarea_no": his.AREA}
        asked = messages.message("3401", full=False, real=self.world.real | department)
        self.world.ask("3401", asked)

    @property
    def tokens(self) -> list[str]:
        return [number for numbers in self.numbers.values() for number in numbers]


@dataclass
class Fuzz:
    """One kind of request after the other; `faults`: what was wrong with an answer, and to what."""

    world: World
    other: Other
    programs: Sequence[Program]
    readers: Sequence[Browser]
    strangers: Sequence[Person]
    seed: int = 1
    faults: list[tuple[str, bytes]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        others: dict[str, Sequence[str]] = {
            "psn_no": [psn_no(one) for one in self.strangers],
            "certno": [one.resident_id for one in self.strangers],
            "mdtrt_cert_no": [one.resident_id for one in self.strangers],
            "fixmedins_code": [self.other.world.system.client.institution.code, "H50011100001"],
            "feedetl_sn": ["0000", "1", "99"],
            "chrg_bchno": ["0000", "SF1", "SF2"],
            "omsgid": ["H50022500101202603200930000001"],
            "oinfno": ["2401", "2601", "2203"],
        }
        self.spoiler = Spoiler(self.chance, others | self.other.numbers)

    def play(self, infno: str, times: int) -> None:
        """So many spoilt messages of the transaction, each where the good one would be done."""
        with undone():
            real = dict(self.world.real)
            BEFORE.get(infno, lambda world: None)(self.world)
            for _ in range(times):
                sent = messages.message(
                    infno, full=self.chance.random() < 0.6, rows=1, real=self.world.real
                )
                good = self.world.system.message(infno, sent)
                body = body_of(self.spoiler.message(good))
                if self.chance.random() < 0.1:
                    body = self.spoiler.raw(body)
                with undone():
                    self.one(infno, body)
            self.world.real.clear()
            self.world.real.update(real)

    def one(self, infno: str, body: bytes) -> None:
        """One body, to the entrance or through the door."""
        program = self.chance.choice(self.programs)
        with watched() as written:
            try:
                if self.chance.random() < 0.3:
                    status, text = self.at_the_door(program, infno, body)
                else:
                    status, text = 200, self.at_the_entrance(infno, body)
            except Exception as error:  # told with the message that brought it about
                self.fault(f"{infno} {type(error).__name__}: {error}", body)
                connection.set_rollback(False)
                return
        self.look_at(infno, body, status, text, written)

    def at_the_entrance(self, infno: str, body: bytes) -> str:
        system = self.world.system
        to = self.chance.choice(("", infno))
        return answer(body, client=system.client, infno=to, on=system.on, now=system.now)

    def at_the_door(self, program: Program, infno: str, body: bytes) -> tuple[int, str]:
        body = program.closed(body)
        if program.cipher != "none" and self.chance.random() < 0.2:
            body = self.spoiler.raw(body)
        headers = program.signed(body, name=infno)
        if self.chance.random() < 0.1:
            name = self.chance.choice([*headers])
            headers[name] = self.chance.choice(("", "0", "x" * 400, "\x7f", "é", headers[name][1:]))
        to = self.chance.choice(("", infno, infno, "2207", "x" * 80, "%00"))
        found = Browser(raise_request_exception=False).post(
            f"/gateway/api/{to}",
            body,
            content_type="application/json",
            headers=headers,
            REMOTE_ADDR=program.address,
        )
        return found.status_code, program.opened(found.content.decode())

    def look_at(self, infno: str, body: bytes, status: int, text: str, written: Written) -> None:
        self.seen["messages"] += 1
        if status >= 500:
            return self.fault(f"{infno} status {status}: {text[:200]}", body)
        try:
            told = simplejson.loads(text, use_decimal=True)
        except ValueError:
            return self.fault(f"{infno} no JSON: {text[:200]}", body)
        for wrong in wrong_in_head(told):
            self.fault(f"{infno} {wrong}", body)
        done = told.get("infcode") == 0
        self.seen["done" if done else "refused" if status == 200 else "turned away"] += 1
        for token in [*self.other.tokens, SECRET]:
            if token in text and token.encode() not in body:
                self.fault(f"{infno} tells {token}", body)
        writes = written.tables - LISTS
        if done:
            sent = simplejson.loads(body)["infno"]
            for wrong in messages.wrong_in_answer(sent, told["output"]):
                self.fault(f"{sent} {wrong}", body)
            if writes - MADE - NOTED.get(sent, set()) and not TRANSACTIONS[sent].writes:
                self.fault(f"{sent} only reads, and writes {sorted(writes)}", body)
        elif writes:
            self.fault(f"{infno} is refused and writes {sorted(writes)}", body)
        return None

    def search(self) -> None:
        """One search or reading of FHIR, spoilt."""
        chance, browser = self.chance, self.chance.choice(self.readers)
        kinds = ("Patient", "Coverage", "Organization", "Claim", "ClaimResponse",
                 "ExplanationOfBenefit", "metadata", "Observation", "x")  # fmt: skip
        names = ("_id", "identifier", "patient", "created", "status", "_count", "_lastUpdated",
                 "code:in", "provider", "use", "_include", "_format", "name", "period",
                 "é")  # fmt: skip
        values = [str(one) for one in (*self.spoiler.others["psn_no"], *self.other.tokens)]
        values += [str(self.world.real.get(name)) for name in ("psn_no", "mdtrt_id", "setl_id")]
        values += ["ge2026-01-01", "lt2026-13-01", "ap2026", "Patient/1", "1", "-1", "9" * 30,
                   "a|b", "|", ",", "%", "\x00", "active", "\ud7ff", "x" * 3000]  # fmt: skip
        times = chance.randrange(4)
        given = {chance.choice(names): chance.choice(values) for _ in range(times)}
        path = f"/fhir/r4/{chance.choice(kinds)}"
        if chance.random() < 0.3:
            path += f"/{chance.choice(values).replace(chr(0), '%00')}"
        asked = f"{path} {given}".encode("utf-8", "surrogatepass")
        try:
            with undone():
                found = browser.get(path, given)
        except Exception as error:  # told with the search that brought it about
            return self.fault(f"FHIR {type(error).__name__}: {error}", asked)
        self.seen["searches"] += 1
        text = found.content.decode()
        if found.status_code >= 500:
            return self.fault(f"FHIR status {found.status_code}: {text[:200]}", asked)
        if found["Content-Type"].startswith("application/fhir+json"):
            simplejson.loads(text)
        for token in [*self.other.tokens, SECRET]:
            if token in text and token.encode() not in asked:
                self.fault(f"FHIR tells {token}", asked)
        return None

    def fault(self, told: str, body: bytes) -> None:
        self.faults.append((told, body))


def wrong_in_head(told: Mapping[str, Any]) -> list[str]:
    """What the head of an answer lacks, or has too long."""
    if not isinstance(told, dict) or told.get("infcode") not in (0, -1):
        return ["no head"]
    wrong = [
        f"{name} {told.get(name)!r}"
        for name, longest in HEAD.items()
        if not isinstance(told.get(name), str) or len(told[name]) > longest
    ]
    if told["infcode"] == -1 and not (told["err_msg"] and told["output"] == {}):
        wrong.append("refused without words, or with an output")
    return wrong
