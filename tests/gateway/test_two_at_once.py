"""Real threads: one decision on a doctor, one list, one month, whoever comes first."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.clearing.models import Clearing
from claims.models import Settlement
from enrollment.models import Person
from funds.models import Book
from gateway.lists.models import SettlementList
from institutions.eligibility import decide_eligibility, propose_eligibility
from institutions.models import Eligibility, Institution, Practitioner
from tests.at_once import at_once
from tests.claims.clearing.conftest import DECLARED, adopt, approved  # noqa: F401 - fixture
from tests.claims.conftest import Register, agree, counter  # noqa: F401 - fixtures
from tests.gateway.conftest import System
from tests.gateway.test_clearing import asked as month_of
from tests.gateway.test_lists import listed, number_of, settlement  # noqa: F401 - fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOVEMBER = date(2026, 11, 10)


@pytest.fixture
def wang(register: Register, village_a: Division, book: Book) -> Person:
    return register.person("王建国", register.household(village_a))


@pytest.fixture
def propose(cast: SimpleNamespace, hospital: Institution) -> Callable[[], Eligibility]:
    Practitioner.objects.create(code="D1", name="韩永康", institution=hospital)
    return lambda: propose_eligibility(
        actor=cast.supervisor, code="D1", state="ended", first_day=NOVEMBER, last_day=None,
        evidence="大医保〔2026〕31号", reason="年度记 12 分", on=NOVEMBER,
    )  # fmt: skip


def test_one_decision_waits_at_a_time(propose: Callable[[], Eligibility]) -> None:
    refused = [one for one in at_once([propose] * 3) if isinstance(one, Refusal)]
    assert len(refused) == 2
    assert "已有一份支付资格决定待审批" in refused[0].message
    assert Eligibility.objects.count() == 1


def test_agreed_to_or_taken_back(propose: Callable[[], Eligibility], cast: SimpleNamespace) -> None:
    row = propose()

    def decide(actor: Any, event: str) -> Callable[[], Eligibility]:
        return lambda: decide_eligibility(actor=actor, row=row, event=event, on=NOVEMBER)

    outcomes = at_once(
        [
            decide(cast.approver, "approve_eligibility"),
            decide(cast.supervisor, "withdraw_eligibility"),
        ]
    )
    assert len([one for one in outcomes if isinstance(one, Refusal)]) == 1
    row.refresh_from_db()
    assert (row.status == "approved") == (row.decided_on == NOVEMBER)


def test_two_lists_of_one_settlement(
    system: System,
    settlement: Settlement,  # noqa: F811
) -> None:
    number = number_of(settlement)
    acts = [
        lambda place=place: system.ask(
            "4101A", listed(settlement, number, curr_addr=f"桥亭村 {place} 组")
        )["data"]["setl_list_id"]
        for place in range(3)
    ]
    numbers = at_once(acts)
    kept = SettlementList.objects.get()
    assert set(numbers) == {kept.number}
    assert kept.times == 3


def test_a_month_is_declared_once(
    system: System,
    cast: SimpleNamespace,
    approved: Callable[..., Settlement],  # noqa: F811
) -> None:
    adopt(cast)
    approved("王强", "4200")
    system.on = DECLARED
    told = at_once([lambda: system.send(system.message("3203", month_of()))] * 2)
    assert sorted(one["infcode"] for one in told) == [-1, 0]
    assert Clearing.objects.get().claimed_amount == Decimal("2000.00")
