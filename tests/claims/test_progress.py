"""Cutting, taking back and correcting claims: usage to date is exact after every turn."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from claims.models import BillLine, Settlement, UsageEntry
from claims.services import (
    Cut,
    cut_and_review,
    discard,
    return_to_clerk,
    review,
    submit,
    withdraw,
)
from enrollment.models import Person
from tests.claims.conftest import TODAY, Register, line, stay

Counter = Callable[..., Settlement]


def used(person: Person, counter: str) -> int:
    return UsageEntry.objects.filter(person=person).totals().get(counter, 0)


def test_what_the_reviewer_allows_is_what_is_paid(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    """Golden case 1: of a line of 100 only 40 are allowed; (1240-200) × 50 %, not (1300-200)."""
    claim = counter(wang, line("X01", "120", "10"), line("X02", "1", "100"))
    assert claim.fund_amount == Decimal("550.00")
    cut = {2: Cut(Decimal("40.00"), "超量用药")}
    again = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cut, on=TODAY)
    assert again.status == "reviewed"
    assert again.number != claim.number
    assert again.fund_amount == Decimal("520.00")
    assert again.total_amount == Decimal("1300.00")
    assert again.hospital_amount == Decimal("60.00")
    assert again.personal_amount == Decimal("720.00")
    assert (again.entered_by, again.reviewed_by) == (cast.hospital_clerk, cast.reviewer)
    claim.refresh_from_db()
    assert claim.status == "withdrawn"
    assert used(wang, "annual_paid") == 52_000
    first = again.steps.get(position=1)
    assert first.code == "review_cut"
    assert "核减60.00元由就诊机构承担" in first.sentence
    borne = again.steps.get(position=2)
    assert borne.name == "审核核减"  # and not by the class that takes the cut up
    assert borne.sentence.startswith("审核核减60.00元不在报销范围，由医疗机构负担（")


def test_a_cut_on_a_paper_bill_is_the_patients(
    paper: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    """(6000-500-1000) × 35 %; nobody at the city hospital answers for the rest."""
    claim = paper(wang, "6000.00")
    cut = {1: Cut(Decimal("5500.00"), "陪护费")}
    again = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cut, on=TODAY)
    assert again.fund_amount == Decimal("1575.00")
    assert again.full_self_pay_amount == Decimal("500.00")
    assert again.hospital_amount == 0
    assert again.visit.invoices.get().is_live


@pytest.mark.parametrize(
    ("cuts", "field", "match"),
    [
        ({}, "cuts", "没有填写核减金额"),
        ({9: Cut(Decimal(1), "x")}, "cuts", "没有第 9 行"),
        ({1: Cut(Decimal("1000"), "x")}, ("cuts", 1, "approved_amount"), "小于 1,000.00 元"),
        ({1: Cut(Decimal("-1"), "x")}, ("cuts", 1, "approved_amount"), "不小于 0"),
        ({1: Cut(Decimal("1.001"), "x")}, ("cuts", 1, "approved_amount"), "两位小数"),
        ({1: Cut(Decimal("1"), " ")}, ("cuts", 1, "reason"), "核减原因"),
    ],
)
def test_cut_that_makes_no_sense(
    counter: Counter,
    wang: Person,
    cast: SimpleNamespace,
    cuts: dict[int, Cut],
    field: str,
    match: str,
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    with pytest.raises(Refusal, match=match) as refused:
        cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    assert refused.value.at == (field if isinstance(field, tuple) else (field,))
    claim.refresh_from_db()
    assert claim.status == "submitted"
    assert Settlement.objects.count() == 1


def test_small_bill_uses_up_part_of_the_yearly_deductible(counter: Counter, wang: Person) -> None:
    """Golden case 2: deductible 200 a year, claim 150: 0 is paid, 150 of it are used up; of the
    next 500 only 50 are deducted: 450 × 50 %."""
    dialysis = {"care": "special", "diseases": {"dialysis"}}
    january = stay(date(2026, 1, 10), date(2026, 1, 10), **dialysis)
    february = stay(date(2026, 2, 10), date(2026, 2, 10), **dialysis)
    first = counter(wang, line("S03", "1", "150"), visit=january)
    assert first.fund_amount == 0
    assert used(wang, "special_deductible") == 15_000
    second = counter(wang, line("S03", "1", "500"), visit=february)
    assert second.deductible_amount == Decimal("50.00")
    assert second.fund_amount == Decimal("225.00")


def test_usage_is_exact_after_reversal_and_new_settlement(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    """Golden case 3: 150 withdrawn and entered anew as 120; the next 500 bear 80 more."""
    dialysis = {"care": "special", "diseases": {"dialysis"}}
    january = stay(date(2026, 1, 10), date(2026, 1, 10), **dialysis)
    february = stay(date(2026, 2, 10), date(2026, 2, 10), **dialysis)
    wrong = counter(wang, line("S03", "1", "150"), visit=january)
    withdraw(actor=cast.hospital_clerk, settlement=wrong, reason="金额录错")
    assert used(wang, "special_deductible") == 0
    anew = counter(wang, line("S03", "1", "120"), visit=january, replaces=wrong)
    assert used(wang, "special_deductible") == 12_000
    with pytest.raises(Refusal, match=f"这次就诊另有结算单 {anew.number}"):  # typed once more
        counter(wang, line("S03", "1", "120"), visit=january, replaces=wrong)
    second = counter(wang, line("S03", "1", "500"), visit=february)
    assert second.deductible_amount == Decimal("80.00")
    assert second.fund_amount == Decimal("210.00")
    return_to_clerk(actor=cast.reviewer, settlement=second, reason="诊断不符")
    third = counter(wang, line("S03", "1", "500"), visit=february)
    assert third.fund_amount == Decimal("210.00")
    assert used(wang, "special_deductible") == 20_000
    assert used(wang, "annual_paid") == 21_000


def test_two_sources_pay_each_fen_once(
    counter: Counter, register: Register, village_a: Division, cast: SimpleNamespace
) -> None:
    """Golden case 5: fund, subsidy left over and cash sum to the bill, before and after a cut."""
    he = register.person(
        "何秀兰",
        register.household(village_a),
        tier="tier1",
        residence="urban",
        statuses=["dibao"],
        credit=50,
    )
    claim = counter(he, line("X01", "77", "3.33"), line("X02", "13", "7.77"))
    again = cut_and_review(
        actor=cast.reviewer, settlement=claim, cuts={2: Cut(Decimal("99.99"), "超量")}, on=TODAY
    )
    for each in (claim, again):
        parts = each.fund_amount + each.hospital_amount + each.credit_amount + each.cash_amount
        assert parts == each.total_amount == Decimal("357.42")
    billed = sum(BillLine.objects.filter(visit=claim.visit).values_list("amount", flat=True))
    assert billed == again.total_amount
    assert used(he, "credit") == -5_000


def test_draft_reserves_nothing_and_is_computed_anew_when_submitted(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = counter(wang, line("S03", "1", "100200"), submit_now=False)
    assert draft.status == "draft"
    assert draft.fund_amount == Decimal("50000.00")
    assert used(wang, "annual_paid") == 0
    special = stay(date(2026, 2, 1), date(2026, 2, 1), care="special", diseases={"dialysis"})
    counter(wang, line("S03", "1", "40200"), visit=special)
    submitted = submit(actor=cast.hospital_clerk, settlement=draft, on=TODAY)
    assert submitted.fund_amount == Decimal("40000.00")
    assert used(wang, "annual_paid") == 6_000_000
    last = submitted.steps.order_by("position").last()
    assert last is not None
    assert last.after_amount == submitted.cash_amount


def test_correcting_a_draft_discards_it(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = counter(wang, line("X01", "100", "10"), submit_now=False)
    better = counter(wang, line("X01", "101", "10"), replaces=draft)
    draft.refresh_from_db()
    assert (draft.status, draft.withdrawn_reason) == ("withdrawn", "作废草稿")
    assert better.fund_amount == Decimal("405.00")


def test_a_submitted_claim_is_not_replaced_behind_the_reviewers_back(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    with pytest.raises(Refusal, match="请先撤回"):
        counter(wang, line("X01", "90", "10"), replaces=claim)
    review(actor=cast.reviewer, settlement=claim)
    assert Settlement.objects.count() == 1


def test_somebody_elses_draft_is_not_mine_to_replace(
    counter: Counter, paper: Counter, wang: Person
) -> None:
    draft = counter(wang, line("X01", "100", "10"), submit_now=False)
    with pytest.raises(Refusal, match="自己录入"):
        paper(wang, "6000.00", replaces=draft)


def test_the_trail_tells_the_whole_way(
    counter: Counter, wang: Person, cast: SimpleNamespace, agree: Callable[..., Settlement]
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    agree(claim)
    lines = AuditLine.objects.filter(subject_type="claims.settlement", subject_id=str(claim.pk))
    told = list(lines.order_by("id").values_list("action", "user_name", "division_code"))
    village = "500225101201"
    assert told == [
        ("claims.entered", "韩梅", village),
        ("claims.reviewed", "周文静", village),
        ("claims.approved", "吴国栋", village),
    ]
    approved = lines.get(action="claims.approved")
    assert (approved.before["status"], approved.after["status"]) == ("reviewed", "approved")


def test_discarded_draft_leaves_the_bed_free(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = counter(wang, line("X01", "100", "10"), submit_now=False)
    discard(actor=cast.hospital_clerk, settlement=draft)
    assert counter(wang, line("X01", "100", "10")).status == "submitted"
