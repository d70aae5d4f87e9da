"""What somebody writes into payments who means harm: formulas, altered files, another's rows."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from funds.models import Book, PaymentBatch, PaymentOrder, PaymentReturn
from funds.payments.bank_file import take_bank_file
from funds.payments.returns import RETURNS
from funds.payments.services import (
    Part,
    Payee,
    confirm_payee,
    make_batch,
    note_return,
    order_payment,
    release_batch,
)
from tests.conftest import table_in
from tests.funds.payments.conftest import ACCOUNT, TODAY
from tests.funds.payments.test_returns import LATER, no_worker, read
from tests.paying import number_of

__all__ = ["no_worker"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", "＝", "'="])
def test_no_name_is_a_formula_in_the_bank_s_file(
    released: PaymentBatch, cast: SimpleNamespace, as_user: Callable[[User], Client], start: str
) -> None:
    row = released.transfers.get(position=1)
    note_return(actor=cast.accountant, transfers=[(row, "户名不符")], on=LATER)
    clerk = as_user(cast.clerk_a)
    sent = {
        "payee": f"{start}HYPERLINK(A1)",
        "bank": f"{start}1+1",
        "account": ACCOUNT,
        "reason": "户名更正",
    }
    clerk.post(reverse("funds:correct_payee", args=[row.order_id]), sent)
    order = PaymentOrder.objects.get(pk=row.order_id)
    if order.status == "returned":  # the name was refused
        return
    confirm_payee(actor=cast.approver, order=order, account=number_of(order))
    batch = make_batch(actor=cast.accountant, orders=[order], on=LATER)
    release_batch(
        actor=cast.cashier, batch=batch, seen=(1, Decimal("15.00")), on=LATER, today=LATER
    )
    answer = as_user(cast.cashier).post(
        reverse("funds:bank_file", args=[batch.pk]), {"reason": "代发重付"}
    )
    cells = table_in(answer.content)[1]
    for cell in (cells[2], cells[3]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


@pytest.mark.parametrize(
    "amount",
    ["1e1", "1.5e1", "-15.00", "NaN", "Infinity", "15.001", "15.00.00", "1e400", "15_00", ""],
)
def test_no_other_amount_than_was_sent(
    released: PaymentBatch, cast: SimpleNamespace, amount: str
) -> None:
    with pytest.raises(Refusal):
        read(cast, released.area, ["202600001-0001", amount, "退汇", "户名不符"])
    assert not PaymentOrder.objects.bounced().exists()


@pytest.mark.parametrize(
    "content",
    [
        "付款编号,金额,处理结果,失败原因\n2026\x0000001-0001,15.00,退汇,户名不符\n",
        "付款编号,金额,处理结果,失败原因\n202600001-0001,15.00,退汇,户名\x00不符\n",
        f"付款编号,金额,处理结果,失败原因\n{'9' * 5000}-0001,15.00,退汇,户名不符\n",
        f"付款编号,金额,处理结果,失败原因\n202600001-0001,{'9' * 5000},退汇,户名不符\n",
        f"付款编号,金额,处理结果,失败原因\n202600001-0001,15.00,{'退' * 5000},户名不符\n",
        "付款编号,金额,处理结果,失败原因\n-,15.00,退汇,户名不符\n",
    ],
)
def test_a_file_of_no_sense_is_refused_and_nothing_breaks(
    released: PaymentBatch, cast: SimpleNamespace, content: str
) -> None:
    with pytest.raises(Refusal):
        upload, _ = RETURNS.upload(
            actor=cast.accountant, file_name="a.csv", content=content.encode(), on=LATER,
            area=released.area,
        )  # fmt: skip
        RETURNS.work(PaymentReturn.objects.get(pk=upload.pk), lambda percent, stage: None, on=LATER)
    assert not PaymentOrder.objects.bounced().exists()


def test_a_reason_longer_than_its_column_is_cut_or_refused(
    released: PaymentBatch, cast: SimpleNamespace
) -> None:
    try:
        read(cast, released.area, ["202600001-0001", "15.00", "退汇", "户名不符" * 400])
    except Refusal:
        return
    assert PaymentOrder.objects.bounced().count() == 1


def test_another_county_s_file_names_our_payments_in_vain(
    released: PaymentBatch, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    row = released.transfers.get(position=1)
    stranger = as_user(cast.other_officer)
    for name, pk in (
        ("payment_order", row.order_id),
        ("payment_batch", released.pk),
    ):
        assert stranger.get(reverse(f"funds:{name}", args=[pk])).status_code in {403, 404}
    for name, pk in (
        ("release_batch", released.pk),
        ("discard_batch", released.pk),
        ("bank_file", released.pk),
        ("take_out", row.pk),
        ("came_back", row.pk),
        ("correct_payee", row.order_id),
        ("confirm_payee", row.order_id),
        ("ask_give_up", row.order_id),
        ("give_up", row.order_id),
    ):
        answer = stranger.post(reverse(f"funds:{name}", args=[pk]), {"reason": "试一试"})
        assert answer.status_code in {403, 404}, name
    # The clerk of 龙水镇 and the payment of 万古镇.
    other = released.transfers.get(position=4)
    clerk = as_user(cast.clerk_a)
    assert clerk.get(reverse("funds:payment_order", args=[other.order_id])).status_code == 404
    for name in ("correct_payee", "ask_give_up"):
        answer = clerk.post(reverse(f"funds:{name}", args=[other.order_id]), {"reason": "试一试"})
        assert answer.status_code == 404, name


@pytest.mark.parametrize(
    "change",
    [
        {"status": "waiting"},
        {"status": "returned"},
        {"status": "given_up"},
        {"status": "cancelled"},
        {"amount": Decimal("1.00")},
        {"kept_amount": Decimal("15.00")},
        {"payee": "李四"},
        {"account_index": "x"},
        {"bank": "别家"},
        {"key": "test:99"},
    ],
)
def test_the_database_keeps_what_was_sent(
    released: PaymentBatch, change: dict[str, object]
) -> None:
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        PaymentOrder.objects.filter(batch=released).update(**change)
        connection.check_constraints()


def exchanged(table: str, of: int, by: int) -> None:
    """As somebody does it who reads and writes the database, but has no key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET account = (SELECT account FROM {table} WHERE id = %s) "
            "WHERE id = %s",
            [by, of],
        )


