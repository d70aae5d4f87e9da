"""Money and numbers when two windows act in the same moment: one wins, the sums are right."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.books import hand_back_book, report_loss, transfer_book
from enrollment.collection.days import close_day
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.refunds import (
    grant_refund,
    pay_refund,
    refuse_refund,
    request_refund,
)
from enrollment.collection.remittances import confirm_remittance, return_remittance
from enrollment.collection.sponsored import balance
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.cover.enrolling import cancel_pending, enroll_household
from enrollment.models import (
    BookEvent,
    Enrollment,
    Household,
    Receipt,
    ReceiptBook,
    Refund,
    Remittance,
    SponsorUse,
)
from enrollment.people.register import register_household
from funds.models import Voucher
from tests.at_once import at_once
from tests.enrollment.collection.conftest import confirm, hand_in, ledger
from tests.enrollment.conftest import OCTOBER
from tests.paying import PLENTY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DECEMBER = date(2025, 12, 10)


def said(outcomes):
    """What those who lost were told; exactly the others won."""
    return [one.message for one in outcomes if isinstance(one, Refusal)]


def pay(clerk, household, received=120, **facts):
    return take_payment(
        actor=clerk, household=household, received=Decimal(received), on=OCTOBER, **facts
    )


def test_one_remittance_is_confirmed_or_returned_never_both(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    remittance = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    facts = {"actor": cast.accountant, "remittance": remittance}
    outcomes = at_once(
        [
            lambda: confirm_remittance(bank_amount=Decimal(120), on=OCTOBER, **facts),
            lambda: return_remittance(reason="银行没有到账", **facts),
            lambda: confirm_remittance(bank_amount=Decimal(120), on=OCTOBER, **facts),
        ]
    )
    assert len(said(outcomes)) == 2
    assert all("缴款单 JK-0001 现为“" in message for message in said(outcomes))
    remittance.refresh_from_db()
    booked = remittance.status == Remittance.Status.CONFIRMED
    assert Voucher.objects.count() == booked
    assert ledger("4001-personal") == (-120 if booked else 0)
    assert Receipt.objects.unremitted().exists() is not booked


def test_a_receipt_is_voided_or_handed_in(cast, campaign, books, paid):
    """Whoever comes second is told; cash that is handed in belongs to a valid receipt."""
    keeps, wrong = paid(cast.clerk_a, 1), paid(cast.clerk_a, 2)

    def remit_both():
        return hand_in(cast.clerk_a, campaign, "JK-0001", 240)

    def void():
        return void_receipt(actor=cast.clerk_a, receipt=wrong, reason="名字写错", on=OCTOBER)

    outcomes = at_once([remit_both, void])
    assert len(said(outcomes)) == 1
    wrong.refresh_from_db()
    keeps.refresh_from_db()
    assert (wrong.voided_at is None) == (wrong.remittance_id is not None)
    assert keeps.voided_at is None
    if remittance := Remittance.objects.first():
        amounts = Receipt.objects.filter(remittance=remittance).values_list("amount", flat=True)
        assert sum(amounts) == remittance.amount == 240


def test_two_households_on_one_sponsor_who_can_pay_for_one(
    cast, campaign, books, single, village_a
):
    fund = open_sponsor_fund(
        actor=cast.accountant, campaign=campaign, name="桥亭村集体", kind="collective",
        division=village_a, purpose="资助本村村民参保",
    )  # fmt: skip
    receive_sponsor_money(
        actor=cast.accountant, fund=fund, amount=Decimal(200), received_on=OCTOBER,
        reference="JZ-1", on=OCTOBER,
    )  # fmt: skip
    homes = [single(cast.clerk_a, 1), single(cast.clerk_a2, 2)]
    outcomes = at_once(
        [
            lambda: pay(cast.clerk_a, homes[0], 0, sponsor=fund),
            lambda: pay(cast.clerk_a2, homes[1], 0, sponsor=fund),
        ]
    )
    assert said(outcomes) == [
        "“桥亭村集体”资助资金余额 80.00 元，不足本户所需 120.00 元，请改收现金或待资助款到账"
    ]
    assert (balance(fund), SponsorUse.objects.count(), Receipt.objects.count()) == (80, 1, 1)


def test_what_a_sponsor_paid_is_booked_once(cast, campaign, books, single, village_a):
    fund = open_sponsor_fund(
        actor=cast.accountant, campaign=campaign, name="桥亭村集体", kind="collective",
        division=village_a, purpose="资助本村村民参保",
    )  # fmt: skip
    receive_sponsor_money(
        actor=cast.accountant, fund=fund, amount=Decimal(120), received_on=OCTOBER,
        reference="JZ-1", on=OCTOBER,
    )  # fmt: skip
    pay(cast.clerk_a, single(cast.clerk_a, 1), 0, sponsor=fund)
    book = lambda: book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)  # noqa: E731
    assert said(at_once([book, book])) == ["没有待入账的资助代缴"]
    assert (ledger("4001-aid"), ledger("2001-sponsor")) == (-120, 0)


@pytest.mark.usefixtures("provided")
def test_one_refund_is_paid_by_one_cashier(cast, campaign, books, paid):
    row = paid(cast.clerk_a, 0).enrollments.get()
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))

    def ask():
        return request_refund(
            actor=cast.clerk_a, enrollment=row, ground="elsewhere",
            ground_date=date(2025, 12, 1), evidence="职工医保参保证明 2025-118", payee="王强",
            on=DECEMBER,
        )  # fmt: skip

    assert said(at_once([ask, ask])) == ["此人本年度的退费已经申请，请勿重复"]
    refund = Refund.objects.get()
    facts = {"actor": cast.accountant, "refund": refund, "on": DECEMBER}
    decided = at_once(
        [lambda: grant_refund(**facts), lambda: refuse_refund(reason="证明不清", **facts)]
    )
    assert len(said(decided)) == 1
    refund.refresh_from_db()
    row.refresh_from_db()
    granted = refund.status == Refund.Status.GRANTED
    assert (row.status == Enrollment.Status.CANCELLED) is granted
    if not granted:
        refund = ask()
        grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    paid_out = at_once(
        [
            lambda c=cashier: pay_refund(actor=c, refund=refund, on=DECEMBER, today=DECEMBER)
            for cashier in (cast.cashier, cast.cashier2)
        ]
    )
    assert len(said(paid_out)) == 1
    assert (ledger("4001-personal"), ledger("1004") - PLENTY) == (0, -120)


def test_a_number_is_written_on_or_lost(cast, books, single):
    """Number 1 is reported lost in the moment in which the window writes on the book."""
    household = single(cast.clerk_a, 1)
    at_once(
        [
            lambda: pay(cast.clerk_a, household),
            lambda: report_loss(
                actor=cast.clerk_a, book=books.a, first_number=1, last_number=1, lost_on=OCTOBER,
                reason="涨水冲走", on=OCTOBER,
            ),
        ]
    )  # fmt: skip
    receipt, loss = Receipt.objects.get(), BookEvent.objects.get()
    came_first = receipt.number == 1  # then what is lost is its paper, and it stays valid
    assert came_first or receipt.number == 2
    assert loss.recorded_at >= receipt.issued_at if came_first else True
    assert ReceiptBook.objects.get(pk=books.a.pk).next_number == receipt.number + 1


def test_a_book_is_handed_back_or_passed_on_with_one_answer(cast, books, single):
    household = single(cast.clerk_a, 1)
    outcomes = at_once(
        [
            lambda: hand_back_book(actor=cast.clerk_a, book=books.a, reason="休假", on=OCTOBER),
            lambda: hand_back_book(actor=cast.accountant, book=books.a, reason="调离", on=OCTOBER),
            lambda: pay(cast.clerk_a, household),
        ]
    )
    assert len([m for m in said(outcomes[:2]) if "现为“已交回”" in m]) == 1
    event = BookEvent.objects.get()
    used = Receipt.objects.count()
    assert event.first_number == 1 + used
    assert (not used) == bool(said(outcomes[2:]))
    transfer_book(
        actor=cast.accountant, book=books.a, clerk=cast.clerk_a2, reason="调岗", on=OCTOBER
    )


def test_a_receipt_is_in_the_closed_day_or_refused(cast, books, paid, single):
    paid(cast.clerk_a, 1)
    household = single(cast.clerk_a, 2)

    def close():
        return close_day(
            actor=cast.clerk_a, day=OCTOBER, counted=Decimal(120), explanation="找零另计",
            on=OCTOBER,
        )  # fmt: skip

    closed, taken = at_once([close, lambda: pay(cast.clerk_a, household)])
    if isinstance(taken, Refusal):
        assert "2025-10-15 已日结" in taken.message
        assert (closed.closing, closed.difference) == (120, 0)
    else:
        assert (closed.closing, closed.difference) == (240, -120)
    assert closed.closing == sum(Receipt.objects.values_list("amount", flat=True))


def test_paid_or_withdrawn(cast, books, single):
    """陈秀英 takes the cash while 谭明芳 withdraws the entry."""
    household = single(cast.clerk_a, 1)
    outcomes = at_once(
        [
            lambda: pay(cast.clerk_a, household),
            lambda: cancel_pending(
                actor=cast.clerk_a2, household=household, year=2026, reason="本人不参保"
            ),
        ]
    )
    assert len(said(outcomes)) == 1
    row = Enrollment.objects.get()
    assert (row.status == "active") == Receipt.objects.exists()
    assert row.status in {"active", "cancelled"}


def test_one_member_is_enrolled_at_one_window(cast, campaign, books, single):
    household = single(cast.clerk_a, 1)
    cancel_pending(actor=cast.clerk_a, household=household, year=2026, reason="改档")
    person = household.members.get()
    outcomes = at_once(
        [
            lambda c=clerk, t=tier: enroll_household(
                actor=c, household=household, members=[person], tier=t, on=OCTOBER
            )
            for clerk, tier in ((cast.clerk_a, "tier1"), (cast.clerk_a2, "tier2"))
        ]
    )
    assert len(said(outcomes)) == 1
    assert Enrollment.objects.exclude(status="cancelled").count() == 1


def test_households_of_one_village_are_numbered_one_after_the_other(cast, village_a):
    def register():
        return register_household(actor=cast.clerk_a, division=village_a, on=OCTOBER)

    assert said(at_once([register] * 4)) == []
    assert list(Household.objects.order_by("number").values_list("number", flat=True)) == [
        f"500225010100000{serial}" for serial in (1, 2, 3, 4)
    ]
