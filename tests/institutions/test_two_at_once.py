"""Real threads: two decisions on one practitioner, two signings of one institution at once."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.models import User
from institutions.agreements.models import Signing
from institutions.agreements.services import decide_signing, propose_signing
from institutions.models import Agreement, Eligibility, Institution, Practitioner
from institutions.points.models import PointRecord
from institutions.points.services import decide_points, propose_points, propose_terms
from institutions.points.workflow import TERMS
from tests.at_once import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
OCTOBER = date(2026, 10, 12)
HAN = "D500225000001"


def test_of_two_decisions_on_one_practitioner_the_second_counts_the_first(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    """Twice six points are twelve: whoever comes second ends his eligibility, and only he."""
    terms = propose_terms(
        actor=cast.supervisor, reminded_from=6, months_nine=2, months_ten=4, months_eleven=6,
        days_to_appeal=10, max_course=2, evidence="大医保〔2026〕1号", reason="施行", on=OCTOBER,
    )  # fmt: skip
    TERMS.decide(terms, "approve_point_terms", actor=cast.approver, on=OCTOBER)
    Practitioner.objects.create(code=HAN, name="韩永康", institution=hospital)
    rows = [
        propose_points(
            actor=cast.supervisor, code=HAN, ground="articles_38_39", degree="main",
            handled_paper=f"大医保罚〔2026〕{number}号", handled_on=OCTOBER,
            evidence=f"大医保分〔2026〕{number}号", reason="负有主要责任", on=OCTOBER,
        )
        for number in (1, 2)
    ]  # fmt: skip
    assert [row.points for row in rows] == [6, 6]

    def decide(row: PointRecord) -> Callable[[], PointRecord]:
        return lambda: decide_points(
            actor=cast.approver, row=row, event="approve_points", on=OCTOBER
        )

    done = at_once([decide(row) for row in rows])
    assert [one.status for one in done] == ["approved", "approved"]
    assert sum(one.effect_id is not None for one in done) == 1
    assert [one.state for one in Eligibility.objects.all()] == ["ended"]


def test_of_two_signings_for_the_same_days_one_is_an_agreement(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    """One waits at a time; of one that two windows agree to and refuse at once, one word holds."""

    def propose(number: str) -> Callable[[], Signing]:
        return lambda: propose_signing(
            actor=cast.supervisor, institution=hospital, number=number,
            first_day=date(2027, 1, 1), last_day=date(2027, 12, 31), terms={},
            evidence="2027 年度服务协议", reason="续签", on=OCTOBER,
        )  # fmt: skip

    asked = at_once([propose("XY2027-1"), propose("XY2027-2")])
    refused = [one for one in asked if isinstance(one, Refusal)]
    assert len(refused) == 1 and "已有一份协议待审批" in refused[0].message
    row = Signing.objects.get()

    def decide(actor: User, event: str) -> Callable[[], Any]:
        return lambda: decide_signing(
            actor=actor, row=row, event=event, on=OCTOBER, reason="条款不符"
        )

    outcomes = at_once(
        [decide(cast.approver, "approve_signing"), decide(cast.approver, "approve_signing"),
         decide(cast.supervisor, "withdraw_signing")]
    )  # fmt: skip
    assert sum(isinstance(one, Refusal) for one in outcomes) == 2
    row.refresh_from_db()
    made = Agreement.objects.filter(signing=row).count()
    assert (row.status, made) in {("approved", 1), ("withdrawn", 0)}
