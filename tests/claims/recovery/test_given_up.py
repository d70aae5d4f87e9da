"""What the bank gave back and nobody is to be paid any more goes back to where it came from.

On paper (大足办法): (6 000 − 1 000) × 35 % = 1 750.00, to the household. Special outpatient: 590.00
first, then 690.00; without the first the second is due 590.00 (tests/claims/dependence).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from claims.dependence.supplements import approve_supplement
from claims.models import Settlement
from claims.recovery.checking import book_problems
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide, propose
from claims.services import reject, withdraw
from enrollment.models import Person
from funds.models import Book, PaymentOrder, Posting, Transfer
from funds.payments.checking import payment_problems
from funds.payments.keeping import ask_give_up, first_paid_on, give_up, refuse_give_up
from funds.payments.services import Payee, confirm_payee, correct_payee, note_return, take_out
from institutions.models import Institution
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, invoice, line
from tests.claims.dependence.test_stories import special, used
from tests.claims.dependence.test_supplements import batched, cut, drawn, order, send
from tests.conftest import in_duty
from tests.paying import batch_of, number_of, orders_of, provide

__all__ = ["cut"]
Enter = Callable[..., Settlement]
LATER, AGAIN, NEXT_YEAR = date(2026, 3, 25), date(2026, 3, 28), date(2027, 1, 12)
WHY = "三次上门、电话均联系不上，村委会证明已外出多年"
pytestmark = pytest.mark.django_db


def came_back(cast: SimpleNamespace, row: PaymentOrder, on: date = LATER) -> PaymentOrder:
    sent = Transfer.objects.get(order=row, outcome="pending")
    note_return(actor=cast.accountant, transfers=[(sent, "账户已销户")], on=on)
    row.refresh_from_db()
    return row


def put_right(cast: SimpleNamespace, row: PaymentOrder) -> None:
    right = Payee(name=row.payee, account="6217003760001234567", bank="农商行")
    correct_payee(actor=cast.accountant, order=row, payee=right, reason="换了存折")
    confirm_payee(actor=cast.approver, order=row, account=number_of(row))


def legs(event: str) -> list[tuple[str, str, Decimal]]:
    rows = Posting.objects.filter(voucher__event=event).order_by("voucher_id", "id")
    return [
        ("借" if one.debit else "贷", one.account.code, one.debit or one.credit)
        for one in rows.select_related("account")
    ]


def whole(book: Book) -> None:
    assert [*payment_problems(book.area), *book_problems(book.area)] == []


@pytest.fixture
def returned(paper: Enter, paid: Enter, wang: Person, cast: SimpleNamespace) -> PaymentOrder:
    """1 750.00 that the household's bank gave back."""
    (row,) = orders_of([paid(paper(wang, "6000.00"))])
    return came_back(cast, row)


@pytest.mark.parametrize(
    ("on", "event", "credit"),
    [
        (AGAIN, "returned_kept", "5001-inpatient"),
        (NEXT_YEAR, "prior_returned_kept", "4501-recovery"),
    ],
)
def test_two_people_give_a_payee_up(
    returned: PaymentOrder, wang: Person, cast: SimpleNamespace, book: Book, on: date, event: str,
    credit: str,
) -> None:  # fmt: skip
    assert used(wang) != {} and drawn(wang) == (1, Decimal("1750.00"))
    ask_give_up(actor=cast.accountant, order=returned, reason=WHY)
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        give_up(actor=in_duty(cast.accountant, Role.APPROVER), order=returned, on=on)
    give_up(actor=cast.approver, order=returned, on=on)
    amount = Decimal("1750.00")
    assert legs(event) == [("借", "2001-returned", amount), ("贷", credit, amount)]
    returned.refresh_from_db()
    assert (returned.status, returned.rest_amount) == ("given_up", 0)
    assert used(wang) == {} and drawn(wang) == (0, Decimal(0))
    debt = Recovery.objects.get()
    assert (debt.status, debt.is_whole, debt.proposed_by, debt.approved_by) == (
        "received", True, cast.accountant, cast.approver,
    )  # fmt: skip
    receipt = RecoveryReceipt.objects.get()
    assert (receipt.way, receipt.amount, receipt.received_on) == ("kept", amount, on)
    with pytest.raises(Refusal, match="现为“已转回基金”"):
        correct_payee(
            actor=cast.accountant, order=returned, reason="找到了",
            payee=Payee(name="王建国", account="6217003760001234567"),
        )  # fmt: skip
    whole(book)


