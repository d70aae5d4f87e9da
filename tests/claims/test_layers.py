"""Six layers of invented names over two books (tests/cases/packs/six-layers.yaml), by hand.

刘翠芬, 低保, a day's surgery of 20 000.00 at the county hospital:

* 共济统筹 (20000 − 400) × 60 % = 11760.00, rest 8240.00
* 大额互补 (8240 − 2000) × 50 % = 3120.00, rest 5120.00
* 邻里互济 5120 × 10 % = 512.00, rest 4608.00
* 仁济救助 4608 × 25 % = 1152.00, rest 3456.00
* 暖灯补助 3456 × 12.5 % = 432.00, rest 3024.00
* 丰年补助 3024 × 33.33 % = 1007.8992 → 1007.90, rest 2016.10
* 堤岸兜底 20000 × 95 % − 17983.90 = 1016.10: the fund pays 19000.00, 刘翠芬 1000.00
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement, SettlementFund
from claims.services import (
    Cut,
    cut_and_review,
    submit,
    withdraw,
)
from enrollment.models import Person
from funds.models import Book, Posting, Voucher
from funds.services import open_book
from lib.periods import Month
from policies.models import Pack
from policies.services import adopt_pack, propose_pack
from tests.claims.conftest import TODAY, Register, line, stay
from tests.paying import pay

SIX = (Path(__file__).parents[1] / "cases" / "packs" / "six-layers.yaml").read_text("utf-8")
SURGERY = stay(date(2026, 3, 2), date(2026, 3, 2), care="day_surgery")
PAID = {
    "pool": "11760.00",
    "deep_water": "3120.00",
    "neighbours": "512.00",
    "kindness": "1152.00",
    "lantern": "432.00",
    "harvest": "1007.90",
    "shore": "1016.10",
}
Enter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]


@pytest.fixture
def pack(cast: SimpleNamespace, county: Division) -> Pack:
    proposed = propose_pack(actor=cast.supervisor, area=county, source=SIX)
    return adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")


@pytest.fixture
def liu(register: Register, village_a: Division) -> Person:
    return register.person("刘翠芬", register.household(village_a), statuses=["dibao"])


@pytest.fixture
def surgery(counter: Enter, liu: Person) -> Callable[..., Settlement]:
    def enter(**given: Any) -> Settlement:
        return counter(liu, line("X01", "200", "100"), visit=SURGERY, **given)

    return enter


@pytest.fixture
def aid(cast: SimpleNamespace, county: Division) -> Book:
    return open_book(
        actor=cast.accountant, area=county, first_month=Month(2026, 1), fund_type="assistance"
    )


def paid(settlement: Settlement) -> dict[str, str]:
    return {fund.layer: f"{fund.amount:.2f}" for fund in settlement.funds.all()}


def debits(book: Book) -> dict[str, str]:
    sums = (
        Posting.objects.filter(voucher__book=book, account__kind="expense")
        .order_by()
        .values_list("account__code")
        .annotate(total=Sum("debit"))
    )
    return {code: f"{total:.2f}" for code, total in sums}


def committed() -> None:
    """What waits for the commit is asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def sql(statement: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        committed()


class TestSettling:
    def test_every_layer_has_its_row_in_the_order_in_which_they_pay(self, surgery):
        settlement = surgery()
        committed()
        assert list(paid(settlement).items()) == list(PAID.items())
        assert (settlement.fund_amount, settlement.cash_amount) == (Decimal(19000), Decimal(1000))
        assert list(settlement.funds.values_list("fund_pay_type", "book")) == [
            ("390100", "resident"),
            ("390200", "resident"),
            ("390300", "resident"),
            ("610100", "assistance"),
            ("620100", "assistance"),
            ("999109", "resident"),
            ("610200", "assistance"),
        ]

    def test_a_layer_that_pays_nothing_has_no_row(self, counter, register, village_a):
        """Not 低保, 1400.00: (1400 − 400) × 60 % = 600; 800 rest; 10 % = 80, 12.5 % = 90 of 720,
        33.33 % of 630 = 209.979 → 209.98."""
        he = register.person("何立春", register.household(village_a))
        settlement = counter(he, line("X01", "14", "100"), visit=SURGERY)
        assert paid(settlement) == {
            "pool": "600.00",
            "neighbours": "80.00",
            "lantern": "90.00",
            "harvest": "209.98",
        }

    def test_a_draft_is_computed_anew_when_it_is_handed_in(self, surgery, cast):
        draft = surgery(submit_now=False)
        committed()
        assert paid(draft) == PAID
        rows = set(draft.funds.values_list("pk", flat=True))
        handed_in = submit(actor=cast.hospital_clerk, settlement=draft, on=TODAY)
        committed()
        assert paid(handed_in) == PAID
        assert rows.isdisjoint(handed_in.funds.values_list("pk", flat=True))

    def test_cut_by_the_reviewer_both_settlements_keep_what_their_layers_paid(self, surgery, cast):
        """10000.00 are cut and borne by the patient, for these measures have no other bearer; no
        layer pays of it: (10000 − 400) × 60 % = 5760; (4240 − 2000) × 50 % = 1120; 10 % of 3120;
        25 % of 2808 = 702; 12.5 % of 2106 = 263.25; 33.33 % of 1842.75 = 614.18857…; 堤岸
        10000 × 95 % − 8771.44."""
        old = surgery()
        new = cut_and_review(
            actor=cast.reviewer,
            settlement=old,
            cuts={1: Cut(Decimal("10000.00"), "超量")},
            on=TODAY,
        )
        committed()
        assert paid(old) == PAID
        assert paid(new) == {
            "pool": "5760.00",
            "deep_water": "1120.00",
            "neighbours": "312.00",
            "kindness": "702.00",
            "lantern": "263.25",
            "harvest": "614.19",
            "shore": "728.56",
        }
        assert new.fund_amount == Decimal(9500)

    def test_withdrawn_it_keeps_them_and_a_new_entry_has_its_own(self, surgery, cast):
        old = withdraw(actor=cast.hospital_clerk, settlement=surgery(), reason="录错")
        new = surgery()
        committed()
        assert paid(old) == paid(new) == PAID


class TestPaying:
    def test_each_book_pays_its_layers_under_the_accounts_that_the_measures_say(
        self, surgery, agree, cast, book, aid
    ):
        """Resident: outpatient 11760 + 1007.90, serious illness 3120, other 512. Assistance:
        outpatient 1152 + 1016.10, other 432. Together 19000.00."""
        (done,) = pay(actor=cast.cashier, settlements=[agree(surgery())], on=TODAY, today=TODAY)
        committed()
        assert debits(book) == {
            "5001-outpatient": "12767.90",
            "5101-own": "3120.00",
            "5001-other": "512.00",
        }
        assert debits(aid) == {"5001-outpatient": "2168.10", "5001-other": "432.00"}
        paid = Voucher.objects.filter(event="claim_paid")
        assert sum(voucher.amount for voucher in paid) == done.payable_amount
        assert done.voucher_number == "2026-03-0001；城乡医疗救助基金 2026-03-0001"

    def test_without_the_book_nothing_is_paid_and_it_says_what_to_do(
        self, surgery, agree, cast, book
    ):
        claim = agree(surgery())
        with pytest.raises(Refusal, match="还没有城乡医疗救助基金账套，请先由会计") as refused:
            pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
        assert "建账" in refused.value.message
        claim.refresh_from_db()
        assert claim.status == "approved"
        assert not Voucher.objects.filter(event="claim_paid").exists()

    def test_who_is_paid_by_one_book_needs_no_other(
        self, counter, register, village_a, agree, cast, book
    ):
        source = SIX.replace(
            'book: assistance\n    fund_pay_type: "620100"',
            'book: resident\n    fund_pay_type: "620100"',
        )
        pack = propose_pack(actor=cast.supervisor, area=book.area, source=source)
        adopt_pack(actor=cast.approver, pack=pack, approval="府发〔2026〕1号")
        he = register.person("何立春", register.household(village_a))
        claim = agree(counter(he, line("X01", "14", "100"), visit=SURGERY))
        (done,) = pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
        assert done.voucher_number == "2026-03-0001"
        assert debits(book) == {"5001-outpatient": "809.98", "5001-other": "170.00"}


SLIPPED_IN = (
    "INSERT INTO claims_settlementfund"
    " (settlement_id, layer, fund_pay_type, book, booked_as, amount) VALUES "
)


class TestGuards:
    """As strong as columns: the database itself keeps what each layer paid."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE claims_settlementfund SET amount = amount + 1 WHERE settlement_id = %s",
            "UPDATE claims_settlementfund SET layer = 'x' WHERE settlement_id = %s",
            "UPDATE claims_settlementfund SET book = 'assistance' WHERE settlement_id = %s",
            "DELETE FROM claims_settlementfund WHERE settlement_id = %s",
            "TRUNCATE claims_settlementfund -- %s",
            SLIPPED_IN + "(%s, 'seventh', '390100', 'resident', '', 0.01)",
            SLIPPED_IN + "(%s, 'seventh', '390100', 'resident', '', -0.01)",
            SLIPPED_IN + "(%s, 'pool', '390100', 'resident', '', 1)",
        ],
    )
    @pytest.mark.parametrize("draft", [False, True])
    def test_nothing_is_changed_taken_away_or_slipped_in(self, surgery, statement, draft):
        settlement = surgery(submit_now=not draft)
        committed()
        with pytest.raises(Exception, match=r"never changes|do not sum|layer_pays|pending"):
            sql(statement, settlement.pk)
        assert paid(settlement) == PAID

    def test_a_draft_cannot_say_another_sum_than_its_layers(self, surgery):
        draft = surgery(submit_now=False)
        with pytest.raises(IntegrityError, match="do not sum"):
            sql(
                "UPDATE claims_settlement SET fund_amount = fund_amount + 1,"
                " personal_amount = personal_amount - 1, cash_amount = cash_amount - 1"
                " WHERE id = %s",
                draft.pk,
            )

    def test_a_settlement_without_its_rows_never_reaches_the_commit(self, surgery):
        done = surgery()
        with pytest.raises(IntegrityError, match="do not sum"):
            sql(
                "INSERT INTO claims_settlement SELECT (jsonb_populate_record(s, jsonb_build_object("
                "'id', s.id + 1000, 'number', 'T1', 'status', 'withdrawn',"
                " 'withdrawn_reason', 'x'))).* FROM claims_settlement s WHERE id = %s",
                done.pk,
            )


def test_whatever_is_settled_the_rows_sum_to_what_the_fund_pays(counter, register, village_a, cast):
    """Bills of all sizes, twenty people, some 低保, some of them twice."""
    for number in range(20):
        statuses = ["dibao"] if number % 3 == 0 else []
        person = register.person(f"居民{number}", register.household(village_a), statuses=statuses)
        for month in (1, 2)[: 1 + number % 2]:
            day = date(2026, month, 1 + number)
            visit = stay(day, day, care=("inpatient", "day_surgery")[number % 2])
            price = f"{7 ** (number % 9) * 0.11:.2f}"
            counter(person, line("X01", "3", price), line("X09", "1", "33.33"), visit=visit)
    committed()
    for settlement in Settlement.objects.annotate(layers=Sum("funds__amount")):
        steps = {step.code for step in settlement.steps.all()}
        assert "cash" in steps
        assert (settlement.layers or 0) == settlement.fund_amount
        cash = settlement.steps.get(code="cash")
        assert cash.before_amount - settlement.fund_amount - settlement.hospital_amount == (
            cash.after_amount + settlement.account_amount + settlement.credit_amount
        )
    assert SettlementFund.objects.count() > 60
