"""The cashier pays: once, all or nothing, with the voucher in the same moment."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement
from claims.services import pay
from enrollment.models import Person
from funds.models import Book, Posting, Voucher
from funds.services import close_period
from funds.services.books import open_months_through
from lib.periods import Month
from tests.claims.conftest import TODAY, Register, line, stay

Counter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]


def debits() -> dict[str, Decimal]:
    rows = Posting.objects.filter(debit__gt=0).values_list("account__code", "debit")
    return dict(rows.order_by())


def test_paid_claim_stands_in_the_ledger(
    counter: Counter,
    agree: Agree,
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
    town_a: Division,
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    (paid,) = pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert (paid.status, paid.paid_by, paid.paid_on) == ("paid", cast.cashier, TODAY)
    voucher = Voucher.objects.get()
    assert paid.voucher_number == voucher.label == "2026-03-0001"
    assert voucher.key == f"settlement:{claim.pk}"
    assert debits() == {"5001-inpatient": Decimal("400.00")}
    debit = Posting.objects.get(debit__gt=0)
    assert debit.township == town_a
    assert (debit.tier, debit.policy_year, debit.institution_code) == (
        "tier2",
        2026,
        "H50022500001",
    )
    credit = Posting.objects.get(credit__gt=0)
    assert (credit.account.code, credit.credit) == ("1004", Decimal("400.00"))
    assert "王建国" not in voucher.summary + voucher.source


def test_what_the_centre_keeps_for_the_patient_is_paid_out_too(
    counter: Counter,
    agree: Agree,
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    """332 from the fund and 50 of the subsidy left over: 382 leave the account."""
    he = register.person(
        "何秀兰",
        register.household(village_a),
        tier="tier1",
        residence="urban",
        statuses=["dibao"],
        credit=50,
    )
    claim = agree(counter(he, line("X01", "103", "10")))
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert debits() == {"5001-inpatient": Decimal("332.00"), "5001-other": Decimal("50.00")}
    assert Voucher.objects.get().amount == claim.payable_amount == Decimal("382.00")


def test_outpatient_is_booked_as_outpatient(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    visit = stay(date(2026, 3, 2), date(2026, 3, 2), care="outpatient")
    pay(
        actor=cast.cashier,
        settlements=[agree(counter(wang, line("X01", "1", "25"), visit=visit))],
        on=TODAY,
        today=TODAY,
    )
    assert debits() == {"5001-outpatient": Decimal("25.00")}


def test_nothing_to_pay_needs_no_voucher(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "1", "100")))
    (paid,) = pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    assert (paid.status, paid.voucher_number) == ("paid", "")
    assert not Voucher.objects.exists()


def test_many_at_once_are_all_or_nothing(
    counter: Counter,
    agree: Agree,
    register: Register,
    village_a: Division,
    cast: SimpleNamespace,
    book: Book,
) -> None:
    home = register.household(village_a)
    people = [register.person(f"吴{name}", home) for name in "甲乙丙"]
    claims = [counter(person, line("X01", "100", "10")) for person in people]
    for claim in claims[:2]:
        agree(claim)
    with pytest.raises(Refusal, match=f"{claims[2].number} 现为“待初审”"):
        pay(actor=cast.cashier, settlements=claims, on=TODAY, today=TODAY)
    assert not Voucher.objects.exists()
    assert not Settlement.objects.paid().exists()
    agree(claims[2])
    paid = pay(actor=cast.cashier, settlements=claims, on=TODAY, today=TODAY)
    assert [one.voucher_number for one in paid] == [f"2026-03-000{n}" for n in (1, 2, 3)]


def test_second_time_is_refused(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    with pytest.raises(Refusal, match="现为“已支付”"):
        pay(actor=cast.cashier2, settlements=[claim], on=TODAY, today=TODAY)
    assert Voucher.objects.count() == 1


def test_closed_month_takes_no_payment(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    april = date(2026, 4, 1)
    open_months_through(book, Month(2026, 4))
    for period in book.periods.filter(year=2026, month__lte=3).order_by("month"):
        close_period(actor=cast.accountant, period=period, on=april)
    with pytest.raises(Refusal, match="已结账"):
        pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=april)
    claim.refresh_from_db()
    assert claim.status == "approved"


def test_nothing_ticked(cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="请勾选"):
        pay(actor=cast.cashier, settlements=[], on=TODAY, today=TODAY)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (TODAY + timedelta(days=1), "支付日期不能晚于今天 2026-03-20"),
        (TODAY - timedelta(days=1), "的结算日期 2026-03-20，请核对"),
    ],
)
def test_money_leaves_neither_tomorrow_nor_before_the_settlement(
    counter: Counter,
    agree: Agree,
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
    on: date,
    words: str,
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    with pytest.raises(Refusal, match=words) as refused:
        pay(actor=cast.cashier, settlements=[claim], on=on, today=TODAY)
    assert refused.value.field == "paid_on"
    assert not Voucher.objects.exists()
    claim.refresh_from_db()
    assert claim.status == "approved"
