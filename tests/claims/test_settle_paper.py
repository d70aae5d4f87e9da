"""Invoices from elsewhere, keyed in by the township clerk; the household is paid."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import Division
from claims.entries import Hospital, PaperInvoice
from claims.models import Invoice, Settlement
from claims.services import return_to_clerk, withdraw
from claims.work import _returned
from enrollment.models import Person
from institutions.models import Institution
from tests.claims.conftest import Register, invoice, paper_line, stay

Paper = Callable[..., Settlement]
REFERRED = {"referral": "referred"}
EXTENDED = {"extension_approved": True, "late_reason": "在外务工"}


def test_referred_stay_at_the_city_hospital(paper: Paper, wang: Person) -> None:
    """(6000-1000) × 35 %."""
    settlement = paper(wang, "6000.00")
    assert settlement.fund_amount == Decimal("1750.00")
    assert settlement.cash_amount == Decimal("4250.00")
    assert settlement.pay_to == "household"
    assert settlement.visit.source == "paper"
    assert settlement.visit.institution is None


def test_child_reaches_the_cap_of_72000(
    paper: Paper, register: Register, village_a: Division
) -> None:
    """V4: 200 000 at the city hospital, (200000-1000) × 40 % = 79 600."""
    child = register.person("吴小宝", register.household(village_a), born=date(2015, 6, 1))
    settlement = paper(child, "200000.00")
    assert settlement.fund_amount == Decimal("72000.00")
    assert settlement.personal_amount == Decimal("128000.00")


def test_classes_of_a_paper_bill(paper: Paper, wang: Person) -> None:
    """4000 in scope, 1000 of blood (half first), 1000 outside: (4000+500-1000) × 35 %."""
    settlement = paper(
        wang,
        "6000.00",
        visit=stay(facts={"special_approved"}, **REFERRED),
        lines=[
            paper_line("4000.00"),
            paper_line("1000.00", "blood", "血费"),
            paper_line("1000.00", "off_catalogue", "自费药"),
        ],
        invoices=[invoice("NO1", "2500.00"), invoice("NO2", "3500.00")],
    )
    assert settlement.fund_amount == Decimal("1225.00")
    assert settlement.full_self_pay_amount == Decimal("1000.00")
    assert settlement.first_self_pay_amount == Decimal("500.00")


def test_without_referral_nothing_is_paid(paper: Paper, wang: Person) -> None:
    settlement = paper(wang, "6000.00", visit=stay())
    assert settlement.fund_amount == 0
    assert settlement.refusal_code == "unapproved_referral"


def test_coming_after_thirty_days_is_too_late(paper: Paper, wang: Person) -> None:
    settlement = paper(wang, "6000.00", on=date(2026, 4, 9))
    assert settlement.refusal_code == "claimed_late"
    assert settlement.visit.facts == ["claimed_late"]


def test_thirtieth_day_is_in_time(paper: Paper, wang: Person) -> None:
    assert paper(wang, "6000.00", on=date(2026, 4, 8)).fund_amount == Decimal("1750.00")


def test_accepted_extension_lasts_until_after_the_spring_festival(
    paper: Paper, wang: Person
) -> None:
    settlement = paper(
        wang, "6000.00", on=date(2027, 3, 8), extension_approved=True, late_reason="在外务工"
    )
    assert settlement.fund_amount == Decimal("1750.00")


def test_extension_ends_too(paper: Paper, wang: Person) -> None:
    settlement = paper(
        wang, "6000.00", on=date(2027, 3, 9), extension_approved=True, late_reason="在外务工"
    )
    assert settlement.refusal_code == "claimed_late"


def test_clinic_in_the_county_without_agreement(paper: Paper, wang: Person) -> None:
    clinic = Hospital(name="某某诊所", level="township", place="local")
    settlement = paper(wang, "500.00", hospital=clinic, visit=stay())
    assert settlement.refusal_code == "non_contracted"


def test_emergency_there_is_paid(paper: Paper, wang: Person) -> None:
    """(500-30) × 70 %."""
    clinic = Hospital(name="某某诊所", level="township", place="local")
    settlement = paper(wang, "500.00", hospital=clinic, visit=stay(facts={"emergency"}))
    assert settlement.fund_amount == Decimal("329.00")


def test_hospital_of_the_county_is_recognised_by_its_name(
    paper: Paper, wang: Person, hospital: Institution
) -> None:
    here = Hospital(name="大足县人民医院", level="county", place="local")
    settlement = paper(wang, "1200.00", hospital=here, visit=stay())
    assert settlement.visit.institution == hospital
    assert settlement.fund_amount == Decimal("500.00")
    with pytest.raises(Refusal, match="登记的级别是县级医院"):
        paper(
            wang,
            "1200.00",
            hospital=Hospital(name="大足县人民医院", level="township", place="local"),
            visit=stay(date(2026, 1, 1), date(2026, 1, 3)),
            invoices=[invoice("NO7", "1200.00")],
        )


def test_invoice_is_paid_once(paper: Paper, wang: Person, cast: SimpleNamespace) -> None:
    first = paper(wang, "6000.00")
    later = stay(date(2026, 3, 10), date(2026, 3, 12), **REFERRED)
    with pytest.raises(Refusal, match="不能重复报销") as refused:
        paper(wang, "6000.00", visit=later)
    assert refused.value.at == ("invoices", 0, "number")
    withdraw(actor=cast.clerk_a, settlement=first, reason="发票录错")
    assert paper(wang, "6000.00", visit=later).status == "submitted"
    assert list(Invoice.objects.order_by("id").values_list("is_live", flat=True)) == [False, True]


def test_invoice_typed_in_another_way_is_the_same_invoice(paper: Paper, wang: Person) -> None:
    paper(wang, "6000.00", invoices=[invoice("no1001", "6000.00")])
    later = stay(date(2026, 3, 10), date(2026, 3, 12), **REFERRED)
    with pytest.raises(Refusal, match="不能重复报销"):
        paper(wang, "6000.00", visit=later, invoices=[invoice("ＮＯ １００１", "6000.00")])
    with pytest.raises(Refusal, match="不能重复报销"):
        paper(
            wang,
            "6000.00",
            visit=later,
            invoices=[invoice("NO1001", "6000.00", issuer="市第一医院")],
        )


ELECTRONIC = "25502000000012345678"


@pytest.mark.parametrize(
    "typed",
    [ELECTRONIC, "2550 2000 0000 1234 5678", "2550-2000-0000\u200b-1234-5678", f'="{ELECTRONIC}"'],
)
def test_electronic_invoice_is_paid_once_in_the_country(
    paper: Paper, wang: Person, typed: str
) -> None:
    """The number says it all: another issuer, day and amount do not make another invoice."""
    paper(wang, "6000.00", invoices=[invoice(ELECTRONIC, "6000.00")])
    handed = PaperInvoice(
        number=typed, issuer="重庆一院", issued_on=date(2026, 3, 11), amount=Decimal("5000.00")
    )
    later = stay(date(2026, 3, 10), date(2026, 3, 12), **REFERRED)
    with pytest.raises(Refusal, match="不能重复报销") as refused:
        paper(wang, "5000.00", visit=later, invoices=[handed])
    assert refused.value.at == ("invoices", 0, "number")
    row = Invoice.objects.get()
    with pytest.raises(IntegrityError, match="electronic_invoice_once"), transaction.atomic():
        Invoice.objects.create(
            visit=row.visit, number=ELECTRONIC, issuer="重庆一院",
            issued_on=handed.issued_on, amount=handed.amount,
        )  # fmt: skip


def test_electronic_invoice_stands_once_on_a_claim(paper: Paper, wang: Person) -> None:
    pair = [invoice(ELECTRONIC, "2000.00"), invoice(ELECTRONIC, "4000.00", issuer="重庆一院")]
    with pytest.raises(Refusal, match=f"第 2 张发票：发票号 {ELECTRONIC} 重复录入"):
        paper(wang, "6000.00", invoices=pair)


def test_issuer_is_compared_without_blanks_and_width(paper: Paper, wang: Person) -> None:
    paper(wang, "6000.00", invoices=[invoice("00123456", "6000.00", issuer="重医（一院）")])
    later = stay(date(2026, 3, 10), date(2026, 3, 12), **REFERRED)
    again = invoice("0012\u200b3456", "5000.00", issuer="重医 (一院)﻿")
    with pytest.raises(Refusal, match="不能重复报销"):
        paper(wang, "5000.00", visit=later, invoices=[again])


def test_same_number_of_another_hospital_is_another_invoice(paper: Paper, wang: Person) -> None:
    paper(wang, "6000.00")
    later = stay(date(2026, 3, 10), date(2026, 3, 12), **REFERRED)
    other = paper(
        wang,
        "5000.00",
        visit=later,
        invoices=[invoice("NO1001", "5000.00", issuer="重庆市第二医院")],
    )
    assert other.status == "submitted"


def test_a_returned_claim_reminds_until_it_is_handed_in_again(
    paper: Paper, wang: Person, cast: SimpleNamespace
) -> None:
    """Another visit stands for it then: of the same day, or with its invoice when the day was
    wrong. Another claim of the same person does not."""
    first = paper(wang, "6000.00")
    return_to_clerk(actor=cast.reviewer, settlement=first, reason="缺出院小结")
    other = stay(date(2026, 1, 5), date(2026, 1, 9))
    waiting = lambda: list(_returned(cast.clerk_a))  # noqa: E731
    assert waiting() == [first]
    paper(wang, "900.00", visit=other, invoices=[invoice("NO2002", "900.00")])
    assert waiting() == [first]
    again = paper(wang, "6000.00", replaces=first)
    assert waiting() == []
    return_to_clerk(actor=cast.reviewer, settlement=again, reason="入院日期不对")
    assert waiting() == [again]
    paper(wang, "6000.00", visit=stay(date(2026, 2, 25), date(2026, 3, 9)), replaces=again)
    assert waiting() == []
