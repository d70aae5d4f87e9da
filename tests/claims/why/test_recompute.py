"""A settlement decided again from what was kept: the same number, the same fen, by anybody."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import Division
from claims.adjudication import Bill, Case, Member, Visit
from claims.adjudication.determination import determination
from claims.models import Determination, Settlement
from claims.papers import sheet_facts
from claims.services import Cut, cut_and_review, submit
from claims.why.recomputing import recompute
from enrollment.models import Person
from tests.claims.conftest import TODAY, Register, line, stay

Counter = Callable[..., Settlement]
MEASURES = "0" * 64


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def decided_again(claim: Settlement, folder: Path) -> list[Mapping[str, Any]]:
    """What an outsider gets from the exported facts and measures."""
    told("recompute", claim.number, "--export", str(folder))
    policy, cases = str(folder / "policy.yaml"), str(folder / "cases.jsonl")
    text = told("adjudicate", "--policy", policy, "--cases", cases)
    return [json.loads(answer) for answer in text.splitlines()]


def test_a_stay_is_decided_again_by_an_outsider(
    counter: Counter, wang: Person, tmp_path: Path
) -> None:
    """V1: (5000 - 300 - 400 - 200) × 50 % = 2 050.00; nobody's name leaves with it."""
    claim = counter(
        wang,
        line("X01", "30", "130.00"),
        line("X09", "1", "300.00"),
        line("S01", "1", "800.00"),
        visit=stay(facts={"special_approved"}),
        consent_signed=True,
    )
    kept = claim.determinations.get()
    said = told("recompute", claim.number)
    assert f"核对码 {kept.number}，基金支付 2,050.00 元" in said
    assert f"与结算单 {claim.number} 完全相同" in said
    (answer,) = decided_again(claim, tmp_path / "out")
    assert (answer["determination"], answer["fund_pay"]) == (kept.number, "2050.00")
    exported = (tmp_path / "out" / "cases.jsonl").read_text()
    assert wang.name not in exported and wang.resident_id not in exported
    assert sheet_facts(claim)["determination"].replace("-", "") == kept.number


def test_what_was_used_before_is_a_fact_of_the_second(
    counter: Counter, wang: Person, tmp_path: Path
) -> None:
    """Alike but for the usage: 119 800 × 50 % = 59 900 of a year's 60 000, then the last 100."""
    numbers = []
    for month, fund in ((1, "59900.00"), (2, "100.00")):
        visit = stay(date(2026, month, 1), date(2026, month, 9), facts={"special_approved"})
        claim = counter(wang, line("X01", "12000", "10"), visit=visit)
        (answer,) = decided_again(claim, tmp_path / str(month))
        assert answer["fund_pay"] == fund == str(claim.fund_amount)
        numbers.append(answer["determination"])
        assert recompute(claim.determinations.get()).differences == []
    assert len(set(numbers)) == 2


def test_a_cut_is_decided_again(
    counter: Counter, wang: Person, cast: SimpleNamespace, tmp_path: Path
) -> None:
    """Golden case 1: of 1300 the hospital bears 60; (1240 - 200) × 50 % = 520.00."""
    claim = counter(wang, line("X01", "120", "10"), line("X02", "1", "100"))
    cut = {2: Cut(Decimal("40.00"), "超量用药")}
    again = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cut, on=TODAY)
    (answer,) = decided_again(again, tmp_path)
    assert (answer["fund_pay"], answer["hospital_part"]) == ("520.00", "60.00")
    assert answer["determination"] == again.determinations.get().number
    assert recompute(again.determinations.get()).differences == []
    assert recompute(claim.determinations.get()).fund_amount == Decimal("550.00")


def test_a_draft_is_decided_anew_when_it_is_handed_in(
    counter: Counter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = counter(wang, line("X01", "120", "10"), submit_now=False)
    visit = stay(date(2026, 2, 1), date(2026, 2, 9))
    counter(wang, line("X01", "12000", "10"), visit=visit)
    claim = submit(actor=cast.hospital_clerk, settlement=draft, on=TODAY)
    last, first = claim.determinations.all()
    assert last.number != first.number
    assert recompute(last).differences == []


def test_whoever_altered_an_amount_is_found_out(counter: Counter, wang: Person) -> None:
    """What stands is compared with the facts, and the facts with their number."""
    kept = counter(wang, line("X01", "120", "10")).determinations.get()
    kept.settlement.cash_amount = Decimal("650.00")
    assert recompute(kept).differences == ["个人现金 650.00，重算为 700.00"]
    kept.cases[0]["bill"]["lines"][0]["amount"] = "1300.00"
    said = recompute(kept).differences
    assert said[0].startswith(f"核对码 {kept.number}，现为 ")
    assert "基金支付合计 500.00，重算为 550.00" in said
    assert said[-1] == "说明的文字与重算的不同"
    for change in (
        lambda: Determination.objects.update(number="0" * 20),
        lambda: Determination.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_what_cannot_be_decided_again_is_said(
    register: Register, village_a: Division, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="没有结算单 123，请核对单号"):
        told("recompute", "123")


CASE = Case(
    member=Member(person="a", household="b", birth_date=date(1970, 5, 1), tier="tier2"),
    visit=Visit(
        key="1", care="inpatient", level="county", starts=date(2026, 3, 1), ends=date(2026, 3, 9)
    ),
    bill=Bill(amounts={"in_scope": 100_000, "special_exam": 0}),
)


def changed(case: Case, part: str, **values: Any) -> Case:
    return replace(case, **{part: replace(getattr(case, part), **values)})


def test_the_number_is_of_what_decides_and_of_nothing_else() -> None:
    number = determination([(CASE, {"annual_paid": 5})], MEASURES)
    assert len(number) == 20
    same = [
        (changed(CASE, "member", person="c", household="d"), {"annual_paid": 5}),
        (changed(CASE, "visit", key="V9"), {"annual_paid": 5, "stays": 0}),
        (changed(CASE, "bill", amounts={"in_scope": 100_000}), {"annual_paid": 5}),
    ]
    assert {determination([one], MEASURES) for one in same} == {number}
    other = [
        (CASE, {"annual_paid": 6}),
        (changed(CASE, "member", birth_date=date(1970, 5, 2)), {"annual_paid": 5}),
        (changed(CASE, "visit", answerable=False), {"annual_paid": 5}),
        (changed(CASE, "visit", facts=frozenset({"emergency"})), {"annual_paid": 5}),
        (changed(CASE, "bill", amounts={"in_scope": 100_001}), {"annual_paid": 5}),
        (changed(CASE, "bill", cut_patient=1), {"annual_paid": 5}),
    ]
    assert len({determination([one], MEASURES) for one in other} | {number}) == 7
    assert determination([(CASE, {"annual_paid": 5})], "1" * 64) != number