@pytest.fixture
def pair(book: Book, cast: SimpleNamespace, village_a: Division) -> list[PaymentOrder]:
    """王建国's and 李四's."""
    return [
        order_payment(
            actor=cast.approver, area=book.area, division=village_a, township=village_a.parent,
            key=f"test:{at}", event="claim_paid", source=f"测试 {at}",
            payee=Payee(name=name, account=f"621700376000123456{at}"),
            parts=[Part(amount=Decimal("15.00"), purpose="other", policy_year=2026)], on=TODAY,
        )
        for at, name in enumerate(("王建国", "李四"))
    ]  # fmt: skip


def test_another_s_account_in_an_order_is_found_before_it_goes(
    pair: list[PaymentOrder], cast: SimpleNamespace
) -> None:
    exchanged("funds_paymentorder", pair[0].pk, pair[1].pk)
    pair[0].refresh_from_db()
    assert pair[0].account == pair[1].account
    with pytest.raises(Refusal, match="测试 0的收款账号与提出支付时不符"):
        make_batch(actor=cast.accountant, orders=pair, on=TODAY)


def test_another_s_account_in_a_batch_is_found_before_the_file_leaves(
    pair: list[PaymentOrder], cast: SimpleNamespace
) -> None:
    batch = make_batch(actor=cast.accountant, orders=pair, on=TODAY)
    rows = batch.transfers.order_by("position").values_list("pk", flat=True)
    exchanged("funds_transfer", rows[0], rows[1])
    done = release_batch(
        actor=cast.cashier, batch=batch, seen=(2, Decimal("30.00")), on=TODAY, today=TODAY
    )
    with pytest.raises(Refusal, match="测试 0 的账号与编批时不符"):
        take_bank_file(actor=cast.cashier, batch=done, reason="交农商行代发")
