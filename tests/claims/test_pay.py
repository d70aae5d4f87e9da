"""A claim is paid once, all of a batch or nothing, with its voucher in the same moment."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from claims.models import Settlement
from claims.services import stop
from desk.worklist import find
from enrollment.models import Person
from funds.models import Book, PaymentBatch, PaymentOrder, Posting, Transfer, Voucher
from funds.payments.services import make_batch, release_batch
from funds.services import EventLine, close_period, post_event
from funds.services.books import open_months_through
from lib.periods import Month
from tests.claims.conftest import TODAY, Register, line, stay
from tests.paying import PLENTY, batch_of, orders_of, pay

Counter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]


def debits() -> dict[str, Decimal]:
    paid = Posting.objects.filter(voucher__event="claim_paid", debit__gt=0)
    rows = paid.values_list("account__code", "debit")
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
    voucher = Voucher.objects.get(event="claim_paid")
    assert paid.voucher_number == voucher.label == "2026-03-0001"
    assert voucher.key == "batch:202600001:claim_paid:500225101"
    assert voucher.prepared_by == cast.accountant
    sent = Transfer.objects.get(order__key=f"settlement:{claim.pk}")
    assert voucher.payment.batch == sent.batch
    assert debits() == {"5001-inpatient": Decimal("400.00")}
    debit = Posting.objects.get(voucher=voucher, debit__gt=0)
    assert debit.township == town_a
    assert (debit.tier, debit.policy_year, debit.institution_code) == (
        "tier2",
        2026,
        "H50022500001",
    )
    credit = Posting.objects.get(voucher=voucher, credit__gt=0)
    assert (credit.account.code, credit.credit) == ("1004", Decimal("400.00"))
    assert "王建国" not in voucher.summary + voucher.source
    hits = find(cast.accountant, voucher.label, 10)
    assert [(hit.what, hit.title, hit.address) for hit in hits[-3:]] == [
        ("凭证", "支付龙水镇1笔", f"/funds/vouchers/{voucher.pk}"),
        ("支付批次", "202600001", f"/funds/payments/batches/{sent.batch_id}"),
        ("支付单", f"结算单 {claim.number}", f"/claims/{claim.pk}"),
    ]


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
    assert (
        Voucher.objects.get(event="claim_paid").amount == claim.payable_amount == Decimal("382.00")
    )


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


def test_nothing_to_pay_is_closed_by_the_approval(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "1", "100")))
    assert (claim.status, claim.get_status_display()) == ("nothing", "无需支付")
    assert (claim.approved_by, claim.paid_by, claim.voucher_number) == (cast.approver, None, "")
    assert not PaymentOrder.objects.exists()


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
    claims = [agree(counter(person, line("X01", "100", "10"))) for person in people]
    (late,) = orders_of(claims[2:])
    stop(actor=cast.approver, settlement=claims[2], reason="材料不全")
    late.refresh_from_db()
    assert late.status == "cancelled"
    with pytest.raises(Refusal, match=f"{claims[2].number} 现为“已撤回”"):
        batch_of(*claims, on=TODAY)
    assert not PaymentBatch.objects.exists()
    paid = pay(actor=cast.cashier, settlements=claims[:2], on=TODAY, today=TODAY)
    # One voucher for the batch and its township; each claim names it.
    assert {one.voucher_number for one in paid} == {"2026-03-0001"}
    assert Voucher.objects.get(event="claim_paid").amount == Decimal("800.00")


def test_second_time_is_refused(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    pay(actor=cast.cashier, settlements=[claim], on=TODAY, today=TODAY)
    with pytest.raises(Refusal, match="现为“已发出”，不在待付之列"):
        pay(actor=cast.cashier2, settlements=[claim], on=TODAY, today=TODAY)
    assert Voucher.objects.filter(event="claim_paid").count() == 1


def test_closed_month_takes_no_payment(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    post_event(  # else the month that funded the payment cannot be closed
        event="subsidy_received", area=book.area, on=book.first_month, key="test:subsidy",
        source="补助文件", actor=None, lines=[EventLine(amount=PLENTY, funding_level="county")],
    )  # fmt: skip
    batch = batch_of(claim, on=TODAY)
    april = date(2026, 4, 1)
    open_months_through(book, Month(2026, 4))
    for period in book.periods.filter(year=2026, month__lte=3).order_by("month"):
        close_period(actor=cast.accountant, period=period, on=april)
    with pytest.raises(Refusal, match="已结账"):
        release_batch(actor=cast.cashier, batch=batch, seen=(1, batch.total), on=TODAY, today=april)
    claim.refresh_from_db()
    assert claim.status == "approved"


def test_nothing_ticked(cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal, match="请勾选"):
        make_batch(actor=cast.accountant, orders=[], on=TODAY)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (TODAY + timedelta(days=1), "支付日期不能晚于今天 2026-03-20"),
        (TODAY - timedelta(days=1), "支付日期早于批次编制日期 2026-03-20，请核对"),
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
    batch = batch_of(claim, on=TODAY)
    with pytest.raises(Refusal, match=words) as refused:
        release_batch(actor=cast.cashier, batch=batch, seen=(1, batch.total), on=on, today=TODAY)
    assert refused.value.field == "paid_on"
    assert not Voucher.objects.filter(event="claim_paid").exists()
    claim.refresh_from_db()
    assert claim.status == "approved"
