"""Filings: asked for, decided by another, found at the visit; an accident that others pay."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from claims.filings import services
from claims.filings.models import Filing, VisitFiling
from claims.filings.papers import FILING_PAPER
from claims.filings.services import decide_filing, propose_filing, proposed_facts
from claims.models import Settlement
from enrollment.models import Person
from institutions.models import Institution
from policies.services import Measures
from policies.terms import FilingRule
from tests.claims.conftest import TODAY, stay
from tests.claims.visits.conftest import Ward, charged, in_bed, ward  # noqa: F401 - a fixture
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.django_db
Paper = Callable[..., Settlement]
FIRST = date(2026, 2, 20)


@pytest.fixture
def file(cast: SimpleNamespace, wang: Person) -> Callable[..., Filing]:
    """Clerk A files for 王建国; the reviewer agrees unless told otherwise."""

    def make(kind: str = "referral", *, agree: bool = True, **given: Any) -> Filing:
        facts = {"about": "冠心病", "starts": FIRST, "ends": None, "evidence": "审批表 12 号"}
        filing = propose_filing(
            actor=cast.clerk_a, person=wang, kind=kind, on=FIRST, **facts | given
        )
        if agree:
            decide_filing(actor=cast.reviewer, filing=filing, event="approve_filing", on=FIRST)
            filing.refresh_from_db()
        return filing

    return make


def accident(liable: str) -> dict[str, str]:
    return {"about": "摔伤", "liable": liable, "proof": "police"}


def test_asked_by_one_and_decided_by_another(
    file: Callable[..., Filing], cast: SimpleNamespace
) -> None:
    filing = file(agree=False)
    assert (filing.number, filing.status) == ("5002252026B000001", "proposed")
    with pytest.raises(Refusal):
        decide_filing(actor=cast.clerk_a, filing=filing, event="approve_filing", on=FIRST)
    decide_filing(actor=cast.approver, filing=filing, event="approve_filing", on=FIRST)
    filing.refresh_from_db()
    assert (filing.status, filing.decided_by) == ("approved", cast.approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        Filing.objects.update(starts=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("given", "at", "match"),
    [
        ({"kind": "chronic", "ends": date(2027, 2, 19)}, "expert", "认定专家"),
        ({"kind": "chronic", "expert": "张医师"}, "ends", "有效期止日"),
        ({"kind": "accident"}, "liable", "责任由谁承担"),
        ({"kind": "accident", "liable": "nobody"}, "proof", "凭什么证明"),
        ({"ends": date(2026, 2, 1)}, "ends", "止日早于起日"),
        ({"kind": "dental"}, "kind", "没有这种备案"),
    ],
)
def test_what_each_kind_has_to_say(
    file: Callable[..., Filing], given: dict[str, Any], at: str, match: str
) -> None:
    with pytest.raises(Refusal, match=match) as refused:
        file(**given)
    assert refused.value.at == (at,)


def test_the_same_is_not_filed_twice_and_first_institutions_follow(
    file: Callable[..., Filing], township_hospital: Institution
) -> None:
    """第二十一条: the first institution stays for the year."""
    file()
    with pytest.raises(Refusal, match="不必重复备案"):
        file()
    year = {"starts": date(2026, 1, 1), "ends": date(2026, 12, 31)}
    file("first", about="住院首诊", place="龙水镇卫生院", **year)
    with pytest.raises(Refusal, match="首诊机构选定"):
        file("first", about="住院首诊", place="大足县人民医院", **year)
    next_year = {"starts": date(2027, 1, 1), "ends": date(2027, 12, 31)}
    other = file("first", about="住院首诊", place="大足县人民医院", **next_year)
    assert other.status == "approved"


def test_another_town_does_not_file(cast: SimpleNamespace, wang: Person, pack: Any) -> None:
    with pytest.raises(Refusal, match="不属于您的乡镇"):
        propose_filing(
            actor=cast.clerk_b, person=wang, kind="referral", about="冠心病", starts=FIRST,
            ends=None, evidence="表", on=FIRST,
        )  # fmt: skip


def test_a_visit_says_its_filing_or_that_there_is_none(
    paper: Paper, wang: Person, file: Callable[..., Filing], cast: SimpleNamespace, as_user
) -> None:
    filing = file()
    claim = paper(wang, "6000.00")
    assert str(VisitFiling.objects.get(visit=claim.visit)) == f"转诊转院审批 {filing.number}"
    page = as_user(cast.reviewer).get(reverse("claims:claim", args=[claim.pk])).content.decode()
    assert filing.number in page


@pytest.mark.parametrize("given", [{"agree": False}, {"ends": date(2026, 2, 28)}])
def test_not_before_it_is_agreed_nor_after_it_ended(
    paper: Paper, wang: Person, file: Callable[..., Filing], given: dict[str, Any]
) -> None:
    file(**given)
    claim = paper(wang, "6000.00", visit=stay(referral="referred", filing_document="审批表 7 号"))
    assert str(VisitFiling.objects.get(visit=claim.visit)) == (
        "未见转诊转院审批，录入人注明：审批表 7 号"
    )


def test_where_the_measures_want_one_a_tick_needs_a_document(
    paper: Paper, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = FilingRule("referral", "referral", "referred", True, "第二十一条")
    given = services.standings
    monkeypatch.setattr(
        services, "standings", lambda visit, terms: [
            services.Standing(rule, one.filing) for one in given(visit, terms)
        ],
    )  # fmt: skip
    with pytest.raises(Refusal, match="没有已同意的转诊转院审批") as refused:
        paper(wang, "6000.00")
    assert refused.value.at == ("filing_document",)
    done = paper(wang, "6000.00", visit=stay(referral="referred", filing_document="转诊 3 号"))
    assert done.status == "submitted"


@pytest.mark.parametrize("liable", ["third", "hospital"])
def test_an_accident_that_others_pay_is_not_the_funds(
    paper: Paper, wang: Person, file: Callable[..., Filing], liable: str
) -> None:
    """Stories 32 and 33: the driver, or the hospital where he fell, is liable."""
    file("accident", **accident(liable))
    hurt = {"referral": "referred", "facts": {"trauma", "trauma_certified"}}
    with pytest.raises(Refusal, match="基金不予支付（第二十三条") as refused:
        paper(wang, "6000.00", visit=stay(**hurt))
    assert refused.value.at == ("reasons",)
    claim = paper(wang, "6000.00", visit=stay(**hurt, reasons={"traffic"}))
    assert (claim.fund_amount, claim.refusal_code) == (0, "accident")


def test_nor_when_it_was_registered_before_it_is_settled(
    ward: Ward,  # noqa: F811
    wang: Person,
    file: Callable[..., Filing],
) -> None:
    """Tried out, settled, or in part: the same as at the entry of a whole visit."""
    file("accident", **accident("third"))
    visit = ward.admit(wang, in_bed(facts={"trauma", "trauma_certified"}))
    ward.bill(visit, charged("X01", "10", "100", 5))
    with pytest.raises(Refusal, match="基金不予支付（第二十三条"):
        ward.part(visit, 5)
    ward.leave(visit, 9)
    with pytest.raises(Refusal, match="基金不予支付（第二十三条"):
        ward.settle(visit)


def test_an_accident_of_nobodys_fault_is_paid(
    paper: Paper, wang: Person, file: Callable[..., Filing]
) -> None:
    file("accident", **accident("nobody"))
    hurt = stay(referral="referred", facts={"trauma", "trauma_certified"})
    assert paper(wang, "6000.00", visit=hurt).fund_amount > 0


def test_the_entry_page_ticks_what_was_approved(
    file: Callable[..., Filing], wang: Person, cast: SimpleNamespace
) -> None:
    file()
    file("chronic", about="糖尿病", ends=date(2027, 2, 19), expert="张医师")
    terms = Measures.on(area_code=cast.clerk_a.county_code, day=TODAY).terms
    assert proposed_facts(wang, TODAY, terms) == {
        "referral": "referred", "facts": ["chronic_certified"],
    }  # fmt: skip
    assert proposed_facts(wang, date(2026, 2, 1), terms) == {}


def test_at_the_window_and_on_paper(
    file: Callable[..., Filing], wang: Person, cast: SimpleNamespace, as_user
) -> None:
    desk = as_user(cast.clerk_a)
    given = {
        "number": wang.resident_id, "kind": "away", "about": "在广东务工", "starts": "2026-03-01",
        "evidence": "劳动合同",
    }  # fmt: skip
    answer = desk.post(reverse("claims:filing_new"), given)
    filing = Filing.objects.get(kind="away")
    assert answer["Location"] == reverse("claims:filing", args=[filing.pk])
    url = reverse("claims:filing_decide", args=[filing.pk, "approve_filing"])
    assert desk.post(url).status_code == 403
    as_user(cast.reviewer).post(url)
    filing.refresh_from_db()
    assert filing.status == "approved"
    page = keeps_what_it_said(
        FILING_PAPER,
        reverse("claims:filing_paper", args=[filing.pk]),
        hand=desk,
        change=lambda: Person.objects.filter(pk=wang.pk).update(name="汪建国") and None,
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    assert "在广东务工" in page and "劳动合同" in page
