"""Measures that ask the portal for more (tests/cases/packs/window-terms.yaml), by hand.

A stay of 1 000.00: (1000 − 500) × 60 % = 300.00; in the same hospital again (1000 − 250) × 60 % =
450.00; the third of the year is not paid without an approval. Dialysis 400.00, three a week.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.entries import Hospital
from claims.models import Settlement, UsageEntry
from claims.services import Cut, cut_and_review, withdraw
from enrollment.models import Person
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import TODAY, Register, invoice, line, paper_line, stay
from tests.claims.test_pages import COUNTER, PAPER, body, found

TEXT = (Path(__file__).parents[1] / "cases" / "packs" / "window-terms.yaml").read_text("utf-8")
THOUSAND = line("X01", "10", "100")
Enter = Callable[..., Settlement]


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=TEXT)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


def january(day: int, **facts: Any) -> Any:
    return stay(date(2026, 1, day), date(2026, 1, day + 1), **facts)


def fund(settlement: Settlement) -> Decimal:
    paid: Decimal = settlement.fund_amount
    return paid


def used(person: Person) -> dict[str, int]:
    totals = UsageEntry.objects.filter(person=person).totals()
    return {name: number for name, number in totals.items() if number}


def test_the_third_stay_is_paid_once_an_earlier_one_is_withdrawn(
    counter: Enter, cast: SimpleNamespace, wang: Person
) -> None:
    """With the first gone the second is the first (300.00) and the third the second (450.00)."""
    first = counter(wang, THOUSAND, visit=january(2))
    second = counter(wang, THOUSAND, visit=january(5))
    third = counter(wang, THOUSAND, visit=january(8))
    assert [fund(one) for one in (first, second, third)] == [Decimal(300), Decimal(450), 0]
    assert third.refusal_code == "third"
    assert third.benefit == ""
    assert used(wang) == {"stays": 2, "here@H50022500001": 2}
    approved = counter(wang, THOUSAND, visit=january(11, facts={"approved"}))
    assert fund(approved) == Decimal(450)
    for one in (approved, first):
        withdraw(actor=cast.hospital_clerk, settlement=one, reason="录错了人")
    anew = Settlement.objects.effective().order_by("submitted_at")
    assert [fund(one) for one in anew] == [Decimal(300), Decimal(450)]
    assert used(wang) == {"stays": 2, "here@H50022500001": 2}
    again = counter(wang, THOUSAND, visit=january(14))
    assert (again.refusal_code, fund(again)) == ("third", Decimal(0))


def test_another_hospital_is_not_the_same(counter: Enter, paper: Enter, wang: Person) -> None:
    """One by its code, the others by their names on the paper bill, full width or not."""
    counter(wang, THOUSAND, visit=january(2))
    city = Hospital(name="重庆市第一医院", level="city", place="outside")
    elsewhere = Hospital(name="重庆市第Ａ医院", level="city", place="outside")
    approved = {"facts": {"approved"}}
    amounts = []
    for number, (where, day) in enumerate([(city, 5), (elsewhere, 8), (elsewhere, 11)]):
        name = "重庆市第A医院" if day == 11 else where.name
        settlement = paper(
            wang,
            "1000.00",
            hospital=replace(where, name=name),
            visit=january(day, **approved),
            invoices=[invoice(f"NO{number}", "1000.00")],
        )
        amounts.append(fund(settlement))
    assert amounts == [Decimal(300), Decimal(300), Decimal(450)]


def test_dialysis_three_times_a_week(counter: Enter, cast: SimpleNamespace, wang: Person) -> None:
    """5 January 2026 is a Monday."""

    def treated(day: int) -> Settlement:
        when = date(2026, 1, day)
        return counter(wang, line("X01", "5", "100"), visit=stay(when, when, care="dialysis"))

    monday, *_ = [treated(day) for day in (5, 7, 9)]
    saturday = treated(10)
    assert (saturday.refusal_code, fund(saturday)) == ("fourth", Decimal(0))
    assert fund(treated(12)) == Decimal(400)
    assert used(wang) == {"week@2026W02": 3, "week@2026W03": 1}
    withdraw(actor=cast.hospital_clerk, settlement=monday, reason="重复录入")
    assert fund(Settlement.objects.get(recomputed_from__settlement=saturday)) == Decimal(400)
    assert fund(treated(11)) == Decimal(0)  # the fourth of the week


def test_a_stay_over_new_year_counts_by_its_discharge(
    counter: Enter, register: Register, village_a: Division
) -> None:
    """Insured in both years: the stay is the first of 2026, and the next one the second."""
    household = register.household(village_a)
    both, late = (register.person(name, household) for name in ("李建", "李迟"))
    early = register.person("李早", household, covered=False)
    over = stay(date(2025, 12, 28), date(2026, 1, 6))
    register.cover(both, year=2025)
    settlement = counter(both, THOUSAND, visit=over)
    assert settlement.policy_year == 2026
    assert settlement.visit.enrollment.year == 2026
    assert fund(settlement) == Decimal(300)
    assert any("计入2026年度" in step.sentence for step in settlement.steps.all())
    assert fund(counter(both, THOUSAND, visit=january(8))) == Decimal(450)
    before = counter(both, THOUSAND, visit=stay(date(2025, 12, 1), date(2025, 12, 5)))
    assert (before.policy_year, fund(before)) == (2025, Decimal(300))
    with pytest.raises(Refusal, match="待遇从 2026-01-01 开始，2025-12-28 发生的医疗费不予支付"):
        counter(late, THOUSAND, visit=over)
    register.cover(early, year=2025)
    with pytest.raises(Refusal, match="2026"):
        counter(early, THOUSAND, visit=over)


def test_what_the_bill_shows_as_paid_first(
    paper: Enter, counter: Enter, cast: SimpleNamespace, wang: Person
) -> None:
    """1 000 of class B, 150 of it paid first: (1000 − 150 − 500) × 60 % = 210.00; of a line cut to
    400, 60 are paid first: (400 − 60 − 250) × 60 % = 54.00, in the same hospital for the second
    time."""
    shown = replace(paper_line("1000.00", "class_b"), self_pay=Decimal("150.00"))
    settlement = paper(wang, "1000.00", lines=[shown], visit=january(2))
    assert settlement.first_self_pay_amount == Decimal("150.00")
    assert fund(settlement) == Decimal(210)
    with pytest.raises(Refusal, match="第 1 行：乙类按票据所列先自付，请填写先自付金额") as refused:
        paper(wang, "1000.00", lines=[paper_line("1000.00", "class_b")], visit=january(5))
    assert refused.value.at == ("lines", 0, "self_pay")
    for wrong, told in (("1000.01", "0 至 1,000.00 元"), ("-1.00", "0 至 1,000.00 元")):
        with pytest.raises(Refusal, match=told):
            paper(wang, "1000.00", lines=[replace(shown, self_pay=Decimal(wrong))])
    with pytest.raises(Refusal, match="甲类不按票据所列先自付"):
        paper(wang, "1.00", lines=[replace(paper_line("1.00"), self_pay=Decimal(0))])
    drug = replace(line("X02", "10", "100"), self_pay=Decimal("150.00"))
    other = paper(
        wang, "1000.00", lines=[shown], visit=january(8), invoices=[invoice("NO2", "1000.00")]
    )
    cuts = {1: Cut(approved_amount=Decimal(400), reason="超量")}
    again = cut_and_review(actor=cast.reviewer, settlement=other, cuts=cuts, on=TODAY)
    assert again.first_self_pay_amount == Decimal("60.00")
    assert fund(again) == Decimal("54.00")
    at_counter = counter(wang, drug, visit=january(11, facts={"approved"}))
    assert fund(at_counter) == Decimal(210)


def test_pages_ask_for_it(
    as_user: Callable[[User], Client], cast: SimpleNamespace, wang: Person, hospital: Any
) -> None:
    for user, page in ((cast.clerk_a, PAPER), (cast.hospital_clerk, COUNTER)):
        assert "其中先自付" in found(as_user(user), page, wang)


def test_a_grant_beyond_the_cost(
    counter: Enter, as_user: Callable[[User], Client], cast: SimpleNamespace, wang: Person
) -> None:
    """500.00 whatever the delivery cost: of 320.00 the fund pays 500.00, 180.00 are hers."""
    settlement = counter(wang, line("X01", "32", "10"), visit=january(2, care="birth"))
    assert fund(settlement) == Decimal(500)
    assert settlement.beyond_amount == Decimal(180)
    assert settlement.personal_amount == settlement.cash_amount == 0
    page = body(as_user(cast.hospital_clerk).get(f"/claims/{settlement.pk}"))
    assert "补助超过费用，付给个人" in page
    assert "180.00" in page
    sheet = body(as_user(cast.hospital_clerk).get(f"/claims/{settlement.pk}/sheet"))
    assert "180.00 元，付给个人" in sheet
    dear = counter(wang, line("X01", "20", "100"), visit=january(5, care="birth"))
    assert fund(dear) == Decimal(500)
    assert (dear.beyond_amount, dear.cash_amount) == (Decimal(0), Decimal(1500))
