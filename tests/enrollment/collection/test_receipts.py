"""Receipts: one per household, numbers without gap or double, void but never gone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from enrollment.collection.books import issue_book
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.cover.enrolling import cancel_pending, save_entry
from enrollment.models import Enrollment, Household, Person, Receipt, ReceiptBook
from enrollment.people.register import change_household, change_person
from tests.enrollment.conftest import OCTOBER, member, resident_id, the_chens

pytestmark = pytest.mark.django_db


def pay(clerk, household, received=Decimal(1000)):
    return take_payment(actor=clerk, household=household, received=received, on=OCTOBER)


def a_household(cast, entry_of, sequence):
    entry = entry_of([member(0, "王强", resident_id("19790909", sequence), "0")])
    return save_entry(actor=cast.clerk_a, entry=entry, on=OCTOBER).household


def test_one_receipt_for_everybody_and_the_change(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    receipt, change = pay(cast.clerk_a, saved.household, Decimal(500))

    assert (receipt.full_number, receipt.amount, change) == ("LS01-00000001", 450, 50)
    assert (receipt.channel, receipt.payer_name) == ("cash", "陈国强")
    assert receipt.enrollments.count() == 4
    assert set(receipt.enrollments.values_list("status", flat=True)) == {"active"}
    line = AuditLine.objects.get(action="enrollment.take_payment")
    assert line.user == cast.clerk_a
    assert line.after["amount"] == "450.00"
    with pytest.raises(Refusal, match="没有待缴费"):
        pay(cast.clerk_a, saved.household)


def test_who_owes_nothing_gets_a_receipt_without_cash(cast, books, entry_of):
    grandmother = member(0, "张素珍", resident_id("19500220", male=False), "0", statuses={"wubao"})
    saved = save_entry(actor=cast.clerk_a, entry=entry_of([grandmother], tier="tier1"), on=OCTOBER)
    receipt, change = pay(cast.clerk_a, saved.household, Decimal(0))
    assert (receipt.channel, receipt.amount, change) == ("aid", 0, 0)
    assert not Receipt.objects.unremitted().exists()


def test_too_little_cash_uses_no_number(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    with pytest.raises(Refusal) as refused:
        pay(cast.clerk_a, saved.household, Decimal("449.99"))
    assert refused.value.field == "received"
    assert ReceiptBook.objects.get(code="LS01").next_number == 1
    assert not Receipt.objects.exists()


def test_after_the_window_an_old_entry_cannot_be_paid(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    with pytest.raises(Refusal, match="2025-11-30 截止"):
        take_payment(
            actor=cast.clerk_a,
            household=saved.household,
            received=Decimal(450),
            on=date(2025, 12, 1),
        )
    assert not Receipt.objects.exists()


def test_a_full_book_is_followed_by_the_next_and_then_by_a_refusal(cast, campaign, entry_of):
    for code in ("LS02", "LS01"):
        issue_book(
            actor=cast.accountant,
            clerk=cast.clerk_a,
            year=2026,
            code=code,
            first_number=7,
            last_number=7,
        )
    numbers = [pay(cast.clerk_a, a_household(cast, entry_of, n))[0].full_number for n in range(2)]
    assert numbers == ["LS01-00000007", "LS02-00000007"]
    third = a_household(cast, entry_of, 2)
    with pytest.raises(Refusal, match="领取票据本"):
        pay(cast.clerk_a, third)
    assert third.enrollments.get().status == "pending"


def test_books_are_for_township_clerks_and_have_one_code(cast, books):
    facts = {"actor": cast.accountant, "year": 2026, "first_number": 1, "last_number": 50}
    with pytest.raises(Refusal, match="乡镇经办"):
        issue_book(clerk=cast.reviewer, code="XX01", **facts)
    with pytest.raises(Refusal, match="已发放过"):
        issue_book(clerk=cast.clerk_b, code="LS01", **facts)
    with pytest.raises(Refusal, match="起号"):
        issue_book(clerk=cast.clerk_b, code="XX02", **(facts | {"last_number": 0}))


def test_a_void_receipt_keeps_its_number_and_the_household_pays_again(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    first, _ = pay(cast.clerk_a, saved.household)
    with pytest.raises(Refusal, match="作废原因"):
        void_receipt(actor=cast.clerk_a, receipt=first, reason=" ", on=OCTOBER)
    with pytest.raises(Refusal, match="自己开出"):
        void_receipt(actor=cast.clerk_a2, receipt=first, reason="打印错位", on=OCTOBER)
    with pytest.raises(Refusal, match="待遇已经开始"):
        void_receipt(actor=cast.clerk_a, receipt=first, reason="打印错位", on=date(2026, 1, 1))
    void_receipt(actor=cast.clerk_a, receipt=first, reason="打印错位", on=OCTOBER)
    with pytest.raises(Refusal, match="已经作废"):
        void_receipt(actor=cast.clerk_a, receipt=first, reason="打印错位", on=OCTOBER)
    second, _ = pay(cast.clerk_a, saved.household)
    assert [r.number for r in Receipt.objects.order_by("number")] == [1, 2]
    assert list(Receipt.objects.valid()) == [second]
    assert first.enrollments.count() == 0
    assert second.enrollments.count() == 4


def test_a_withdrawn_entry_leaves_no_cover(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    receipt, _ = pay(cast.clerk_a, saved.household)
    facts = {"actor": cast.clerk_a, "household": saved.household, "year": 2026}
    with pytest.raises(Refusal, match="须先作废收据"):
        cancel_pending(reason="本人要求退保", **facts)
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="本人要求退保", on=OCTOBER)
    assert cancel_pending(reason="本人要求退保", **facts) == 4
    assert not Enrollment.objects.active().exists()


def test_the_database_keeps_receipts_as_they_are(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    receipt, _ = pay(cast.clerk_a, saved.household)
    for sql in (
        "DELETE FROM enrollment_receipt",
        "UPDATE enrollment_receipt SET amount = 1",
        "UPDATE enrollment_receipt SET number = 99",
        "DELETE FROM enrollment_person",
    ):
        with (
            pytest.raises(DatabaseError, match=r"refused|cannot be changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    receipt.refresh_from_db()
    assert receipt.amount == 450


@pytest.mark.django_db(transaction=True)
def test_two_windows_on_one_book_leave_no_gap_and_no_double(cast, books, entry_of):
    households = [a_household(cast, entry_of, n) for n in range(12)]
    start = Barrier(2)

    def window(mine):
        start.wait()
        try:
            return [pay(cast.clerk_a, household)[0].number for household in mine]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(window, (households[::2], households[1::2]))
    assert sorted(left + right) == list(range(1, 13))
    assert ReceiptBook.objects.get(code="LS01").next_number == 13


@pytest.mark.django_db(transaction=True)
def test_two_windows_take_one_household_once(cast, books, entry_of):
    household = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER).household
    start = Barrier(2)

    def window(clerk):
        start.wait()
        try:
            return pay(clerk, household)[0].full_number
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(window, (cast.clerk_a, cast.clerk_a2)))
    assert answers[0].startswith("LS0")
    assert "没有待缴费" in answers[1]
    assert Receipt.objects.count() == 1
    assert sum(book.next_number for book in ReceiptBook.objects.all()) == 4


@pytest.mark.django_db(transaction=True)
def test_two_windows_enter_the_same_family(cast, books, entry_of):
    start = Barrier(2)

    def window(clerk):
        start.wait()
        try:
            save_entry(actor=clerk, entry=entry_of(the_chens()), on=OCTOBER)
        except Refusal as refusal:
            return refusal.message
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(window, (cast.clerk_a, cast.clerk_a2)))
    assert answers[0] == "saved"
    assert "登记" in answers[1]
    assert (Household.objects.count(), Person.objects.count()) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_a_unique_constraint_speaks_when_the_search_came_too_early(
    cast, books, entry_of, monkeypatch
):
    save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    monkeypatch.setattr("enrollment.people.register.refuse_registered", lambda *_: None)
    with pytest.raises(Refusal, match="刚由另一窗口登记"):
        save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    assert Household.objects.count() == 1


def test_the_trail_of_a_receipt_names_nobody(cast, books, entry_of):
    """陈国强's receipt of 110 yuan: the trail has number, amount and a masked payer."""
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:1]), on=OCTOBER)
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=saved.household, received=Decimal(110), on=OCTOBER
    )
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="写错", on=OCTOBER)
    actions = ["enrollment.take_payment", "enrollment.void_receipt"]
    lines = AuditLine.objects.filter(action__in=actions)
    assert {(line.after["payer_name"], line.after["amount"]) for line in lines} == {
        ("陈*强", "110.00")
    }
    assert all("陈国强" not in str((line.before, line.after)) for line in AuditLine.objects.all())


def test_a_change_behind_the_mask_is_still_told(cast, books, entry_of):
    """陈小明 becomes 陈晓明: both read 陈*明, so the trail says that the name changed."""
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()[:3]), on=OCTOBER)
    son = Person.objects.get(name="陈小明")
    change_person(
        actor=cast.clerk_a, person=son, on=OCTOBER, name="陈晓明", relationship="2",
        residence="rural",
    )  # fmt: skip
    line = AuditLine.objects.get(action="enrollment.change_person")
    assert (line.before["name"], line.after["name"]) == ("陈*明", "陈*明")
    assert line.after["changed"] == ["name"]
    change_household(actor=cast.clerk_a, household=saved.household, address="桥亭村 5 组 1 号")
    line = AuditLine.objects.get(action="enrollment.change_household")
    assert (line.after["address"], line.after["changed"]) == ("（已登记）", ["address"])
