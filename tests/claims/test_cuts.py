"""What a review cuts is told as what it is: who bears it, and what the patient gets back."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from claims.cuts import REASONS
from claims.models import BillLine, Settlement
from claims.papers import sheet_facts
from claims.services import Cut, cut_and_review, standing_of
from claims.views.fall import fall_of
from enrollment.models import Person
from institutions.models import Institution
from tests.claims.conftest import TODAY, Register, invoice, line, paper_line, stay

Enter = Callable[..., Settlement]
yuan = Decimal


@pytest.fixture
def li(register: Register, village_a) -> Person:
    return register.person("李涵梓", register.household(village_a), tier="tier1")


@pytest.fixture
def pneumonia(counter: Enter, li: Person) -> Settlement:
    """县级医院，一档：总费用 7061.20，目录外 114.00 已签字，CT 180.60 已审批先付 50% 90.30；
    (6856.90 − 200) × 40% = 2662.76，个人 4398.44。"""
    return counter(
        li,
        line("X01", "1", "4990.60"),
        line("X02", "12", "148"),
        line("S01", "2", "90.30"),
        line("X09", "1", "114"),
        visit=stay(facts={"special_approved"}),
        consent_signed=True,
    )


def cut(claim: Settlement, cast: SimpleNamespace, *given: object, row: int = 2) -> Settlement:
    return cut_and_review(actor=cast.reviewer, settlement=claim, cuts={row: Cut(*given)}, on=TODAY)


def test_what_the_hospital_gave_in_excess_is_the_hospitals(
    pneumonia: Settlement, cast: SimpleNamespace
) -> None:
    """1776.00 allowed to 720.00: (5800.90 − 200) × 40% = 2240.36; the hospital bears 1056.00, the
    patient 7061.20 − 2240.36 − 1056.00 = 3764.84, of it wholly own 114.00."""
    assert pneumonia.personal_amount == yuan("4398.44")
    again = cut(pneumonia, cast, yuan("720.00"), "", "over_quantity")
    assert again.fund_amount == yuan("2240.36")
    assert again.full_self_pay_amount == yuan("114.00")
    assert again.borne_amount == again.hospital_amount == yuan("1056.00")
    assert again.first_self_pay_amount == yuan("90.30")
    assert again.personal_amount == yuan("3764.84")
    assert again.refund.amount == yuan("633.60")
    facts = sheet_facts(again)
    assert facts["refund"] == ["633.60", "待退患者"]
    # Told once: in the table, with item, bearer and reason; of the steps the article alone.
    (told,) = facts["cuts"]
    assert told[1:] == ["1,056.00", "医疗机构", "超量、超限用药"]
    assert [one for one in facts["steps"] if "核减" in one and "1,056.00" in one] == []
    assert sum("审核核减1056.00元" in one for one in facts["steps"]) == 1
    steps = "".join(step.sentence for step in again.steps.all())
    assert "核减1,056.00元由就诊机构承担，原因：超量、超限用药" in steps
    assert "审核核减1056.00元不在报销范围，由医疗机构负担（第三十条）" in steps
    assert "目录外费用(未签字同意)" not in steps
    assert "目录外费用(已签字同意)114.00元不在报销范围" in steps


def test_what_no_insurance_is_for_is_the_patients(
    pneumonia: Settlement, cast: SimpleNamespace
) -> None:
    """The same cut, borne by the patient: 114.00 + 1056.00 wholly own, and all else as before."""
    again = cut(pneumonia, cast, yuan("720.00"), "陪护两天", "not_medical")
    assert again.fund_amount == yuan("2240.36")
    assert again.full_self_pay_amount == yuan("1170.00")
    assert again.borne_amount == again.hospital_amount == 0
    assert again.personal_amount == yuan("4820.84")
    told = again.visit.lines.get(line_number=2)
    assert told.cut_bearer == "patient"
    assert told.cut_reason == "陪护、伙食等非医疗费用：陪护两天"


@pytest.mark.parametrize(
    ("code", "words", "at", "match"),
    [
        ("nonsense", "超量", "code", "请选择核减原因"),
        ("institution_other", " ", "reason", "请写明核减原因"),
        ("", "", "reason", "请写明核减原因"),
    ],
)
def test_a_cut_without_a_reason_is_refused_at_its_input(
    pneumonia: Settlement, cast: SimpleNamespace, code: str, words: str, at: str, match: str
) -> None:
    with pytest.raises(Refusal, match=match) as refused:
        cut(pneumonia, cast, yuan("720.00"), words, code)
    assert refused.value.at == ("cuts", 2, at)


def test_a_hospital_without_an_agreement_bears_nothing(
    paper: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    claim = paper(wang, "6000.00")
    with pytest.raises(Refusal, match="没有协议，不能由其承担"):
        cut(claim, cast, yuan("5500.00"), "", "over_price", row=1)
    again = cut(claim, cast, yuan("5500.00"), "", "no_proof", row=1)
    assert (again.full_self_pay_amount, again.borne_amount) == (yuan("500.00"), 0)
    # What was cut is told as such, and not as something outside the catalogue.
    assert sheet_facts(again)["amounts"]["own_cut"] == "500.00"
    assert [(one.name, one.amount) for one in fall_of(again, yuan("500.00"))][:2] == [
        ("总费用", yuan("6000.00")),
        ("审核核减", yuan("-500.00")),
    ]


def test_a_paper_bill_of_a_hospital_under_agreement_is_answered_for(
    paper: Enter, wang: Person, hospital: Institution, cast: SimpleNamespace
) -> None:
    """(6000 − 500 − 200) × 50% = 2650; the hospital gives 500 back."""
    from claims.entries import Hospital

    here = Hospital(name=hospital.name, level=hospital.level, place="local")
    claim = paper(wang, "6000.00", hospital=here, visit=stay())
    again = cut(claim, cast, yuan("5500.00"), "", "over_price", row=1)
    assert again.fund_amount == yuan("2650.00")
    assert again.borne_amount == yuan("500.00")
    assert again.personal_amount == yuan("2850.00")


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code)
def test_every_reason_has_one_bearer_and_the_bill_stays_whole(
    pneumonia: Settlement, cast: SimpleNamespace, reason
) -> None:
    again = cut(pneumonia, cast, yuan("0"), "写明的原因", reason.code)
    one = again
    assert one.total_amount == (
        one.full_self_pay_amount + one.borne_amount + one.over_limit_amount
        + one.first_self_pay_amount + one.in_scope_amount
    )  # fmt: skip
    assert one.personal_amount == one.total_amount - one.fund_amount - one.hospital_amount
    assert (one.borne_amount > 0) == (reason.bearer == "institution")


def test_sql_keeps_a_cut_with_its_bearer(pneumonia: Settlement, cast: SimpleNamespace) -> None:
    again = cut(pneumonia, cast, yuan("720.00"), "", "over_quantity")
    rows = BillLine.objects.filter(visit=again.visit_id, line_number=2)
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        rows.update(cut_bearer="patient")
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic():
        Settlement.objects.filter(pk=again.pk).update(borne_amount=0)


def test_unsigned_costs_are_not_wholly_the_patients(counter: Enter, wang: Person) -> None:
    """200.00 used without a signature: the hospital's, so 全自费 is 0.00."""
    claim = counter(wang, line("X01", "100", "10"), line("X09", "1", "200"), consent_signed=False)
    assert (claim.full_self_pay_amount, claim.borne_amount) == (0, yuan("200.00"))
    boxes = sheet_facts(claim)["amounts"]
    assert (boxes["full_self_pay"], boxes["borne"]) == ("0.00", "200.00")


