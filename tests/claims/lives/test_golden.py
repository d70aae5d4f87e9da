"""Six money errors that another system was seen to make, by the door that people use.

Each was read in the code of an open national scheme's software; the engine's own tests of them are
tests/claims/adjudication/test_golden.py. Here they go from the bill to the ledger.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.models import Settlement, SettlementFund
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.services import Cut, approve, cut_and_review, withdraw
from enrollment.models import Enrollment, Person
from funds.models import Book, Posting
from funds.services import open_book
from lib.periods import Month
from tests.claims.conftest import TODAY, Register, line, stay
from tests.claims.dependence.test_stories import special, used
from tests.claims.lives.table import CLINIC, OUTPATIENT, source_of
from tests.claims.lives.test_lives import spent, whole
from tests.paying import pay

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db

TB = stay(*CLINIC[0], care="tuberculosis", facts={"tb_registered"}, diagnosis="肺结核")


@pytest.fixture
def measures() -> str:
    return source_of("dazu")


def test_one_a_line_of_100_allowed_to_40_is_paid_as_40(
    counter: Enter, paid: Enter, cast: SimpleNamespace, wang: Person, book: Book
) -> None:
    """Seen: approved 40, paid 100. 第二十三条(四)3: all of 40."""
    claim = counter(wang, line("X01", "10", "10"), visit=TB)
    assert claim.fund_amount == Decimal("100.00")
    cuts = {1: Cut(Decimal("40.00"), "超量")}
    cut = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    approve(actor=cast.approver, settlement=cut)
    pay(actor=cast.cashier, settlements=[cut], on=TODAY, today=TODAY)
    assert spent() == {OUTPATIENT: Decimal("40.00")}
    assert used(wang) == {"tb_paid": 4_000}
    whole()


@pytest.mark.parametrize("measures", [source_of("dazu").replace(
    "amounts: 200\n      counter: special_deductible",
    "amounts: 1000\n      counter: special_deductible",
)], ids=["a deductible of 1000"])  # fmt: skip
def test_two_a_claim_of_300_below_a_deductible_of_1000_uses_300_of_it(
    counter: Enter, paid: Enter, wang: Person, book: Book
) -> None:
    """Seen: 300 paid in full. Nothing is; of 1 000 the next one finds 700 to bear:
    (1 000 − 700) × 50 %."""
    first = paid(special(counter, wang, 3, "300"))
    assert (first.fund_amount, first.status) == (0, "nothing")
    assert used(wang) == {"special_deductible": 30_000}
    second = paid(special(counter, wang, 4, "1000"))
    assert second.fund_amount == Decimal("150.00")
    assert spent() == {OUTPATIENT: Decimal("150.00")}
    whole()


def test_three_usage_is_exact_after_a_reversal_and_a_new_settlement(
    counter: Enter, paid: Enter, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], wang: Person, cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """Seen: superseded rows counted again. Withdrawn and entered again, then paid, recovered and
    entered again: each time (500 − 200) × 50 %, and the next bears no deductible: 333.33 × 50 %."""
    withdraw(actor=cast.hospital_clerk, settlement=special(counter, wang, 3, "500"), reason="录错")
    claim = paid(special(counter, wang, 3, "500"))
    assert claim.fund_amount == Decimal("150.00")
    take(ask(claim), "150.00")
    assert used(wang) == {}
    again = paid(special(counter, wang, 3, "500"))
    assert again.fund_amount == Decimal("150.00")
    assert paid(special(counter, wang, 4, "333.33")).fund_amount == Decimal("166.67")
    assert used(wang) == {"annual_paid": 31_667, "special_deductible": 20_000}
    assert spent() == {OUTPATIENT: Decimal("316.67")}
    whole()


@pytest.mark.parametrize(
    ("quantity", "amount"), [("1", "10.99"), ("3", "32.97"), ("0.5", "5.50"), ("0.05", "0.55")]
)
def test_four_quantity_times_price_keeps_the_fen(
    counter: Enter, paid: Enter, wang: Person, book: Book, quantity: str, amount: str
) -> None:
    """Seen: 10.99 became 10.00. Half up: 0.5 × 10.99 = 5.495, 0.05 × 10.99 = 0.5495."""
    claim = paid(counter(wang, line("X01", quantity, "10.99", amount), visit=TB))
    assert claim.fund_amount == Decimal(amount)
    assert spent() == {OUTPATIENT: Decimal(amount)}


@pytest.mark.parametrize("measures", [source_of("resident")], ids=["three layers"])
def test_five_of_two_coverages_each_line_counts_once_and_the_parts_make_the_whole(
    counter: Enter, paid: Enter, register: Register, wang: Person, village_a: Any,
    cast: SimpleNamespace, book: Book,
) -> None:  # fmt: skip
    """Seen: both booked for every line. 居民医保样本, 低保: 60 000.00 and 40 400.00:
    (100 400 − 400) × 80 % = 80 000; of 20 400 left (20 400 − 8 500) × 65 % = 7 735; of 12 665 left
    70 % = 8 865.50; 3 799.50 are the person's. Cover of the year before draws nothing; a second one
    of the same year is not to be had."""
    aid = {"actor": cast.accountant, "area": book.area, "fund_type": "assistance"}
    open_book(first_month=Month(2026, 1), **aid)
    poor = register.person("刘翠芬", register.household(village_a), statuses=["dibao"])
    register.cover(poor, year=2025)
    with pytest.raises(IntegrityError, match=r"cover|enrol"), transaction.atomic():
        register.cover(poor, year=2026)
    claim = paid(counter(poor, line("S03", "1", "60000"), line("X01", "404", "100")))
    parts = dict(SettlementFund.objects.values_list("layer", "amount"))
    assert parts == {
        "basic": Decimal("80000.00"),
        "serious": Decimal("7735.00"),
        "assistance": Decimal("8865.50"),
    }
    assert sum(parts.values()) == claim.fund_amount == Decimal("96600.50")
    assert claim.fund_amount + claim.cash_amount == claim.total_amount == Decimal("100400.00")
    rows = Posting.objects.filter(account__kind="expense").order_by("pk")
    booked = [(row.voucher.book.fund_type, row.account.code, row.debit) for row in rows]
    assert sorted(booked) == [
        ("assistance", "5001-inpatient", Decimal("8865.50")),
        ("resident", "5001-inpatient", Decimal("80000.00")),
        ("resident", "5101-own", Decimal("7735.00")),
    ]
    drawn = Enrollment.objects.filter(person=poor).order_by("year")
    assert [row.drawn_claims for row in drawn] == [0, 1]
    whole()


@pytest.mark.parametrize(
    ("born", "due"),
    [
        (date(2008, 3, 2), "440.00"),  # 18 on the day after
        (date(2008, 3, 1), "400.00"),
        (date(1970, 5, 1), "400.00"),
    ],
)
def test_six_a_childs_rule_applies_to_a_child(
    counter: Enter, paid: Enter, register: Register, village_a: Any, book: Book, born: date,
    due: str,
) -> None:  # fmt: skip
    """Seen: a method that nobody called. 第二十三条(二)2: 55 % below 18 years on 2026-03-01, else
    50 % of 1 000 − 200."""
    someone = register.person("陈安", register.household(village_a), born=born)
    assert paid(counter(someone, line("X01", "100", "10"))).fund_amount == Decimal(due)
