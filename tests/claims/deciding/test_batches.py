"""Clean small claims pass together; some are drawn and looked at; the county sets how many."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from claims.deciding.batches import approve_batch, draw_batch, is_drawn
from claims.deciding.models import ReviewRule
from claims.deciding.services import propose_rules
from claims.deciding.workflow import RULES
from claims.models import Settlement
from claims.services import Cut, cut_and_review, review
from supervision.services import screen_new_claims
from tests.claims.conftest import TODAY, Register, line
from tests.claims.deciding.conftest import rules

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


@pytest.fixture
def many(
    counter: Enter, register: Register, village_a: Division, county: Division, cast: SimpleNamespace
) -> list[Settlement]:
    """Twelve stays of 300.00: (300 − 200) × 50 % = 50.00 each; reviewed and screened."""
    claims = []
    for at in range(12):
        person = register.person(f"王{at}", register.household(village_a))
        claim = counter(person, line("X01", "30", "10"))
        claims.append(review(actor=cast.reviewer, settlement=claim))
    screen_new_claims(area=county)
    return claims


def test_what_was_drawn_waits_and_the_rest_passes(
    many: list[Settlement], cast: SimpleNamespace, county: Division
) -> None:
    rules(cast, batch_up_to=Decimal("50.00"), sample_share=25)
    for claim in many:  # the rule A.. may find same-day admissions: concluded on here
        claim.screened.open = []
        claim.screened.save()
    batch = draw_batch(actor=cast.approver, area=county)
    drawn = set(batch.claims.filter(drawn=True).values_list("settlement", flat=True))
    again = {claim.pk for claim in many if is_drawn(batch.seed, claim.pk, 25)}
    assert len(drawn) >= 1 and (drawn == again or not again)
    passed = approve_batch(actor=cast.approver, batch=batch)
    assert {one.pk for one in passed} == {claim.pk for claim in many} - drawn
    statuses = dict(Settlement.objects.values_list("pk", "status"))
    assert {statuses[pk] for pk in drawn} == {"reviewed"}
    assert AuditLine.objects.filter(action="claims.approved").count() == len(passed)
    line_of = AuditLine.objects.get(action="claims.draw_batch")
    assert line_of.after["seed"] == batch.seed
    with pytest.raises(Refusal, match="没有可以批量复核"):
        draw_batch(actor=cast.approver, area=county)  # the drawn are in no second one
    with pytest.raises(Refusal, match="已经办理"):
        approve_batch(actor=cast.approver, batch=batch)


def test_only_clean_small_ones(
    counter: Enter,
    register: Register,
    village_a: Division,
    county: Division,
    cast: SimpleNamespace,
) -> None:
    """Of five only the first: the others are a fen too much, cut, outside, not looked at."""
    rules(cast, batch_up_to=Decimal("50.00"))

    def stay_of(name: str, *lines: object, **given: object) -> Settlement:
        return counter(register.person(name, register.household(village_a)), *lines, **given)

    fine = stay_of("清一", line("X01", "30", "10"))
    large = stay_of("大二", line("X01", "1", "300.02"))
    cut = stay_of("减三", line("X01", "30", "10"))
    outside = stay_of("外四", line("X01", "30", "10"), line("X09", "1", "5"), consent_signed=True)
    for claim in (fine, large, outside):
        review(actor=cast.reviewer, settlement=claim)
    cuts = {1: Cut(Decimal("290"), "", "over_price")}
    cut_and_review(actor=cast.reviewer, settlement=cut, cuts=cuts, on=TODAY)
    screen_new_claims(area=county)
    from claims.models import Screened

    Screened.objects.update(open=[])
    late = stay_of("新五", line("X01", "30", "10"))
    review(actor=cast.reviewer, settlement=late)
    batch = draw_batch(actor=cast.approver, area=county)
    assert [one.settlement_id for one in batch.claims.all()] == [fine.pk]


def test_a_finding_keeps_a_claim_out_until_it_is_concluded_on(
    many: list[Settlement], cast: SimpleNamespace, county: Division
) -> None:
    rules(cast, batch_up_to=Decimal("50.00"))
    held = many[0]
    for claim in many:
        claim.screened.open = ["A05 十五日内再入院：上次 11-02"] if claim == held else []
        claim.screened.save()
    batch = draw_batch(actor=cast.approver, area=county)
    assert held.pk not in set(batch.claims.values_list("settlement", flat=True))


def test_the_page_names_count_and_sum(
    many: list[Settlement], cast: SimpleNamespace, county: Division, as_user
) -> None:
    rules(cast, batch_up_to=Decimal("50.00"), sample_share=1)
    for claim in many:
        claim.screened.open = []
        claim.screened.save()
    desk = as_user(cast.approver)
    queue = desk.get(reverse("claims:approval_queue")).content.decode()
    assert "可以批量复核的有 12 笔，合计 600.00 元" in queue
    page = desk.post(reverse("claims:batch_draw"), follow=True).content.decode()
    assert "抽中，逐笔办理" in page
    assert "批量复核通过 11 笔，合计支付 550.00 元？" in page or "批量复核通过 10 笔" in page


def test_the_page_and_its_answer_tell_what_is_paid(
    counter: Enter, register: Register, village_a: Division, county: Division,
    cast: SimpleNamespace, as_user,
) -> None:  # fmt: skip
    """(300 − 200) × 40 % = 40.00 by the fund and 50.00 out of the balance held for the patient:
    90.00 each."""
    rules(cast, batch_up_to=Decimal("90.00"), sample_share=1)
    for at in range(3):
        person = register.person(
            f"李{at}", register.household(village_a), tier="tier1", residence="urban",
            statuses=["dibao"], credit=50,
        )  # fmt: skip
        claim = counter(person, line("X01", "30", "10"))
        assert (claim.fund_amount, claim.payable_amount) == (Decimal(40), Decimal(90))
        review(actor=cast.reviewer, settlement=claim)
    screen_new_claims(area=county)
    for claim in Settlement.objects.all():
        claim.screened.open = []
        claim.screened.save()
    batch = draw_batch(actor=cast.approver, area=county)
    count = batch.claims.filter(drawn=False).count()
    due = f"{90 * count}.00 元"
    desk, page = as_user(cast.approver), reverse("claims:batch", args=[batch.pk])
    html = desk.get(page).content.decode()
    assert f"批量复核 {count} 笔 应支付 {due}" in html and f"合计支付 {due}？" in html
    answer = desk.post(reverse("claims:batch_approve", args=[batch.pk]), follow=True)
    assert f"批量复核通过 {count} 笔，合计支付 {due}" in answer.content.decode()


class TestRules:
    def test_two_people_set_them(self, cast: SimpleNamespace, county: Division, as_user) -> None:
        given = {
            "second_above": "20000", "third_above": "50000", "batch_up_to": "200",
            "sample_share": "5", "promised_days": "15", "evidence": "局务会纪要 3 号",
            "reason": "内控要求",
        }  # fmt: skip
        as_user(cast.supervisor).post(reverse("claims:rule_new"), given)
        row = ReviewRule.objects.get()
        assert ReviewRule.objects.in_force(county.code) is None
        page = as_user(cast.approver).get(reverse("claims:rule", args=[row.pk])).content.decode()
        assert "同意" in page
        as_user(cast.approver).post(reverse("claims:rule_act", args=[row.pk, "approve_rules"]))
        assert ReviewRule.objects.in_force(county.code) == row
        assert row.approvals_for(Decimal("20000.00")) == 1
        assert row.approvals_for(Decimal("50000.01")) == 3

    def test_the_same_person_does_not_decide(self, cast: SimpleNamespace, county: Division) -> None:
        row = propose_rules(
            actor=cast.supervisor, area=county, on=TODAY, second_above=None, third_above=None,
            batch_up_to=Decimal(100), sample_share=10, promised_days=20,
            evidence="纪要", reason="内控要求",
        )  # fmt: skip
        cast.supervisor.role = "approver"
        cast.supervisor.save()
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            RULES.decide(row, "approve_rules", actor=cast.supervisor, on=TODAY)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("care=inpatient", True), ("care=outpatient", False), ("least=50.01", False),
        ("least=50&most=50", True), ("institution=人民", True), ("waited=1", False),
        ("risk=new", False), ("township=500225001", True),
    ],
)  # fmt: skip
def test_the_queue_is_narrowed(
    many: list[Settlement], cast: SimpleNamespace, as_user, query: str, found: bool
) -> None:
    page = as_user(cast.approver).get(f"{reverse('claims:approval_queue')}?{query}")
    assert ("王0" in page.content.decode()) == found


def test_statements_of_the_queue_are_constant(
    many: list[Settlement], cast: SimpleNamespace, as_user, django_assert_max_num_queries
) -> None:
    rules(cast, batch_up_to=Decimal("50.00"))
    with django_assert_max_num_queries(29):
        as_user(cast.approver).get(reverse("claims:approval_queue"))
