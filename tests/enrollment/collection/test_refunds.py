"""Refunds by the rule: asked for in the township, granted by the county, paid by its cashier."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.roles import Role
from enrollment.collection.receipts import take_payment
from enrollment.collection.refunds import grant_refund, pay_refund, refuse_refund, request_refund
from enrollment.collection.sponsored import balance
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.models import Enrollment, Person, Refund
from funds.models import Book, Voucher
from funds.plans.working import needs
from tests.conftest import in_duty
from tests.enrollment.collection.conftest import confirm, day, hand_in, ledger
from tests.enrollment.conftest import OCTOBER
from tests.paying import PLENTY

pytestmark = pytest.mark.django_db
DECEMBER = date(2025, 12, 10)
JANUARY = date(2026, 1, 12)


@pytest.fixture
def booked(cast, campaign, books, paid):
    """王强's 120, handed in and booked on 15 October."""
    receipt = paid(cast.clerk_a, 0)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    return receipt.enrollments.get()


def ask(cast, enrollment, *, on=DECEMBER, **changes):
    facts = {
        "ground": "elsewhere",
        "ground_date": date(2025, 12, 1),
        "evidence": "职工医保参保证明 2025-118",
        "payee": "王强",
        "on": on,
    } | changes
    return request_refund(actor=cast.clerk_a, enrollment=enrollment, **facts)


def pay(cast, refund, on=DECEMBER):
    return pay_refund(actor=cast.cashier, refund=refund, on=on, today=on)


@pytest.mark.usefixtures("provided")
def test_three_people_give_the_premium_back_and_end_the_cover(cast, booked):
    """陈秀英 asks, 郑淑芬 grants, 冯小兰 pays 120 yuan out of 1004 five days later."""
    refund = ask(cast, booked)
    assert (refund.amount, refund.status) == (120, "requested")
    booked.refresh_from_db()
    assert booked.status == "active"
    with pytest.raises(Refusal, match="您的角色不能办理“同意”"):
        grant_refund(actor=cast.clerk_a, refund=refund, on=DECEMBER)
    with pytest.raises(Refusal, match="申请、审批、付款必须由不同的人办理"):
        grant_refund(actor=in_duty(cast.clerk_a, Role.ACCOUNTANT), refund=refund, on=DECEMBER)
    done = grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    assert (done.status, done.voucher_number) == ("granted", "")
    asked = needs(Book.objects.get(), DECEMBER)  # the cashier pays it out of E06
    assert {one.title: one.amount for one in asked}["已批退保费"] == 120
    assert (ledger("4001-personal"), ledger("1004") - PLENTY) == (
        -120,
        0,
    )  # nothing has left the fund yet
    booked.refresh_from_db()
    assert booked.status == "cancelled"
    assert not Enrollment.objects.active().exists()
    with pytest.raises(Refusal, match="现为“待支付”，不能办理“同意”"):
        grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    done = pay(cast, refund, on=date(2025, 12, 15))
    voucher = Voucher.objects.get(event="premium_refunded")
    assert (done.status, done.voucher_number) == ("paid", voucher.label)
    assert (voucher.occurred_on, done.paid_by) == (date(2025, 12, 15), cast.cashier)
    assert (ledger("4001-personal"), ledger("1004") - PLENTY, ledger("1002")) == (0, -120, 120)
    with pytest.raises(Refusal, match="现为“已退费”，不能办理“支付”"):
        pay(cast, refund, on=date(2025, 12, 16))
    assert ledger("1004") - PLENTY == -120
    with pytest.raises(Refusal, match="没有已缴费"):
        ask(cast, booked)


@pytest.mark.usefixtures("provided")
def test_a_death_that_becomes_known_in_january_is_last_years_premium(cast, booked):
    with pytest.raises(Refusal, match="请先在家庭页登记死亡"):
        ask(cast, booked, ground="death", ground_date=date(2025, 12, 20), on=JANUARY)
    Person.objects.filter(pk=booked.person_id).update(death_date=date(2025, 12, 20))
    refund = ask(cast, booked, ground="death", ground_date=date(2025, 12, 20), on=JANUARY)
    grant_refund(actor=cast.accountant, refund=refund, on=JANUARY)
    pay(cast, refund, on=JANUARY)
    voucher = Voucher.objects.get(key=f"refund:{refund.pk}")
    assert (voucher.event, voucher.amount) == ("prior_premium_refunded", 120)
    assert (ledger("5401"), ledger("4001-personal")) == (120, -120)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on": JANUARY}, "待遇期已于 2026-01-01 开始"),
        ({"ground": "double", "on": JANUARY}, "不再退回"),
        ({"ground_date": date(2026, 1, 5), "on": JANUARY}, "在待遇期开始（2026-01-01）之前"),
        ({"ground_date": date(2025, 12, 11)}, "事由应已发生"),
        ({"evidence": "有"}, "依据材料"),
    ],
)
def test_what_the_rule_does_not_allow_is_refused_with_the_rule(cast, booked, changes, words):
    with pytest.raises(Refusal, match=words):
        ask(cast, booked, **changes)
    assert not Refund.objects.exists()