def test_what_was_taken_out_of_a_batch_did_not_go_with_it(
    paper: Enter, agree: Enter, wang: Person, cast: SimpleNamespace, book: Book,
    register: Register, village_a: Division,
) -> None:  # fmt: skip
    """It went in the year in which it is given up: the year's own expense is less."""
    zhang = register.person("张大山", register.household(village_a))
    mine = agree(paper(wang, "6000.00"))
    other = agree(paper(zhang, "6000.00", invoices=[invoice("NO2", "6000.00")]))
    provide(book.area)
    batch = batch_of(mine, other, on=TODAY)
    (row,) = orders_of([mine])
    take_out(actor=cast.accountant, transfer=row.transfers.get(), reason="本人要求缓付")
    batch.refresh_from_db()
    send(cast, batch)
    send(cast, batch_of(mine, on=NEXT_YEAR), on=NEXT_YEAR)
    came_back(cast, row, on=NEXT_YEAR)
    assert first_paid_on(row) == NEXT_YEAR


def test_a_hospital_is_given_up_only_once_it_has_closed(
    counter: Enter, paid: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    claim = paid(counter(wang, line("X01", "100", "10")))
    (row,) = orders_of([claim])
    came_back(cast, row)
    with pytest.raises(Refusal, match="不能转回基金，请更正账户后再付"):
        ask_give_up(actor=cast.accountant, order=row, reason=WHY)
    # Closed it is: the patient had the 400.00 off his bill, so usage stays, and nothing that the
    # hospital never had is asked back.
    Institution.objects.update(is_active=False)
    ask_give_up(actor=cast.accountant, order=row, reason="医院已注销，无人承接")
    give_up(actor=cast.approver, order=row, on=AGAIN)
    assert (used(wang)["annual_paid"], drawn(wang)) == (40_000, (1, Decimal("400.00")))
    what = Proposal(reason="invoice", facts="发票虚假", debtor="institution")
    assert propose(actor=cast.supervisor, settlement=claim, proposal=what).amount == 0
    whole(book)


def test_who_is_found_after_all_is_paid(
    returned: PaymentOrder, cast: SimpleNamespace, as_user: Callable[[User], Client], book: Book
) -> None:
    page = f"/funds/payments/orders/{returned.pk}"
    as_user(cast.clerk_a).post(f"{page}/give-up", {"reason": WHY})
    html = as_user(cast.approver).get(page).content.decode()
    assert "批准转回基金" in html and WHY in html
    assert as_user(cast.clerk_a).post(f"{page}/give-up/agree").status_code == 403
    refuse_give_up(actor=cast.approver, order=returned, reason="其子已来认领")
    put_right(cast, returned)
    returned.refresh_from_db()
    assert (returned.status, returned.kept_amount) == ("waiting", 0)


def test_what_was_paid_too_much_is_taken_from_what_came_back(
    counter: Enter, paid: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """The first is withdrawn while the 690.00 of the second lie at the fund: 100.00 stay there, and
    590.00 are sent; nobody is asked for money that he has not got."""
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    (row,) = orders_of([paid(second)])
    came_back(cast, row)
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    debt = Recovery.objects.get()
    put_right(cast, row)
    with pytest.raises(Refusal, match=r"应追回 100\.00 元，追回单 \w+ 还没有办结"):
        batch_of(second, on=AGAIN)
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=AGAIN)
    decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=AGAIN)
    with pytest.raises(Refusal, match="还在支出户"):
        taken(cast, debt, "bank")
    taken(cast, debt, "kept")
    hundred, rest = Decimal("100.00"), Decimal("590.00")
    assert legs("returned_kept") == [
        ("借", "2001-returned", hundred),
        ("贷", "5001-outpatient", hundred),
    ]
    row.refresh_from_db()
    assert (row.status, row.kept_amount, row.rest_amount) == ("waiting", hundred, rest)
    batch = batch_of(second, on=AGAIN)
    assert batch.total == rest
    send(cast, batch, AGAIN)
    assert legs("returned_paid") == [("借", "2001-returned", rest), ("贷", "1004", rest)]
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    assert drawn(wang) == (1, rest)
    whole(book)
    came_back(cast, row, AGAIN)  # once more, by so much
    assert legs("payment_returned")[-1] == ("贷", "2001-returned", rest)
    whole(book)


