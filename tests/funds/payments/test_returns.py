"""The bank's answer: read whole or not at all, told by row, written once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from funds.models import (
    Book,
    PaymentBatch,
    PaymentFile,
    PaymentOrder,
    PaymentReturn,
    ReturnNote,
    Transfer,
    Voucher,
)
from funds.payments.checking import payment_problems
from funds.payments.returns import RETURNS
from funds.payments.services import (
    Part,
    Payee,
    confirm_return,
    make_batch,
    note_arrival,
    note_return,
    order_payment,
    refuse_return,
    release_batch,
    tell_return,
)
from funds.services import open_book
from lib.periods import Month
from tests.at_once import at_once
from tests.conftest import file_of, in_duty, table_in
from tests.faults import broken_everywhere
from tests.funds.payments.conftest import ACCOUNT, TODAY
from tests.paying import provide

LATER = date(2026, 3, 23)
pytestmark = pytest.mark.usefixtures("as_application")
HEAD = ["付款编号", "金额", "处理结果", "失败原因"]


def read(cast: SimpleNamespace, area: Division, *rows: list[str]) -> PaymentReturn:
    upload, _ = RETURNS.upload(
        actor=cast.accountant,
        file_name="huipan.xlsx",
        content=file_of([HEAD, *rows]),
        on=LATER,
        area=area,
    )
    RETURNS.work(PaymentReturn.objects.get(pk=upload.pk), lambda percent, stage: None, on=LATER)
    upload.refresh_from_db()
    return upload


def booked(event: str) -> Decimal | None:
    total: Decimal | None = Voucher.objects.filter(event=event).aggregate(x=Sum("amount"))["x"]
    return total


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests read the file themselves."""
    monkeypatch.setattr("desk.importing.start", lambda job: None)


@pytest.mark.django_db
def test_what_arrived_and_what_came_back(released: PaymentBatch, cast: SimpleNamespace) -> None:
    done = read(
        cast,
        released.area,
        ["202600001-0001", "15.00", "成功", ""],
        ["202600001-0002", "20.00", "退汇", "账号与户名不符"],
        ["202600001-0004", "40.00", "处理失败", ""],
    )
    counts = done.arrived_count, done.returned_count, done.returned_amount
    assert counts == (1, 2, Decimal("60.00"))
    states = dict(PaymentOrder.objects.values_list("key", "status"))
    assert states == {
        "test:1": "paid", "test:2": "returned", "test:3": "sent", "test:4": "returned",
    }  # fmt: skip
    reasons = set(PaymentOrder.objects.bounced().values_list("return_reason", flat=True))
    assert reasons == {"账号与户名不符", "银行未说明原因"}
    assert (booked("claim_paid"), booked("payment_returned")) == (Decimal(105), Decimal(60))
    back = Voucher.objects.filter(event="payment_returned").order_by("number").first()
    assert back is not None
    assert back.occurred_on == LATER and back.payment.transfer.reference == "202600001-0002"
    again = read(
        cast,
        released.area,
        ["202600001-0001", "15.00", "成功", ""],
        ["202600001-0003", "30.00", "成功", ""],
    )
    assert (again.arrived_count, again.known_count) == (1, 1)
    assert list(payment_problems(released.area)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"returned_on": "", "reason": "销户"}, "请填写退汇日期"),
        ({"returned_on": "2026-02-30", "reason": "销户"}, "退汇日期应为 年-月-日"),
        ({"returned_on": "2026-03-22", "reason": "户" * 201}, "退汇原因最多 200 个字"),
    ],
)
def test_a_return_told_by_hand_says_which_field_is_wrong(
    released: PaymentBatch, cast: SimpleNamespace, as_user: Any, settings: Any,
    sent: dict[str, str], said: str,
) -> None:  # fmt: skip
    settings.TODAY = LATER
    row = Transfer.objects.filter(batch=released).earliest("position")
    client, url = as_user(cast.accountant), reverse("funds:came_back", args=[row.pk])
    page = client.post(url, sent, follow=True).content.decode()
    assert said in page
    assert not PaymentOrder.objects.bounced().exists()