def test_what_is_not_booked_yet_is_no_refund(cast, campaign, books, paid):
    row = paid(cast.clerk_a, 0).enrollments.get()
    with pytest.raises(Refusal, match="未缴存的请作废收据"):
        ask(cast, row)
    hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    with pytest.raises(Refusal, match="等会计入账"):
        ask(cast, row)


def test_a_refused_refund_leaves_the_cover_and_may_be_asked_again(cast, booked):
    refund = ask(cast, booked)
    with pytest.raises(Refusal, match="已经申请"):
        ask(cast, booked)
    with pytest.raises(Refusal, match="不同意的原因"):
        refuse_refund(actor=cast.accountant, refund=refund, reason=" ", on=DECEMBER)
    refuse_refund(actor=cast.accountant, refund=refund, reason="证明不清", on=DECEMBER)
    booked.refresh_from_db()
    assert booked.status == "active"
    assert ask(cast, booked).pk != refund.pk
    assert ledger("1004") == 0


def test_who_paid_nothing_only_leaves(cast, campaign, books, paid):
    row = paid(cast.clerk_a, 0, tier="tier1", statuses={"wubao"}).enrollments.get()
    refund = ask(cast, row)
    done = grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    assert (done.amount, done.status, done.voucher_number) == (0, "paid", "")
    assert not Voucher.objects.exists()
    row.refresh_from_db()
    assert row.status == "cancelled"


def test_what_a_sponsor_paid_goes_back_to_the_sponsor(cast, campaign, books, single, village_a):
    fund = open_sponsor_fund(
        actor=cast.accountant,
        campaign=campaign,
        name="桥亭村集体",
        kind="collective",
        division=village_a,
        purpose="资助本村村民参保",
    )
    receive_sponsor_money(
        actor=cast.accountant,
        fund=fund,
        amount=Decimal(120),
        received_on=OCTOBER,
        reference="JZ-1",
        on=OCTOBER,
    )
    household = single(cast.clerk_a, 0)
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=household, received=Decimal(0), on=OCTOBER, sponsor=fund
    )
    row = receipt.enrollments.get()
    with pytest.raises(Refusal, match="还没有入账"):
        ask(cast, row)
    book_sponsor_uses(actor=cast.accountant, fund=fund, on=day(16))
    refund = ask(cast, row)
    assert (refund.amount, refund.sponsor_amount) == (0, 120)
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    assert balance(fund) == 120
    assert (ledger("4001-aid"), ledger("2001-sponsor"), ledger("1004")) == (0, -120, 0)


def test_the_database_wants_a_second_person_too(cast, booked):
    refund = ask(cast, booked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(decided_by=cast.clerk_a, status="granted")
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    for same in (cast.clerk_a, cast.accountant):
        with pytest.raises(Refusal, match="必须由不同的人办理"):
            pay_refund(
                actor=in_duty(same, Role.CASHIER), refund=refund, on=DECEMBER, today=DECEMBER
            )
        with pytest.raises(IntegrityError, match="third_person"), transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(paid_by=same)


@pytest.mark.parametrize(
    ("on", "words"),
    [(date(2025, 12, 9), "早于审批日期 2025-12-10"), (date(2025, 12, 21), "不能晚于今天")],
)
def test_the_cashier_writes_the_day_on_which_the_money_went(cast, booked, on, words):
    refund = ask(cast, booked)
    with pytest.raises(Refusal, match="现为“待审批”，不能办理“支付”"):
        pay(cast, refund)
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    with pytest.raises(Refusal, match=words):
        pay_refund(actor=cast.cashier, refund=refund, on=on, today=date(2025, 12, 20))
    assert ledger("1004") == 0


def waiting_for_locks(count):
    """Returns once so many other connections to this database wait for a row."""
    for _ in range(200):
        with connection.cursor() as cursor:
            # What a transaction has seen of the activity stays as it was, unless it is cleared.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] == count:
                return
        time.sleep(0.05)
    raise AssertionError(f"{count} connections should wait")


@pytest.mark.usefixtures("provided")
@pytest.mark.django_db(transaction=True)
def test_paying_and_granting_one_refund_at_once_take_the_locks_in_one_order(cast, booked):
    """冯小兰 pays while 郑淑芬 presses 同意 once more: paid, refused, no deadlock."""
    refund = ask(cast, booked)
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)

    def window(act):
        try:
            return act().status
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()

    def grant():
        return grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Refund.objects.select_for_update().get(pk=refund.pk)
            paying = pool.submit(window, lambda: pay(cast, refund))
            waiting_for_locks(1)
            granting = pool.submit(window, grant)
            waiting_for_locks(2)
        assert paying.result() == "paid"
        assert "现为“已退费”，不能办理“同意”" in granting.result()