def taken(cast: SimpleNamespace, debt: Recovery, way: str) -> RecoveryReceipt:
    return receive(
        actor=cast.cashier, recovery=debt, amount=debt.amount, on=AGAIN, today=AGAIN, way=way,
        reference="BK1",
    )  # fmt: skip


def test_what_was_asked_back_whole_is_settled_by_what_came_back(
    paper: Enter, paid: Enter, ask: Callable[..., Recovery], wang: Person, cast: SimpleNamespace,
    book: Book,
) -> None:  # fmt: skip
    claim = paid(paper(wang, "6000.00"))
    (row,) = orders_of([claim])
    debt = ask(claim)
    with pytest.raises(Refusal, match="没有退汇在支出户的款项"):
        taken(cast, debt, "kept")
    came_back(cast, row)
    taken(cast, debt, "kept")
    row.refresh_from_db()
    assert (row.status, used(wang), drawn(wang)) == ("given_up", {}, (0, Decimal(0)))
    whole(book)


def test_a_supplement_that_nobody_claims(
    cut: tuple[Any, Any], wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """640.00 of 690.00 are the fund's again: of 1 280.00 used 640.00 are left, the visit and the
    deductible stay."""
    _, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    send(cast, batched(cast, more))
    row = came_back(cast, order(more))
    ask_give_up(actor=cast.accountant, order=row, reason=WHY)
    give_up(actor=cast.approver, order=row, on=AGAIN)
    debt = Recovery.objects.get()
    assert (debt.amount, debt.is_whole, debt.status) == (Decimal("640.00"), False, "received")
    assert used(wang) == {"annual_paid": 64_000, "special_deductible": 20_000}
    whole(book)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_given_up_beside_a_fall_and_by_two_at_once(
    cut: tuple[Any, Any], wang: Person, cast: SimpleNamespace, book: Book, _round: int
) -> None:
    """Of the two who agree one is refused; whoever is first, 690.00 or 590.00 less 640.00."""
    first, more = cut
    approve_supplement(actor=cast.approver, supplement=more, on=TODAY)
    send(cast, batched(cast, more))
    row = came_back(cast, order(more))
    ask_give_up(actor=cast.accountant, order=row, reason=WHY)
    outcomes = at_once(
        [
            lambda: give_up(actor=cast.approver, order=row, on=AGAIN),
            lambda: give_up(actor=cast.approver2, order=row, on=AGAIN),
            lambda: reject(actor=cast.approver2, settlement=first, reason="缺病历"),
        ]
    )
    assert not isinstance(outcomes[2], Exception)
    row.refresh_from_db()
    agreed = [one for one in outcomes[:2] if not isinstance(one, Refusal)]
    debts = set(Recovery.objects.values_list("reason", "amount"))
    if row.status == "given_up":
        assert len(agreed) == 1
        assert ("payee", Decimal("640.00")) in debts
    else:  # the fall came first: its 100.00 are to be settled before
        assert (row.status, agreed, debts) == (
            "giving_up", [], {("recomputed", Decimal("100.00"))},
        )  # fmt: skip
    whole(book)
