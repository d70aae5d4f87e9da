"""Grades of trust: a year's score or points by the county's bands, by two, for the next year."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from claims.clearing.gates import Position, against
from claims.clearing.money import gates_of
from institutions.models import Institution, Practitioner
from institutions.points.models import PointRecord
from institutions.trust.models import TrustBands, TrustGrade
from institutions.trust.services import (
    propose_bands,
    propose_institution_grade,
    propose_practitioner_grade,
)
from institutions.trust.workflow import BANDS, GRADES
from tests.desk.conftest import BANDS as NUMBERS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application")]
FEBRUARY = date(2027, 2, 10)
HAN = "D500225000001"


def asked(cast: SimpleNamespace, **given: Any) -> TrustBands:
    facts: dict[str, Any] = {
        "first_year": 2026, "evidence": "大医保〔2026〕40号", "reason": "信用管理", "on": FEBRUARY,
    }  # fmt: skip
    return propose_bands(actor=cast.supervisor, **facts | NUMBERS | given)


@pytest.fixture
def bands(cast: SimpleNamespace) -> TrustBands:
    row = asked(cast)
    return BANDS.decide(row, "approve_trust_bands", actor=cast.approver, on=FEBRUARY)


def graded(cast: SimpleNamespace, hospital: Institution, score: int) -> TrustGrade:
    row = propose_institution_grade(
        actor=cast.supervisor, institution=hospital, year=2026, score=score,
        evidence="2026 年度考核", on=FEBRUARY,
    )  # fmt: skip
    return GRADES.decide(row, "approve_trust_grade", actor=cast.approver, on=FEBRUARY)


def test_the_bands_by_their_edges(bands: TrustBands) -> None:
    scores = {100: "A", 90: "A", 89: "B", 80: "B", 79: "C", 70: "C", 69: "D", 0: "D"}
    assert {score: bands.of_score(score).value for score in scores} == scores
    points = {0: "A", 1: "B", 3: "B", 4: "C", 8: "C", 9: "D", 12: "D"}
    assert {one: bands.of_points(one).value for one in points} == points


def test_an_institution_has_the_grade_of_the_year_before(
    cast: SimpleNamespace, bands: TrustBands, hospital: Institution, as_user: Any, settings: Any
) -> None:
    settings.TODAY = FEBRUARY
    row = propose_institution_grade(
        actor=cast.supervisor, institution=hospital, year=2026, score=78,
        evidence="2026 年度考核", on=FEBRUARY,
    )  # fmt: skip
    assert row.reason == "2026 年度考核 78 分，评为 C 级"
    page = reverse("institutions:trust_grade", args=[row.pk])
    own = as_user(cast.hospital_clerk)
    assert own.get(page).status_code == 404  # one hand decides nothing
    assert TrustGrade.objects.in_force(hospital.pk, 2027) is None
    GRADES.decide(row, "approve_trust_grade", actor=cast.approver, on=FEBRUARY)
    told = own.get(page).content.decode()
    assert "C 级" in told and "月平均支付额的 50%" in told
    held = TrustGrade.objects.in_force(hospital.pk, 2027)
    assert held is not None and (held.grade, held.prepaid) == ("C", 50)
    assert TrustGrade.objects.in_force(hospital.pk, 2026) is None
    with pytest.raises(Refusal, match="已评为 C 级，没有变化"):
        graded(cast, hospital, 78)
    graded(cast, hospital, 82)  # the appeal gave points back: both lines stay, the later holds
    held = TrustGrade.objects.in_force(hospital.pk, 2027)
    assert held is not None and held.grade == "B"
    assert TrustGrade.objects.count() == 2
    # In January the year before is not assessed yet: what was decided last goes on.
    held = TrustGrade.objects.in_force(hospital.pk, 2028)
    assert held is not None and (held.year, held.grade) == (2026, "B")


def test_less_trust_is_paid_less_in_advance() -> None:
    """1 200 000 yuan in a year are 100 000 a month: of a C grade half of it."""
    position, paid = Position(10**12, 10**11, 10**10), 120_000_000
    c_grade: dict[str, Any] = {"share": 50, "grade": "C 级"}
    assert against(position, paid, 5_000_000, **c_grade) == []
    assert against(position, paid, 5_000_001, **c_grade) == [
        "预付金不超过该机构月平均支付额 100,000.00 元的 50%，即 50,000.00 元（信用等级 C 级）"
    ]
    assert against(position, paid, 10_000_000) == []
    assert against(position, paid, 1, share=0, grade="D 级") == [
        "预付金不超过该机构月平均支付额 100,000.00 元的 0%，即 0.00 元（信用等级 D 级）"
    ]


def test_a_practitioner_by_the_points_of_a_year_that_is_over(
    cast: SimpleNamespace, bands: TrustBands, hospital: Institution
) -> None:
    han = Practitioner.objects.create(code=HAN, name="韩永康", institution=hospital)
    PointRecord.objects.create(
        practitioner=han, ground="agreement", degree="main", points=3, status="approved",
        handled_paper="大医保罚〔2026〕1号", handled_on=date(2026, 4, 1),
        appeal_by=date(2026, 5, 1), evidence="文号", reason="负有责任",
        proposed_by=cast.supervisor, proposed_on=date(2026, 4, 2), decided_by=cast.approver,
        decided_on=date(2026, 4, 3),
    )  # fmt: skip
    given: dict[str, Any] = {"actor": cast.supervisor, "code": HAN, "evidence": "大医保〔2027〕3号"}
    with pytest.raises(Refusal, match="2027 年度还没有结束"):
        propose_practitioner_grade(year=2027, on=FEBRUARY, **given)
    row = propose_practitioner_grade(year=2026, on=FEBRUARY, **given)
    assert (row.grade, row.score, row.reason) == ("B", 3, "2026 年度支付资格记 3 分，评为 B 级")
    with pytest.raises(Refusal, match="已有一份信用等级待审批"):
        propose_practitioner_grade(year=2026, on=FEBRUARY, **given)
    assert TrustGrade.objects.in_force(hospital.pk, 2027) is None  # his, not the hospital's


@pytest.mark.parametrize(
    ("given", "field"),
    [({"b_from": 90}, "b_from"), ({"c_most": 3}, "c_most"), ({"prepaid_d": 51}, "prepaid_d")],
)
def test_bands_in_their_order(cast: SimpleNamespace, given: dict[str, int], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        asked(cast, **given)
    assert refused.value.at == (field,)


def test_without_bands_of_the_year_nobody_is_graded(
    cast: SimpleNamespace, hospital: Institution
) -> None:
    with pytest.raises(Refusal, match="还没有适用于 2026 年度的信用等级办法"):
        graded(cast, hospital, 90)


def test_bands_and_a_grade_on_the_pages(
    cast: SimpleNamespace, hospital: Institution, as_user: Any, settings: Any
) -> None:
    settings.TODAY = FEBRUARY
    Practitioner.objects.create(code=HAN, name="韩永康", institution=hospital)
    desk, second = as_user(cast.supervisor), as_user(cast.approver)
    words = {"evidence": "大医保〔2026〕40号", "reason": "信用管理"}
    given = {name: str(number) for name, number in NUMBERS.items()}
    desk.post(reverse("institutions:trust_bands_one_new"), given | {"first_year": "2026"} | words)
    row = TrustBands.objects.get()
    shown = second.get(reverse("institutions:trust_bands_one", args=[row.pk])).content.decode()
    assert "90 分以上" in shown and "超过 8 分" in shown and "50%" in shown
    second.post(reverse("institutions:trust_bands_one_act", args=[row.pk, "approve_trust_bands"]))
    told = desk.post(
        reverse("institutions:trust_grade_new"),
        {"code": HAN, "year": "2026", "evidence": "大医保〔2027〕3号"}, follow=True,
    ).content.decode()  # fmt: skip
    assert "已提出信用等级，待第二人审批" in told and "A 级" in told
    listed = second.get(reverse("institutions:trust_grades")).content.decode()
    assert "韩永康" in listed


def test_the_amount_in_advance_is_asked_by_the_grade(
    cast: SimpleNamespace, bands: TrustBands, hospital: Institution
) -> None:
    graded(cast, hospital, 60)
    found, seen = gates_of(hospital, Decimal("1.00"), FEBRUARY)
    assert seen["grade"] == "D 级" and any("信用等级 D 级" in one for one in found)


def test_bands_that_wait_stand_on_the_first_page_of_who_decides(
    cast: SimpleNamespace, as_user: Any, settings: Any
) -> None:
    """And on nobody's else; agreed to, they wait no more."""
    settings.TODAY = FEBRUARY
    row = asked(cast)

    def told(user: Any) -> bool:
        return "信用等级办法待审批" in as_user(user).get(reverse("accounts:home")).content.decode()

    assert [told(user) for user in (cast.approver, cast.supervisor, cast.other_officer)] == [
        True, False, False,
    ]  # fmt: skip
    listed = reverse("institutions:trust_bands")
    for user in (cast.approver, cast.supervisor):
        assert f'href="{listed}"' in as_user(user).get(reverse("accounts:home")).content.decode()
    BANDS.decide(row, "approve_trust_bands", actor=cast.approver, on=FEBRUARY)
    assert not told(cast.approver)