def test_the_sheets_boxes_agree_with_its_steps(counter: Enter, li: Person) -> None:
    """An outpatient bill paid from the family's account (20.00): 5.00 of it, of the pool nothing;
    the second sheet says what the fund paid in the year, and so does the window."""
    day = date(2026, 3, 2)
    one = counter(li, line("X01", "1", "5"), visit=stay(day, day, care="outpatient"))
    later = date(2026, 3, 3)
    two = counter(li, line("X01", "1", "23"), visit=stay(later, later, care="outpatient"))
    boxes = sheet_facts(one)["amounts"]
    assert (boxes["pooled"], boxes["family_account"], boxes["fund"]) == ("0.00", "5.00", "5.00")
    steps = "".join(sheet_facts(one)["steps"])
    assert "家庭门诊账户余额20.00元，支付5.00元，余15.00元" in steps
    second = sheet_facts(two)
    assert second["amounts"]["family_account"] == "15.00"
    assert second["amounts"]["cash"] == "8.00"
    assert second["year_fund"] == "20.00"
    shown = dict(standing_of(li, on=TODAY, area_code=claim_area(two)).counters)
    assert shown["本年基金支付（含门诊）"] == "20.00 元"
    assert shown["年累计报销额（计入封顶的）"] == "0.00 元"