@pytest.mark.django_db
def test_every_fault_is_told_at_once_and_nothing_is_written(
    released: PaymentBatch, cast: SimpleNamespace, order: Callable[..., PaymentOrder]
) -> None:
    with pytest.raises(Refusal) as refused:
        read(
            cast,
            released.area,
            ["202600001-0001", "15.00", "退汇", "户名不符"],
            ["202600001-0002", "20.01", "成功", ""],
            ["202600001-0009", "20.00", "成功", ""],
            ["202600001-0001", "15.00", "退汇", "户名不符"],
            ["202600001-0003", "30.00", "处理中", ""],
        )
    assert refused.value.faults == [
        "第 3 行付款 202600001-0002 发出 20.00 元，回盘金额为20.01 元",
        "第 4 行付款编号“202600001-0009”不是本县发出的付款",
        "第 5 行付款编号与第 2 行相同",
        "第 6 行处理结果“处理中”看不懂是成功还是失败",
    ]
    assert booked("payment_returned") is None
    assert not PaymentOrder.objects.bounced().exists()


@pytest.mark.django_db
def test_success_after_a_return_is_refused(released: PaymentBatch, cast: SimpleNamespace) -> None:
    read(cast, released.area, ["202600001-0001", "15.00", "退汇", "户名不符"])
    with pytest.raises(Refusal, match="已登记为退汇，这次却为成功"):
        read(cast, released.area, ["202600001-0001", "15.00", "成功", ""])


@pytest.mark.django_db(transaction=True)
def test_a_file_that_breaks_at_any_statement_changes_nothing(
    released: PaymentBatch, cast: SimpleNamespace
) -> None:
    rows = [
        ["202600001-0001", "15.00", "成功", ""],
        ["202600001-0002", "20.00", "退汇", "户名不符"],
        ["202600001-0004", "40.00", "退汇", "销户"],
    ]
    upload, _ = RETURNS.upload(
        actor=cast.accountant,
        file_name="huipan.xlsx",
        content=file_of([HEAD, *rows]),
        on=LATER,
        area=released.area,
    )

    def work() -> None:
        row = PaymentReturn.objects.get(pk=upload.pk)
        RETURNS.work(row, lambda percent, stage: None, on=LATER)

    def nothing() -> None:
        assert booked("payment_returned") is None
        assert set(PaymentOrder.objects.values_list("status", flat=True)) == {"sent"}
        assert PaymentReturn.objects.get().status == "waiting"

    assert broken_everywhere(work, nothing) > 20
    assert booked("payment_returned") == Decimal("60.00")


