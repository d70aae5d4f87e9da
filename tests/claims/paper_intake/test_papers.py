"""The papers of a claim from elsewhere: which, what is missing, and in time or not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.errors import Refusal
from claims.forms import PaperVisitForm
from claims.models import Settlement
from claims.paper_intake.checklist import asked_of, lacks_of
from claims.paper_intake.models import HandedPaper, LateClaim
from claims.paper_intake.services import note_papers
from claims.services import cut_and_review, return_to_clerk, review, withdraw
from claims.services.progress import Cut
from enrollment.models import Person
from policies.services import Measures
from tests.claims.conftest import TODAY, invoice, line, paper_line, stay

pytestmark = pytest.mark.django_db
Paper = Callable[..., Settlement]


@pytest.fixture
def claim(paper: Paper, wang: Person) -> Settlement:
    """王建国, referred to the city hospital, 6000.00."""
    return paper(wang, "6000.00")


def codes(settlement: Settlement) -> list[str]:
    return [one.rule.code for one in asked_of(settlement)]


def test_the_measures_say_which_papers(claim: Settlement) -> None:
    """第二十三条(七): invoice, list, discharge; referred to outside: the form of 第二十一条."""
    assert codes(claim) == ["invoice", "list", "discharge", "referral"]
    assert [one.rule.original for one in asked_of(claim)] == [True, False, False, False]


def test_an_injury_and_work_elsewhere_ask_for_more(paper: Paper, wang: Person) -> None:
    facts = {"trauma", "trauma_certified", "working_away", "notified"}
    found = codes(paper(wang, "6000.00", visit=stay(facts=facts)))
    assert found == ["invoice", "list", "discharge", "employer", "injury", "injury_proof"]


def test_nothing_is_asked_at_the_counter(counter: Paper, wang: Person) -> None:

    settlement = counter(wang, line("X01", "2", "10.00"))
    assert asked_of(settlement) == []


def test_a_missing_paper_stops_the_review_and_is_named(
    claim: Settlement, cast: SimpleNamespace
) -> None:
    states = {"invoice": "copy", "list": "original", "discharge": "missing"}
    note_papers(actor=cast.clerk_a, settlement=claim, states=states)
    assert lacks_of(claim) == [
        "住院发票须原件，收到的是复印件（第二十三条(七)）",
        "缺出院小结或出院记录（第二十三条(七)）",
    ]
    with pytest.raises(Refusal, match="缺出院小结或出院记录"):
        review(actor=cast.reviewer, settlement=claim)
    with pytest.raises(Refusal, match="材料不齐"):
        cuts = {1: Cut(Decimal("5000.00"), "", "not_medical")}
        cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    note_papers(
        actor=cast.reviewer, settlement=claim, states={"invoice": "original", "discharge": "copy"}
    )
    assert review(actor=cast.reviewer, settlement=claim).status == "reviewed"


def test_returned_for_what_it_lacks_and_entered_anew(
    claim: Settlement, cast: SimpleNamespace, paper: Paper, wang: Person, as_user
) -> None:
    note_papers(actor=cast.clerk_a, settlement=claim, states={"list": "missing"})
    page = as_user(cast.reviewer).get(reverse("claims:claim", args=[claim.pk])).content.decode()
    assert 'value="list" checked' in page
    assert "缺住院费用结算汇总清单" in page
    back = return_to_clerk(actor=cast.reviewer, settlement=claim, missing=["list"])
    assert back.withdrawn_reason == "请补：住院费用结算汇总清单"
    again = paper(wang, "6000.00", replaces=back)
    assert HandedPaper.objects.get(visit=again.visit).state == "missing"  # what lay there
    for one, other in ((back, again), (again, back)):
        page = as_user(cast.clerk_a).get(reverse("claims:claim", args=[one.pk])).content.decode()
        assert reverse("claims:claim", args=[other.pk]) in page
        assert "请补：住院费用结算汇总清单" in page  # why, on both
        assert "照此重新录入" not in page  # it stands anew
    twice = return_to_clerk(actor=cast.reviewer, settlement=again, missing=["list"])
    third = paper(wang, "6000.00", replaces=twice)
    page = as_user(cast.reviewer).get(reverse("claims:claim", args=[third.pk])).content.decode()
    assert back.number in page and again.number in page


@pytest.mark.parametrize(
    ("states", "match"),
    [
        ({"employer": "copy"}, "不要“employer”"),
        ({"invoice": "lost"}, "请选择原件、复印件或缺"),
        ({"invoice": ""}, "一项材料也没有核对"),
    ],
)
def test_only_what_is_asked_and_can_be(
    claim: Settlement, cast: SimpleNamespace, states: dict[str, str], match: str
) -> None:
    with pytest.raises(Refusal, match=match):
        note_papers(actor=cast.clerk_a, settlement=claim, states=states)


def test_not_after_the_review_nor_by_another_town(claim: Settlement, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="不属于您的范围"):
        note_papers(actor=cast.clerk_b, settlement=claim, states={"list": "copy"})
    with pytest.raises(Refusal, match="请用其账号"):
        note_papers(actor=cast.hospital_clerk, settlement=claim, states={"list": "copy"})
    review(actor=cast.reviewer, settlement=claim)
    with pytest.raises(Refusal, match="材料不能再改"):
        note_papers(actor=cast.clerk_a, settlement=claim, states={"list": "copy"})


def test_late_needs_a_reason_and_says_until_when(paper: Paper, wang: Person) -> None:
    """Discharged 2026-03-09: due 04-08; the Spring Festival of 2027 is 02-06, 30 days: 03-08."""
    with pytest.raises(Refusal, match=r"应在 2026-04-08 前申请.*最迟 2027-03-08") as refused:
        paper(wang, "6000.00", on=date(2026, 4, 9), extension_approved=True)
    assert refused.value.at == ("late_reason",)
    settlement = paper(
        wang, "6000.00", on=date(2026, 4, 9), extension_approved=True, late_reason="在广东务工"
    )
    assert settlement.fund_amount == Decimal("1750.00")
    late = LateClaim.objects.get(visit=settlement.visit)
    assert (late.due_on, late.until) == (date(2026, 4, 8), date(2027, 3, 8))
    assert (late.handed_on, late.reason) == (date(2026, 4, 9), "在广东务工")
    with pytest.raises(IntegrityError), transaction.atomic():
        LateClaim.objects.update(reason="别的")


def test_in_time_nothing_is_noted(claim: Settlement) -> None:
    assert not LateClaim.objects.exists()


def test_an_electronic_invoice_is_told_where_it_was_used_in_the_own_county(
    paper: Paper, wang: Person, cast: SimpleNamespace
) -> None:
    number = "26502000000123456789"
    first = paper(wang, "6000.00", invoices=[invoice(number, "6000.00")])
    later = stay(date(2026, 3, 10), date(2026, 3, 12), referral="referred")
    other = [invoice(number, "100.00", "别的医院")]
    with pytest.raises(Refusal, match="2026-03-01 就诊的单"):
        paper(wang, "100.00", visit=later, invoices=other, lines=[paper_line("100.00")])
    withdraw(actor=cast.clerk_a, settlement=first, reason="录错")


def test_reasons_for_refusing_are_offered_with_their_article(
    wang: Person, cast: SimpleNamespace, pack: object
) -> None:
    terms = Measures.on(area_code=cast.clerk_a.county_code, day=TODAY).terms
    field = PaperVisitForm(terms).fields["reasons"]
    assert "第二十五条(三)" in dict(field.choices)["traffic"]  # type: ignore[attr-defined]


def test_the_page_of_the_window(claim: Settlement, cast: SimpleNamespace, as_user) -> None:
    url = reverse("claims:papers", args=[claim.pk])
    desk = as_user(cast.clerk_a)
    assert "住院发票" in desk.get(url).content.decode()
    desk.post(reverse("claims:papers_note", args=[claim.pk]), {"invoice": "missing"})
    assert "材料不齐：缺住院发票" in desk.get(url).content.decode()
    assert as_user(cast.clerk_b).get(url).status_code == 404
    assert as_user(cast.hospital_clerk).get(url).status_code == 403
