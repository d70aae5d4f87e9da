"""A claim's money to the fen: approved, sent, given back by the bank, put right, sent again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.models import Settlement
from claims.paying.checking import problems
from claims.paying.services import key_of
from desk.models import Paper
from enrollment.models import Person
from funds.models import Book, PaymentBatch, PaymentOrder, Posting, Transfer, Voucher
from funds.payments.checking import payment_problems
from funds.payments.services import (
    Payee,
    confirm_payee,
    correct_payee,
    make_batch,
    note_arrival,
    note_return,
    release_batch,
)
from funds.services import EventLine, post_event
from funds.services.posting import reverse_voucher
from tests.claims.conftest import TODAY, Register, line
from tests.conftest import in_duty, make_user
from tests.paying import batch_of, number_of, orders_of, provide

Counter = Callable[..., Settlement]
Agree = Callable[[Settlement], Settlement]
LATER, AGAIN = date(2026, 3, 25), date(2026, 3, 28)


def legs(voucher: Voucher) -> list[tuple[str, str, Decimal, str, str, str, int | None]]:
    return [
        (
            "借" if one.debit else "贷",
            one.account.code,
            one.debit or one.credit,
            one.township.name if one.township else "",
            one.institution_code,
            one.tier,
            one.policy_year,
        )
        for one in Posting.objects.filter(voucher=voucher).select_related("account", "township")
    ]


def test_paid_given_back_put_right_and_paid_again(
    counter: Counter, agree: Agree, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = agree(counter(wang, line("X01", "100", "10")))
    (order,) = orders_of([claim])
    assert (order.status, order.amount, order.payee) == (
        "waiting",
        Decimal("400.00"),
        "大足县人民医院",
    )
    provide(book.area, Decimal("1000.00"))
    batch = batch_of(claim, on=TODAY)
    assert (batch.number, batch.number_of, batch.total) == ("202600001", 1, Decimal("400.00"))
    seen = batch.number_of, batch.total
    release_batch(actor=cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)
    claim.refresh_from_db()
    assert (claim.status, claim.paid_by, claim.paid_on) == ("paid", cast.cashier, TODAY)
    about = ("龙水镇", "H50022500001", "tier2", 2026)
    first = Voucher.objects.get(event="claim_paid")
    assert (claim.voucher_number, first.prepared_by) == (first.label, cast.accountant)
    four = Decimal("400.00")
    assert legs(first) == [("借", "5001-inpatient", four, *about), ("贷", "1004", four, *about)]

    sent = Transfer.objects.get(batch=batch)
    note_return(actor=cast.accountant, transfers=[(sent, "账号与户名不符")], on=LATER)
    back = Voucher.objects.get(event="payment_returned")
    assert legs(back) == [("借", "1004", four, *about), ("贷", "2001-returned", four, *about)]
    order.refresh_from_db()
    assert (order.status, order.return_reason, order.bounces) == ("returned", "账号与户名不符", 1)
    with pytest.raises(Refusal, match="现为“退汇”，不在待付之列"):
        make_batch(actor=cast.accountant, orders=[order], on=LATER)

    right = Payee(name="大足县人民医院", account="6217003760001234567", bank="农商行")
    correct_payee(actor=cast.accountant, order=order, payee=right, reason="账号录错一位")
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        confirm_payee(
            actor=in_duty(cast.accountant, "approver"), order=order, account=number_of(order)
        )
    confirm_payee(actor=cast.approver, order=order, account=number_of(order))
    second = batch_of(claim, on=AGAIN)
    release_batch(actor=cast.cashier, batch=second, seen=(1, four), on=AGAIN, today=AGAIN)
    again = Voucher.objects.get(event="returned_paid")
    assert legs(again) == [("借", "2001-returned", four, *about), ("贷", "1004", four, *about)]
    note_arrival(actor=cast.accountant, transfers=list(second.transfers.all()), on=AGAIN)
    order.refresh_from_db()
    claim.refresh_from_db()
    assert (order.status, claim.status, claim.voucher_number) == ("paid", "paid", first.label)
    # Both facts stand, as they were then.
    assert list(Transfer.objects.order_by("id").values_list("outcome", "batch__number")) == [
        ("returned", "202600001"),
        ("arrived", "202600002"),
    ]
    assert PaymentOrder.objects.get(key=key_of(claim)).account == "6217003760001234567"
    assert list(payment_problems(book.area)) == list(problems(book.area)) == []


def test_nothing_leaves_an_account_that_has_not_so_much(
    counter: Counter,
    agree: Agree,
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
    county: Division,
) -> None:
    """399.99 do not pay 400.00; one fen more makes the batch, whose release asks again."""
    claim = agree(counter(wang, line("X01", "100", "10")))
    provide(county, Decimal("399.99"))
    with pytest.raises(
        Refusal, match=r"现有 399\.99 元，这一批要付 400\.00 元，还差 0\.01 元"
    ) as no:
        batch_of(claim, on=TODAY)
    assert "请先由财政专户拨款（登记收支），或取消勾选部分款项" in no.value.message
    assert not PaymentBatch.objects.exists()
    fen = [EventLine(amount=Decimal("0.01"))]
    post_event(
        event="subsidy_received", area=county, on=TODAY, key="test:subsidy", source="补助",
        actor=None, lines=[EventLine(amount=Decimal("0.01"), funding_level="county")],
    )  # fmt: skip
    more = post_event(
        event="expenditure_funded", area=county, on=TODAY, key="test:fen", source="用款计划",
        actor=None, lines=fen,
    )  # fmt: skip
    batch = batch_of(claim, on=TODAY)
    reverse_voucher(actor=cast.accountant, voucher=more, on=TODAY, reason="拨款退回")
    with pytest.raises(Refusal, match=r"还差 0\.01 元，不能记账"):
        release_batch(
            actor=cast.cashier,
            batch=batch,
            seen=(1, Decimal("400.00")),
            on=TODAY,
            today=TODAY,
        )
    claim.refresh_from_db()
    assert claim.status == "approved"
    assert not Voucher.objects.filter(event="claim_paid").exists()


def test_page_and_sheet_say_where_the_money_really_went(
    counter: Counter,
    agree: Agree,
    wang: Person,
    cast: SimpleNamespace,
    book: Book,
    as_user: Callable[[User], Client],
) -> None:
    """400.00 came back and were sent to 尾号 4567: the sheet that was printed before stays as it
    was issued, page and new print say so; while the money lies at the fund neither does."""
    claim = agree(counter(wang, line("X01", "100", "10")))
    four = Decimal("400.00")
    provide(book.area, Decimal("1000.00"))
    batch = batch_of(claim, on=TODAY)
    release_batch(actor=cast.cashier, batch=batch, seen=(1, four), on=TODAY, today=TODAY)
    cashier, url = as_user(cast.cashier), reverse("claims:sheet", args=[claim.pk])
    page = reverse("claims:claim", args=[claim.pk])
    assert "经支付更正" not in cashier.post(url).text
    note_return(actor=cast.accountant, transfers=[(batch.transfers.get(), "账户已销户")], on=LATER)
    (order,) = orders_of([claim])
    right = Payee(name="大足县人民医院", account="6217003760001234567", bank="农商行")
    correct_payee(actor=cast.accountant, order=order, payee=right, reason="账号录错一位")
    confirm_payee(actor=cast.approver, order=order, account=number_of(order))
    again = batch_of(claim, on=AGAIN)
    assert "经支付更正" not in cashier.get(page).text
    release_batch(actor=cast.cashier, batch=again, seen=(1, four), on=AGAIN, today=AGAIN)
    told = "经支付更正，2026-03-28 付至 大足县人民医院 农商行 尾号 4567"
    assert told in cashier.get(page).text
    new = cashier.post(url).text
    assert told in new and "副本" not in new and "6217003760001234567" not in new
    issued = [paper.facts for paper in Paper.objects.order_by("pk")]
    editions = {paper.edition for paper in Paper.objects.all()}
    assert len(editions) == 2 and not any("农商行" in one or "4567" in one for one in editions)
    assert ["经支付更正" in facts for facts in issued] == [False, True]
    note_return(actor=cast.accountant, transfers=[(again.transfers.get(), "又退回")], on=AGAIN)
    assert "经支付更正" not in cashier.get(page).text


def test_what_other_batches_will_take_is_not_there_for_this_one(
    counter: Counter, agree: Agree, register: Register, village_a: Division,
    cast: SimpleNamespace, book: Book, county: Division, other_county: Division,
    as_user: Callable[..., Client],
) -> None:  # fmt: skip
    """700.00 in the account, 400.00 of it in a batch that has not gone: 400.00 more lack 100.00.
    The accountant sees so while ticking, the cashier on the batch."""
    claims = [
        agree(
            counter(register.person(name, register.household(village_a)), line("X01", "100", "10"))
        )
        for name in ("周一", "周二")
    ]
    provide(county, Decimal("700.00"))
    client = as_user(cast.accountant)
    ids = [one.pk for one in PaymentOrder.objects.order_by("pk")]
    assert "700.00" in client.post("/funds/payments/tried").text  # nothing is ticked yet
    both = client.post("/funds/payments/tried", {"orders": ids}).text
    assert "800.00" in both and "还差" in both and "100.00" in both and "登记收支" in both
    one = client.post("/funds/payments/tried", {"orders": ids[:1]}).text
    assert "付后余额" in one and "300.00" in one and "还差" not in one
    first = batch_of(claims[0], on=TODAY)
    other = client.post("/funds/payments/tried", {"orders": ids[1:]}).text
    assert "其他批次未发出" in other and "还差" in other and "100.00" in other
    made = client.post("/funds/payments/make", {"orders": ids[1:]}).text
    assert "已编批未发出 400.00 元，这一批要付 400.00 元，还差 100.00 元" in made
    page = as_user(cast.cashier).get(f"/funds/payments/batches/{first.pk}").text
    assert "付后余额" in page and "300.00" in page
    stranger = make_user("stranger", "秦外外", Role.ACCOUNTANT, other_county)
    assert "800.00" not in as_user(stranger).post("/funds/payments/tried", {"orders": ids}).text