@pytest.mark.django_db
def test_the_bank_s_file_is_taken_with_a_reason_and_its_fingerprint(
    released: PaymentBatch, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    url = reverse("funds:bank_file", args=[released.pk])
    assert as_user(cast.accountant).post(url, {"reason": "代发"}).status_code == 403
    assert as_user(cast.cashier).post(url).status_code == 302
    assert not PaymentFile.objects.exists()
    answer: Any = as_user(cast.cashier).post(url, {"reason": "交农商行代发"})
    rows = table_in(answer.content)
    assert rows[0][:3] == ["序号", "付款编号", "收款人"]
    assert rows[1][1:6] == ["202600001-0001", "王建国", "", "6217003760001234567", "15"]
    kept = PaymentFile.objects.get()
    assert (kept.number_of, kept.total, kept.taken_by) == (4, Decimal("105.00"), cast.cashier)
    assert AuditLine.objects.filter(action="export", reason="交农商行代发").exists()


@pytest.mark.django_db
def test_what_comes_back_is_booked_one_book_after_the_other(
    book: Book, cast: SimpleNamespace, village_a: Division
) -> None:
    """As at the release, so that two who book at once wait for each other and never stand still."""
    open_book(
        actor=cast.accountant, area=book.area, first_month=Month(2026, 1), fund_type="assistance"
    )
    provide(book.area)
    rows = []
    for at, books in enumerate((["resident"], ["assistance"], ["resident", "assistance"]), start=1):
        parts = [
            Part(amount=Decimal(10), fund_type=one, purpose="other", policy_year=2026)
            for one in books
        ]
        rows.append(
            order_payment(
                actor=cast.approver, area=book.area, division=village_a, township=village_a.parent,
                key=f"test:{at}", event="claim_paid", source=f"测试 {at}",
                payee=Payee(name="王建国", account=ACCOUNT), parts=parts, on=TODAY,
            )
        )  # fmt: skip
    batch = make_batch(actor=cast.accountant, orders=rows, on=TODAY)
    seen = 3, Decimal(40)
    release_batch(actor=cast.cashier, batch=batch, seen=seen, on=TODAY, today=TODAY)
    came = [(row, "账户已销户") for row in batch.transfers.order_by("position")]
    note_return(actor=cast.accountant, transfers=came, on=LATER)
    booked = Voucher.objects.filter(event="payment_returned").order_by("pk")
    assert [(one.book.fund_type, one.amount) for one in booked] == [
        ("assistance", Decimal(10)),
        ("assistance", Decimal(10)),
        ("resident", Decimal(10)),
        ("resident", Decimal(10)),
    ]


def test_arrivals_are_written_together(released: PaymentBatch, cast: SimpleNamespace) -> None:
    """Three cost what one costs; what is told a second time is left as it is."""
    rows = list(released.transfers.order_by("pk"))
    with CaptureQueriesContext(connection) as one:
        assert note_arrival(actor=cast.accountant, transfers=rows[:1], on=TODAY) == 1
    with CaptureQueriesContext(connection) as three:
        assert note_arrival(actor=cast.accountant, transfers=rows, on=TODAY) == len(rows) - 1
    assert len(three) == len(one)
    told = Transfer.objects.values_list("outcome", "known_on", "known_by", "order__status")
    assert set(told) == {("arrived", TODAY, cast.accountant.pk, "paid")}


def noted(cast: SimpleNamespace, row: Transfer) -> ReturnNote:
    return tell_return(
        actor=cast.accountant, transfer=row, on=LATER, reason="账户已销户", evidence="回单 0323-07",
        today=LATER,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_is_told_by_hand_a_second_person_confirms(
    released: PaymentBatch, cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """20.00 of the second: nothing is booked before the cashier has seen the bank's slip."""
    row = released.transfers.get(position=2)
    form = {"returned_on": "2026-03-23", "reason": "账户已销户", "evidence": "回单 0323-07"}
    accountant, cashier = as_user(cast.accountant), as_user(cast.cashier)
    accountant.post(reverse("funds:came_back", args=[row.pk]), form | {"evidence": ""})
    assert not ReturnNote.objects.exists()
    accountant.post(reverse("funds:came_back", args=[row.pk]), form)
    note = ReturnNote.objects.get()
    assert (note.status, booked("payment_returned"), row.order.status) == ("noted", None, "sent")
    batch = accountant.get(reverse("funds:payment_batch", args=[released.pk])).content.decode()
    assert "已登记退汇，待核对" in batch
    assert accountant.post(reverse("funds:confirm_return", args=[note.pk])).status_code == 403
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        confirm_return(actor=in_duty(cast.accountant, Role.CASHIER), note=note)
    html = cashier.get(reverse("funds:payment_order", args=[row.order_id])).content.decode()
    assert "回单 0323-07" in html and "核对退汇属实" in html
    cashier.post(reverse("funds:confirm_return", args=[note.pk]))
    assert (booked("payment_returned"), reload(row.order).status) == (Decimal(20), "returned")
    with pytest.raises(Refusal, match="已登记为退汇"):
        noted(cast, row)
    assert list(payment_problems(released.area)) == []


@pytest.mark.django_db
def test_what_the_bank_s_papers_do_not_say_is_refused(
    released: PaymentBatch, cast: SimpleNamespace
) -> None:
    row = released.transfers.get(position=1)
    note = noted(cast, row)
    refuse_return(actor=cast.cashier, note=note, reason="当日回单为成功")
    assert (booked("payment_returned"), reload(row.order).status) == (None, "sent")
    noted(cast, row)  # once more, with another slip
    with pytest.raises(Refusal, match="刚由别人登记，待核对"):
        noted(cast, row)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_confirmed_beside_the_bank_s_file_is_booked_once(
    released: PaymentBatch, cast: SimpleNamespace, _round: int
) -> None:
    row = released.transfers.get(position=2)
    note = noted(cast, row)
    outcomes = at_once(
        [
            lambda: confirm_return(actor=cast.cashier, note=note),
            lambda: confirm_return(actor=cast.cashier2, note=note),
            lambda: note_return(actor=cast.accountant, transfers=[(row, "户名不符")], on=LATER),
        ]
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert booked("payment_returned") == Decimal(20)
    assert list(payment_problems(released.area)) == []


def reload(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_a_line_of_sums_is_passed_over_and_a_payment_without_its_number_is_not(
    released: PaymentBatch, cast: SimpleNamespace
) -> None:
    """15.00 came back and the bank lost its number: the file is refused, or nobody would hear."""
    with pytest.raises(Refusal, match="第 3 行有处理结果而没有付款编号"):
        read(
            cast,
            released.area,
            ["202600001-0001", "15.00", "成功", ""],
            ["", "15.00", "退汇", "户名不符"],
        )
    assert not Transfer.objects.filter(outcome="arrived").exists()
    done = read(
        cast, released.area, ["202600001-0001", "15.00", "成功", ""], ["", "15.00", "", "合计"]
    )
    assert (done.status, done.arrived_count) == ("done", 1)