def claim_area(claim: Settlement) -> str:
    return claim.division.county_code


def test_an_examination_nobody_approved_says_so(counter: Enter, wang: Person) -> None:
    claim = counter(wang, line("X01", "100", "10"), line("S01", "1", "190"))
    said = claim.steps.get(code="first_self_pay").sentence
    assert "先自付100%（特殊检查、治疗、用血未经审批、不属于“急诊抢救”）即190.00元" in said


def test_nobody_is_sent_to_audit_a_hospital_without_an_agreement(
    paper: Enter, counter: Enter, wang: Person, register: Register, village_a
) -> None:
    """500 of 6000 outside is above 5%: told for the county's hospital, not for Chongqing's."""
    lines = [paper_line("5500.00"), paper_line("500.00", "off_catalogue")]
    away = paper(
        wang, "6000.00", lines=lines, invoices=[invoice("NO7", "6000.00")],

    )  # fmt: skip
    assert not away.steps.filter(code="consent_limit").exists()
    he = register.person("何立春", register.household(village_a))
    here = counter(he, line("X01", "550", "10"), line("X09", "1", "500"), consent_signed=True)
    assert "提请稽核" in here.steps.get(code="consent_limit").sentence


def test_old_rows_are_told_apart_by_their_steps(
    pneumonia: Settlement, counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """Back to the shape of before and forth again: 1056.00 cut, 200.00 unsigned, and a claim of
    which the hospital bears nothing."""
    migration = import_module("claims.migrations.0014_cuts_by_bearer")
    again = cut(pneumonia, cast, yuan("720.00"), "", "over_quantity")
    unsigned = counter(wang, line("X01", "100", "10"), line("X09", "1", "200"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(migration.BACK)
    old = {row.pk: row.full_self_pay_amount for row in Settlement.objects.all()}
    assert (old[pneumonia.pk], old[again.pk], old[unsigned.pk]) == (
        yuan("114.00"), yuan("1170.00"), yuan("200.00"),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(migration.BORNE)
    new = {row.pk: (row.full_self_pay_amount, row.borne_amount) for row in Settlement.objects.all()}
    assert new[pneumonia.pk] == (yuan("114.00"), 0)
    assert new[again.pk] == (yuan("114.00"), yuan("1056.00"))
    assert new[unsigned.pk] == (0, yuan("200.00"))


def test_a_claim_that_was_settled_anew_is_summed_once(
    pneumonia: Settlement, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """The list shows both, 2662.76 withdrawn and 2240.36 in its place, and adds the second only."""
    cut(pneumonia, cast, yuan("720.00"), "", "over_quantity")
    page = as_user(cast.clerk_a).get(reverse("claims:list"))
    table = page.context["list"]
    assert table.number == 2 and "2,662.76" in page.text
    assert [str(total) for _, total in table.summary] == ["7,061.20", "2,240.36"]
    assert "合计不含草稿、已撤回和不予支付的" in page.text
