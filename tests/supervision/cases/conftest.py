"""A case of 永兴医院: two investigators, a third supervisor, claims paid with vouchers."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division, User
from accounts.roles import Role
from institutions.models import Institution, Practitioner
from institutions.points.models import PointRecord
from institutions.points.services import decide_points, propose_points, propose_terms
from institutions.points.workflow import TERMS
from supervision.cases import execution, keeping, parties, services
from supervision.cases.models import Case
from supervision.cases.services import Clue, Filing, Finding
from supervision.words.models import PartyWord
from supervision.words.services import Said, take_word
from tests.claims.conftest import (  # noqa: F401 - fixtures of the stories
    agree,
    book,
    catalogue,
    counter,
    register,
    wang,
)
from tests.claims.recovery.conftest import paid  # noqa: F401
from tests.conftest import make_user
from tests.supervision.cases.rows import handed, told_of

FOUND = date(2026, 4, 1)


@pytest.fixture
def team(cast: SimpleNamespace, county: Division) -> tuple[User, User, User]:
    """Two who investigate, and a third who checks the law."""
    others = [
        make_user(f"supervisor{at}", name, Role.SUPERVISOR, county)
        for at, name in ((2, "罗明亮"), (3, "邓守信"))
    ]
    return cast.supervisor, others[0], others[1]


@pytest.fixture
def waive(team: Any, settings: Any, tmp_path: Path) -> Callable[..., Any]:
    """waive(case, on): 李院长 hands in, signed, that 永兴医院 has nothing to say against it."""
    settings.SCANS_ROOT = str(tmp_path / "scans")

    def give(case: Case, on: date, by: User | None = None) -> PartyWord:
        said = Said(kind="agreed", received_on=on, brought_by="李院长", way="brought")
        signed = [b"%PDF-1.4 signed %%EOF"]
        return take_word(actor=by or team[0], about=case, said=said, scans=signed, on=on)

    return give


@pytest.fixture
def clue(cast: SimpleNamespace, county: Division, hospital: Institution) -> Case:
    told = Clue(
        source="handed", told="县纪委移送：住院登记与病区在床人数不符", institution=hospital,
        source_note="移送函〔2026〕3号",
    )  # fmt: skip
    return services.open_clue(actor=cast.supervisor, area=county, clue=told, on=FOUND)


@pytest.fixture
def act(cast: SimpleNamespace) -> Callable[..., Case]:
    """act(case, "file_case", by, on): one button."""

    def go(case: Case, event: str, by: User, on: date, reason: str = "") -> Case:
        return services.decide_clue(actor=by, row=case, event=event, on=on, reason=reason)

    return go


@pytest.fixture
def filed(cast: SimpleNamespace, team: Any, clue: Case, act: Any) -> Case:
    """Filed on 8 April 2026 for 24 虚构医药服务项目 (第四十条)."""
    one, two, _ = team
    filing = Filing(cause="24", act_ended_on=date(2026, 3, 20), opinion="事实初步查清，拟立案")
    services.ask_filing(actor=one, case=clue, filing=filing, on=date(2026, 4, 7))
    for user in (one, two):
        keeping.name_officer(actor=one, case=clue, user=user, on=date(2026, 4, 7))
    return act(clue, "file_case", cast.approver, date(2026, 4, 8))


@pytest.fixture
def suspend(team: Any, cast: SimpleNamespace) -> Callable[..., None]:
    """An officer asks for it by the paper, the approver agrees."""

    def go(case: Case, on: date) -> None:
        pause = keeping.add_pause(
            actor=team[0], case=case, kind="suspended", first_day=on, last_day=None,
            paper="中止审批表〔2026〕1号", paper_on=on, on=on,
        )  # fmt: skip
        keeping.decide_pause(actor=cast.approver, row=pause, event="agree_pause", on=on)

    return go


@pytest.fixture
def evidence(team: Any) -> Callable[..., Any]:
    def give(case: Case, **said: Any) -> Any:
        facts = {"kind": "written", "title": "住院病历 1 份", "origin": "永兴医院病案室",
                 "obtained_on": date(2026, 4, 9), **said}  # fmt: skip
        return keeping.add_evidence(actor=team[0], case=case, on=date(2026, 4, 9), **facts)

    return give


@pytest.fixture
def pointed(cast: SimpleNamespace, county: Division, hospital: Institution) -> Callable[..., Any]:
    """pointed(): 韩永康 of 永兴医院 gets the 11 points of a fraud by 记分〔2026〕1号."""

    def give(on: date = date(2026, 6, 5)) -> PointRecord:
        papers = {"evidence": "县医保〔2026〕3号", "reason": "施行", "on": on}
        terms = propose_terms(
            actor=cast.supervisor, reminded_from=6, months_nine=2, months_ten=4,
            months_eleven=6, days_to_appeal=10, max_course=2, **papers,
        )  # fmt: skip
        TERMS.decide(terms, "approve_point_terms", actor=cast.approver, on=on)
        doctor = Practitioner.objects.create(
            code="D500225000001", name="韩永康", institution=hospital
        )
        row = propose_points(
            actor=cast.supervisor, code=doctor.code, ground="fraud", degree="important",
            handled_paper="医保决〔2026〕1号", handled_on=date(2026, 6, 1),
            evidence="记分〔2026〕1号", reason="负有重要责任", on=on,
        )  # fmt: skip
        return decide_points(actor=cast.approver, row=row, event="approve_points", on=on)

    return give


@pytest.fixture
def looked_into(filed: Case, team: Any, evidence: Any, act: Any) -> Case:
    """Investigated and checked; without a claim of the county."""
    one, _, third = team
    Institution.objects.filter(pk=filed.institution_id).update(licence="渝执业0001")
    described = {"code": "91500000TEST000001", "head": "李院长", "address": "永兴镇正街 1 号"}
    parties.describe_party(actor=one, case=filed, on=date(2026, 4, 9), **described)
    sealed = evidence(filed, hold="seal", title="进销存账 2 册")
    keeping.release_evidence(actor=one, evidence=sealed, how="退还", on=date(2026, 5, 8))
    found = finding(loss=Decimal(400), factor=500)
    services.report_case(actor=one, case=filed, finding=found, on=date(2026, 5, 20))
    return act(filed, "check_case", third, date(2026, 5, 21))


@pytest.fixture
def decided(looked_into: Case, team: Any, act: Any, cast: SimpleNamespace) -> Case:
    """With 11 points, and a measure that says that 400.00 were paid back."""
    one, told = team[0], date(2026, 5, 22)
    told_of(actor=one, case=looked_into, on=told)
    ordered = {"actor": one, "case": looked_into, "on": told}
    execution.order_measure(kind="points", target="住院部医师", points=11, **ordered)
    execution.order_measure(kind="other", target="退回其余损失", amount=Decimal(400), **ordered)
    return act(looked_into, "decide_case", cast.approver, date(2026, 6, 1))


@pytest.fixture
def closed(decided: Case, team: Any, act: Any, cast: SimpleNamespace, pointed: Any) -> Case:
    one, two, _ = team
    on = date(2026, 6, 3)
    handed(actor=two, case=decided, on=on)
    execution.note_fine(
        actor=one, case=decided, kind="paid", amount=Decimal(2000), paid_on=on, number="渝库0001",
        on=on,
    )  # fmt: skip
    pointed(on)
    points, rest = decided.measures.order_by("pk")
    execution.carry_out(actor=one, measure=points, note="记分〔2026〕1号", on=on)
    execution.carry_out(actor=one, measure=rest, note="收款凭证 B12", on=on)
    return act(decided, "close_case", cast.approver, date(2026, 6, 8))


def finding(**said: Any) -> Finding:
    facts = {"facts": "病人已出院，仍按日记收床位、护理费，共 1 人次", "outcome": "penalty",
             "loss": 0, **said}  # fmt: skip
    return Finding(**facts)
