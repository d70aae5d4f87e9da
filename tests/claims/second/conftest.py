"""The Dazu measures with a second compensation, and a year that is over."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.models import Division
from claims.models import Settlement
from claims.second.models import SecondGrant, SecondOrders, SecondRun
from claims.second.services import decide_grant, propose_grant, start_run
from desk.jobs import run
from enrollment.models import Person
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import line, stay
from tests.conftest import PACKS

DAZU = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
SECOND = """
second:
  care: [inpatient]
  floor: 1000
  ratio: 20%
  cap: 3000
  booked_as: inpatient
  article: 第二十二条(四)

wallets:"""
JANUARY = date(2027, 1, 11)
PAPER = {"evidence": "财社〔2027〕1号", "reason": "当年结余核定可用于二次补偿"}


def with_second() -> str:
    text = DAZU.replace("\nwallets:", SECOND, 1)
    assert "second:" in text
    return text


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=with_second())
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def stayed(
    counter: Callable[..., Settlement], agree: Callable[[Settlement], Settlement]
) -> Callable[..., Settlement]:
    """A decided stay of so many yuan within the scope, at the county hospital, in that month."""

    def enter(person: Person, amount: str, month: int = 1) -> Settlement:
        days = stay(date(2026, month, 3), date(2026, month, 9))
        return agree(counter(person, line("S03", "1", amount), visit=days, on=date(2026, 3, 20)))

    return enter


@pytest.fixture
def tried(cast: SimpleNamespace, county: Division, no_worker: None) -> Callable[..., SecondRun]:
    def made(budget: str | None = None, on: date = JANUARY) -> SecondRun:
        yuan = None if budget is None else Decimal(budget)
        row = start_run(actor=cast.reviewer, area=county, year=2026, budget=yuan)
        run("claims.secondrun", row.pk, on)
        return SecondRun.objects.get(pk=row.pk)

    return made


@pytest.fixture
def granted(cast: SimpleNamespace) -> Callable[[SecondRun], SecondGrant]:
    """Proposed by the reviewer, agreed to by the approver, and the payments asked for."""

    def made(row: SecondRun) -> SecondGrant:
        grant = propose_grant(actor=cast.reviewer, run=row, on=JANUARY, **PAPER)
        how = {"event": "approve_second", "reason": "", "on": JANUARY}
        done = decide_grant(actor=cast.approver, grant=grant, **how)
        run("claims.secondorders", SecondOrders.objects.get(grant=done).pk, JANUARY)
        return done

    return made
