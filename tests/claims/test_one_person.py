"""Two records of one person become one, by two people: covers, caps, numbers, and back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.models import Division
from accounts.rights import declared
from claims.models import Settlement, UsageEntry, Visit
from claims.paying.payees import PayeeEntry, death_problem
from claims.paying.seen import digest_of
from claims.paying.services import change_payee
from claims.services import withdraw
from enrollment.collection.receipts import void_receipt
from enrollment.collection.refunds import pay_refund
from enrollment.cover.one_person import lock as lock_covers
from enrollment.models import (
    Enrollment,
    FormerNumber,
    IdentityStatus,
    Person,
    Receipt,
    Refund,
    RegisterEvent,
    Remittance,
    SamePerson,
    TaxFile,
    TaxRow,
)
from enrollment.people.households import correct_event
from enrollment.people.lifecycle import record_death
from enrollment.people.rooms import MOVES, Unless, followers
from enrollment.people.same import (
    approve_same,
    decide_same,
    propose_same,
    propose_undoing,
    undoing_problem,
)
from enrollment.people.search import bearers
from enrollment.progress.checks import correct_line
from enrollment.progress.models import CheckLine, CheckList
from funds.models import Book
from tests.at_once import at_once
from tests.claims.conftest import TODAY, Register, line, stay
from tests.conftest import past_the_guards
from tests.paying import provide

pytestmark = pytest.mark.django_db
Counter = Callable[..., Settlement]
CERTIFICATE = "R500123456"
PAPERS = {"evidence": "出生医学证明 R500123456", "reason": "同一个孩子登记了两次"}


def booked(cast: SimpleNamespace, *covers: Enrollment) -> None:
    """Their premiums are in the books."""
    for cover in covers:
        receipt = cover.receipt
        assert receipt is not None
        remittance = Remittance.objects.create(
            township=Division.objects.get(code=cover.division.code[:9]), campaign=cover.campaign,
            clerk=cast.clerk_a, slip_number=f"S{cover.pk}", slip_date=date(2025, 10, 21),
            receipt_count=1, amount=receipt.amount, status="confirmed",
            confirmed_by=cast.accountant, voucher_number="2025-10-0001",
        )  # fmt: skip
        Receipt.objects.filter(pk=receipt.pk).update(remittance=remittance)


@pytest.fixture
def child(cast: SimpleNamespace, register: Register, village_a: Division) -> SimpleNamespace:
    """杨小雨: by birth certificate with her parents, by resident id with her grandparents."""
    home, other = register.household(village_a), register.household(village_a)
    register.person("杨大山", home, covered=False)
    register.person("杨老汉", other, born=date(1945, 3, 2), covered=False)
    born = date(2024, 6, 1)
    kept = register.person("杨小雨", other, born=born)
    given_up = register.person("杨小雨", home, born=born)
    Person.objects.filter(pk=given_up.pk).update(
        number_kind="birth_certificate", resident_id=CERTIFICATE, sex=kept.sex,
        resident_id_index=blind_index("birth_certificate", CERTIFICATE),
    )  # fmt: skip
    given_up.refresh_from_db()
    booked(cast, *Enrollment.objects.all())
    return SimpleNamespace(kept=kept, given_up=given_up, home=home, other=other)


def merge(cast: SimpleNamespace, kept: Person, given_up: Person) -> SamePerson:
    row = propose_same(actor=cast.clerk_a, kept=kept, given_up=given_up, on=TODAY, **PAPERS)
    return approve_same(actor=cast.approver, same=row, on=TODAY)


def undo(cast: SimpleNamespace, row: SamePerson) -> SamePerson:
    papers = {"evidence": "派出所证明第 3 号", "reason": "是两个孩子"}
    back = propose_undoing(actor=cast.clerk_a, same=row, on=TODAY, **papers)
    return approve_same(actor=cast.approver, same=back, on=TODAY)


def test_every_row_that_points_at_a_person_says_how_it_follows() -> None:
    """A table that is added must say so, in its room's one_person.py."""
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Person
    }
    told = [key for key, _ in followers()]
    assert sorted(told) == sorted(pointing)


def test_what_moves_with_a_person_may_be_written() -> None:
    """Else the database refuses the merger as soon as there is such a row (accounts/rights.py)."""
    rights = {model._meta.label: given for model, given in declared()}
    for key, follow in followers():
        label, _, field = key.rpartition(".")
        given, column = rights[label], f"{field}_id"
        if follow is MOVES or isinstance(follow, Unless):
            assert given.changes is None or column in given.changes, key
            assert column not in given.sealed, key


def test_a_check_list_says_whom_it_was_printed_for(
    cast: SimpleNamespace, child: SimpleNamespace, village_a: Division
) -> None:
    """Who is mended by it afterwards is the record that stays, as the refusal says."""
    campaign = Enrollment.objects.filter(person=child.given_up).get().campaign
    printed = CheckList.objects.create(
        campaign=campaign, division=village_a, printed_by=cast.clerk_a, printed_on=TODAY,
        returned_on=TODAY, returned_by=cast.clerk_a, checked_by="杨大山",
    )  # fmt: skip
    row = CheckLine.objects.create(check_list=printed, line=1, person=child.given_up)
    done = merge(cast, child.kept, child.given_up)
    row.refresh_from_db()
    assert row.person == child.given_up
    facts = {"name": "杨小宇", "relationship": "2", "residence": "rural"}
    with pytest.raises(Refusal, match=r"这一行是重复登记，已并入杨小雨（.+），请在那条登记上更正"):
        correct_line(actor=cast.clerk_a, line=row, on=TODAY, facts=facts)
    undo(cast, done)
    assert CheckLine.objects.get().person == child.given_up


def test_one_child_with_two_covers_has_one_and_gets_the_second_premium_back(
    cast: SimpleNamespace, child: SimpleNamespace, book: Book
) -> None:
    row = merge(cast, child.kept, child.given_up)
    assert Enrollment.objects.active().get().person == child.kept
    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.ground) == (Decimal(200), "granted", "double")
    assert (refund.requested_by, refund.decided_by) == (cast.clerk_a, cast.approver)
    assert row.told[0] == f"2026 年度缴了两次，多缴的 200.00 元待退（退费申请 {refund.pk} 号）"
    provide(book.area)
    paid = pay_refund(actor=cast.cashier, refund=refund, on=TODAY, today=TODAY)
    assert paid.status == "paid"
    with pytest.raises(Refusal, match=r"多缴的 200\.00 元已经退还"):
        undo(cast, row)


def test_both_numbers_and_the_old_certificate_find_the_one_record(
    cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    certificate = child.given_up.certificate_number
    merge(cast, child.kept, child.given_up)
    people = Person.objects.all()
    for text in (child.kept.resident_id, CERTIFICATE, certificate):
        assert list(people.search(text)) == [child.kept]
    assert list(people.search("杨小雨")) == [child.kept]
    assert bearers([CERTIFICATE], people)[CERTIFICATE].person == child.kept
    ended = Person.objects.get(pk=child.given_up.pk)
    assert (ended.same_as, ended.departure_date, ended.number_kind) == (child.kept, TODAY, "none")
    assert "出生医学证明" in bearers([CERTIFICATE], people)[CERTIFICATE].said


def test_a_resident_id_becomes_todays_number_whichever_record_stays(
    cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    number = child.kept.resident_id
    row = merge(cast, child.given_up, child.kept)
    kept = Person.objects.get(pk=child.given_up.pk)
    assert (kept.resident_id, kept.number_kind) == (number, "resident_id")
    assert FormerNumber.objects.get(mistaken=False).number == CERTIFICATE
    undo(cast, row)
    numbers = Person.objects.filter(pk__in=[child.kept.pk, child.given_up.pk]).order_by("pk")
    assert [one.resident_id for one in numbers] == [number, CERTIFICATE]


def test_what_two_records_used_counts_against_one_cap(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    """Cap of a child 72 000: 160 000 less 200 at 55 % in the county's hospital is more than 72 000
    in each record; as one person 72 000 in all, so 72 000 too much was paid."""
    first = counter(child.kept, line("X01", "16000", "10"))
    visit = stay(date(2026, 2, 6), date(2026, 2, 9))
    second = counter(child.given_up, line("X01", "16000", "10"), visit=visit)
    assert (first.fund_amount, second.fund_amount) == (Decimal(72000), Decimal(72000))
    row = merge(cast, child.kept, child.given_up)
    assert (
        "2026 年度两条登记共报销 144,000.00 元，按一人计算应为 72,000.00 元，"
        "多支付 72,000.00 元，请核查处理"
    ) in row.told
    cover = Enrollment.objects.active().get()
    assert (cover.drawn_claims, cover.drawn_amount) == (2, Decimal(144000))
    totals = UsageEntry.objects.filter(person=child.kept).totals()
    assert totals["annual_paid"] == 14_400_000
    visit = stay(date(2026, 2, 12), date(2026, 2, 14))
    assert counter(child.kept, line("X01", "100", "10"), visit=visit).fund_amount == 0


def test_a_cover_on_which_benefits_were_drawn_is_the_one_that_stays(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    drawn = counter(child.given_up, line("X01", "120", "10"))
    row = merge(cast, child.kept, child.given_up)
    cover = Enrollment.objects.active().get()
    assert (cover.household, cover.person) == (child.home, child.kept)
    assert cover.drawn_first == drawn.number
    assert row.told[0].startswith("2026 年度缴了两次")


def test_years_apart_are_carried_over(
    cast: SimpleNamespace, register: Register, child: SimpleNamespace
) -> None:
    earlier = register.cover(child.given_up, year=2025)
    merge(cast, child.kept, child.given_up)
    earlier.refresh_from_db()
    assert (earlier.person, earlier.status) == (child.kept, "active")
    assert set(Enrollment.objects.active().values_list("year", "person")) == {
        (2025, child.kept.pk),
        (2026, child.kept.pk),
    }


ROWS = (Person, Enrollment, Visit, IdentityStatus)


def standing() -> dict[str, Any]:
    """Everything that a merger moves, to the fen."""
    found: dict[str, Any] = {
        model._meta.label: serializers.serialize("python", model.objects.order_by("pk"))  # type: ignore[attr-defined]
        for model in ROWS
    }
    numbers = FormerNumber.objects.filter(mistaken=False)
    found["numbers"] = sorted(numbers.values_list("person", "number_index"))
    found["usage"] = {
        person.pk: {k: v for k, v in UsageEntry.objects.filter(person=person).totals().items() if v}
        for person in Person.objects.all()
    }
    return found


@pytest.mark.parametrize("swapped", [False, True])
def test_undone_by_two_everything_is_as_it_was_to_the_fen(
    counter: Counter, cast: SimpleNamespace, register: Register, child: SimpleNamespace,
    swapped: bool,
) -> None:  # fmt: skip
    kept, given_up = child.kept, child.given_up
    if swapped:
        kept, given_up = given_up, kept
    register.cover(given_up, year=2025)
    counter(kept, line("X01", "120", "10"))
    counter(given_up, line("X01", "77", "10"), visit=stay(date(2026, 2, 6), date(2026, 2, 9)))
    given_up.statuses.create(code="dibao", first_day=date(2025, 1, 1), source="民政局")
    before = standing()
    row = merge(cast, kept, given_up)
    assert standing() != before
    assert not undoing_problem(row)
    undo(cast, row)
    assert standing() == before
    assert Refund.objects.get().status == "refused"
    assert undoing_problem(row) == f"{row}已经撤销"


def test_undoing_says_what_has_happened_since(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    row = merge(cast, child.kept, child.given_up)
    claim = counter(child.kept, line("X01", "120", "10"))
    assert undoing_problem(row) == f"合并以后又有结算单 {claim.number}，请先撤回"
    record_death(actor=cast.clerk_a, person=child.kept, effective_on=TODAY, on=TODAY)
    assert "又登记了“死亡 2026-" in undoing_problem(row)


def test_two_people_and_never_one(cast: SimpleNamespace, child: SimpleNamespace) -> None:
    row = propose_same(
        actor=cast.reviewer, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS
    )
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        approve_same(actor=cast.reviewer, same=row, on=TODAY)
    with pytest.raises(Refusal, match="不能办理"):
        approve_same(actor=cast.clerk_a, same=row, on=TODAY)
    with pytest.raises(Refusal, match="请勿重复"):
        propose_same(
            actor=cast.clerk_a, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS
        )
    decide_same(
        actor=cast.approver, same=row, event="refuse_same", reason="户口簿上是两个人", on=TODAY
    )
    assert Enrollment.objects.active().count() == 2


def test_who_asked_takes_it_back(cast: SimpleNamespace, child: SimpleNamespace) -> None:
    row = propose_same(
        actor=cast.clerk_a, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS
    )
    assert (
        decide_same(actor=cast.clerk_a, same=row, event="withdraw_same", on=TODAY).status
        == "withdrawn"
    )


def test_a_premium_that_is_not_in_the_books_waits(
    cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    cover = Enrollment.objects.get(person=child.given_up)
    with transaction.atomic():
        Receipt.objects.filter(pk=cover.receipt_id).update(remittance=None)
        with pytest.raises(Refusal, match="第二份保费还没有入账"):
            merge(cast, child.kept, child.given_up)
        transaction.set_rollback(True)


def test_a_receipt_that_may_still_be_voided_waits_for_its_other_members(
    cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    """She pays nothing herself, her family's 200 yuan on the same receipt are not handed in."""
    cover = Enrollment.objects.get(person=child.given_up)
    past_the_guards(Enrollment.objects.filter(pk=cover.pk), personal_amount=0, county_amount=200)
    with transaction.atomic():
        Receipt.objects.filter(pk=cover.receipt_id).update(remittance=None)
        with pytest.raises(Refusal, match="上家人的保费还没有入账"):
            merge(cast, child.kept, child.given_up)
        transaction.set_rollback(True)
    assert not Person.objects.exclude(same_as=None).exists()


@pytest.mark.parametrize("status", ["granted", "paid"])
def test_a_second_payment_that_has_gone_back_stands_in_nobodys_way(
    cast: SimpleNamespace, child: SimpleNamespace, book: Book, status: str
) -> None:
    """120 yuan paid once more to the tax bureau: paid back, the two records may become one."""
    cover = Enrollment.objects.get(person=child.given_up)
    file = TaxFile.objects.create(
        area=cover.campaign.area, campaign=cover.campaign, file_name="sw.xlsx", sha256="0" * 64,
        uploaded_on=TODAY, status="done", requested_by=cast.accountant,
    )  # fmt: skip
    row = TaxRow.objects.create(
        file=file, campaign=cover.campaign, line=2, resident_id=CERTIFICATE, serial="T1",
        paid_on=date(2025, 10, 18), amount=120, problem="重复缴费", duplicate_of=cover,
    )  # fmt: skip
    Refund.objects.create(
        enrollment=cover, ground="double", ground_date=row.paid_on, evidence="电子税票 T1",
        tax_row=row, amount=120, payee="杨大山", status=status, requested_by=cast.clerk_a,
        requested_on=TODAY, decided_by=cast.accountant, decided_on=TODAY,
        **({"paid_by": cast.cashier, "paid_on": TODAY} if status == "paid" else {}),
    )  # fmt: skip
    if status == "paid":
        merge(cast, child.kept, child.given_up)
        return
    with pytest.raises(Refusal, match="已有退费申请，请先办结"):
        merge(cast, child.kept, child.given_up)


def test_the_record_that_ended_is_used_at_no_door(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    row = merge(cast, child.kept, child.given_up)
    ended = Person.objects.get(pk=child.given_up.pk)
    with pytest.raises(Refusal, match="重复登记，已并入杨小雨"):
        record_death(actor=cast.clerk_a, person=ended, effective_on=TODAY, on=TODAY)
    with pytest.raises(Refusal, match="登记已停用"):
        merge(cast, child.kept, ended)
    with pytest.raises(Refusal, match="由两人办理"):
        correct_event(actor=cast.clerk_a, event=row.event, on=TODAY, reason="不是一人")
    with pytest.raises(Refusal, match="没有 2026 年度的有效参保"):
        counter(ended, line("X01", "120", "10"))


def test_the_database_lets_nothing_change_hands_without_two_people(
    cast: SimpleNamespace, child: SimpleNamespace, counter: Counter
) -> None:
    counter(child.given_up, line("X01", "120", "10"))
    propose_same(actor=cast.clerk_a, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS)
    for rows in (Visit.objects.all(), Enrollment.objects.filter(person=child.given_up)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(person=child.kept)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.filter(person=child.kept).update(status="cancelled")


def test_a_merger_lets_no_other_cover_end_and_none_hold_again(
    cast: SimpleNamespace, register: Register, child: SimpleNamespace
) -> None:
    """Of the two records only the second cover of the same year ends, and only once."""
    register.cover(child.given_up, year=2025)
    row = merge(cast, child.kept, child.given_up)
    ended, stays = row.moved["ended"][0]
    rows = Enrollment.objects.all()
    for pk, status in ((stays, "cancelled"), (ended, "active")):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.filter(pk=pk).update(status=status)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(year=2025).update(status="cancelled")
    undo(cast, row)
    for pk in (stays, ended):  # two people again: neither ends without a refund
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.filter(pk=pk).update(status="cancelled")


def free_of_charge(cast: SimpleNamespace, child: SimpleNamespace) -> tuple[Receipt, Enrollment]:
    """The receipt of 0 yuan of the record that ends and of another child, for next year."""
    mine = Enrollment.objects.get(person=child.given_up)
    receipt = mine.receipt
    assert receipt is not None
    past_the_guards(Receipt.objects.filter(pk=receipt.pk), channel="aid", amount=0, remittance=None)
    past_the_guards(
        Enrollment.objects.filter(pk=mine.pk),
        personal_amount=0, county_amount=mine.county_amount + 200,
    )  # fmt: skip
    return receipt, mine


def test_a_receipt_of_nothing_is_voided_after_its_cover_ended(
    cast: SimpleNamespace, register: Register, child: SimpleNamespace
) -> None:
    """资助: 0 yuan, so it is in no book; what a merger ended does not hold the family up."""
    receipt, mine = free_of_charge(cast, child)
    brother = register.person("杨小军", child.home, born=date(2020, 3, 1))
    theirs = Enrollment.objects.get(person=brother)
    past_the_guards(
        Enrollment.objects.filter(pk=theirs.pk), receipt=receipt, personal_amount=0,
        county_amount=theirs.county_amount + 200,
    )  # fmt: skip
    row = merge(cast, child.kept, child.given_up)
    before = mine.cover_first_day - timedelta(days=1)
    voided = void_receipt(actor=receipt.issued_by, receipt=receipt, reason="开错了人", on=before)
    assert voided.voided_on == before
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.status, theirs.receipt) == ("pending", None)
    assert (mine.status, mine.receipt) == ("cancelled", receipt)
    assert Enrollment.objects.active().get().person == child.kept
    cancel = Enrollment.objects.filter(pk=theirs.pk)
    assert cancel.update(status="cancelled") == 1
    undo(cast, row)
    mine.refresh_from_db()
    assert mine.status == "cancelled"  # entered anew at the window, as after any void receipt


def test_the_last_of_a_household_takes_its_account_along(
    cast: SimpleNamespace, register: Register, village_a: Division, counter: Counter
) -> None:
    """Alone in two households, 40 granted in each for 2025 and one of 2026: 40 + 40 remain."""
    one = register.person("何秀兰", register.household(village_a))
    two = register.person("何秀兰", register.household(village_a), covered=False)
    register.cover(two, year=2025)
    merge(cast, one, two)
    two.household.refresh_from_db()
    assert (two.household.closed_on, two.household.account_into) == (TODAY, one.household)
    visit = stay(care="outpatient", starts=date(2026, 3, 2), ends=date(2026, 3, 2))
    assert counter(one, line("X01", "1", "100"), visit=visit).fund_amount == Decimal(80)


def test_a_pending_cover_of_either_record_is_settled_first(
    cast: SimpleNamespace, child: SimpleNamespace, register: Register
) -> None:
    """Entered and not paid: the receipt would name the record that ends."""
    cover = register.cover(child.given_up, year=2025)
    past_the_guards(Enrollment.objects.filter(pk=cover.pk), status="pending", receipt=None)
    with pytest.raises(Refusal, match="有待缴费的参保登记，请先收款或撤销后再办"):
        merge(cast, child.kept, child.given_up)
    assert not Person.objects.exclude(same_as=None).exists()


def test_a_merger_waits_for_no_cover_that_a_window_may_hold(
    cast: SimpleNamespace, child: SimpleNamespace, register: Register
) -> None:
    """Windows take the household, then the covers that wait for payment; a merger the other way
    round would stop both."""
    cover = register.cover(child.given_up, year=2025)
    past_the_guards(Enrollment.objects.filter(pk=cover.pk), status="pending", receipt=None)
    with CaptureQueriesContext(connection) as queries, pytest.raises(Refusal, match="待缴费"):
        merge(cast, child.kept, child.given_up)
    locks = [one["sql"] for one in queries if "FOR NO KEY UPDATE" in one["sql"]]
    assert not [sql for sql in locks if 'FROM "enrollment_enrollment"' in sql]
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        lock_covers([child.kept.pk, child.given_up.pk])
    (taken,) = [one["sql"] for one in queries if "FOR NO KEY UPDATE" in one["sql"]]
    assert "NOT (" in taken and "'pending'" in taken


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_claim_taken_back_while_its_records_become_one(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    """The merger holds the covers; the clerk's withdrawal waits and gives back what counts then."""
    claim = counter(child.given_up, line("X01", "120", "10"))
    counter(child.kept, line("X01", "77", "10"), visit=stay(date(2026, 2, 6), date(2026, 2, 9)))

    def take_back() -> None:
        try:
            withdraw(actor=cast.hospital_clerk, settlement=claim, reason="录错")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merge(cast, child.kept, child.given_up)
            other = pool.submit(take_back)
            time.sleep(1)
            assert not other.done()
        other.result(timeout=20)
    left = Settlement.objects.effective().get()
    assert not any(UsageEntry.objects.filter(person=child.given_up).totals().values())
    totals = UsageEntry.objects.filter(person=child.kept).totals()
    assert totals["annual_paid"] == left.fund_amount * 100
    assert Enrollment.objects.active().get().drawn_amount == left.payable_amount


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_merger_and_settlements_of_both_records_in_the_same_moment(
    counter: Counter, cast: SimpleNamespace, child: SimpleNamespace
) -> None:
    """Whatever comes first: one cover, its drawn benefits told, and usage where its visits are."""
    row = propose_same(
        actor=cast.clerk_a, kept=child.kept, given_up=child.given_up, on=TODAY, **PAPERS
    )
    later = stay(date(2026, 2, 6), date(2026, 2, 9))
    outcomes = at_once(
        [
            lambda: approve_same(actor=cast.approver, same=row, on=TODAY),
            lambda: counter(child.kept, line("X01", "120", "10")),
            lambda: counter(child.given_up, line("X01", "77", "10"), visit=later),
        ]
    )
    odd = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Refusal)]
    assert not odd
    assert not isinstance(outcomes[0], Refusal)
    cover = Enrollment.objects.active().get()
    settled = Settlement.objects.effective()
    assert {one.visit.person for one in settled} <= {child.kept}
    assert {one.visit.enrollment for one in settled} <= {cover}
    assert cover.drawn_amount == sum(one.payable_amount for one in settled)
    ended = UsageEntry.objects.filter(person=child.given_up).totals()
    assert not any(ended.values())
    assert RegisterEvent.objects.get().kind == "same"


def test_the_payee_of_a_claim_follows_and_what_was_agreed_to_holds(
    paper: Counter, cast: SimpleNamespace, child: SimpleNamespace, agree: Any, book: Book
) -> None:
    """Whether the payee lives is read of the record that is left; undone, of the first one."""
    claim = paper(child.given_up, "6000.00")
    entry = PayeeEntry(relation="self", account="6217003760001112223")
    change_payee(actor=cast.clerk_a, settlement=claim, entry=entry, reason="监护人要求付本人")
    agree(claim)
    row = merge(cast, child.kept, child.given_up)
    claim.refresh_from_db()
    assert (claim.payee_person, claim.status) == (child.kept, "approved")
    assert claim.digest == digest_of(claim)
    Person.objects.filter(pk=child.kept.pk).update(death_date=TODAY)
    claim.refresh_from_db()
    assert "死亡" in death_problem(claim, "结算单", TODAY)
    Person.objects.filter(pk=child.kept.pk).update(death_date=None)
    undo(cast, row)
    claim.refresh_from_db()
    assert (claim.payee_person, claim.status) == (child.given_up, "approved")
    assert claim.digest == digest_of(claim)
    stranger = Person.objects.exclude(pk__in=[child.kept.pk, child.given_up.pk]).first()
    for change in ({"payee_person": stranger}, {"digest": "0" * 64}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Settlement.objects.filter(pk=claim.pk).update(**change)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("event", ["withdraw_same", "refuse_same"])
def test_what_leaves_everything_as_it_was_locks_its_row_too(
    cast: SimpleNamespace, child: SimpleNamespace, event: str
) -> None:
    """Without a transaction around it, as a page sends it."""
    given = {"kept": child.kept, "given_up": child.given_up, "on": TODAY}
    row = propose_same(actor=cast.clerk_a, **given, **PAPERS)
    actor = cast.clerk_a if event == "withdraw_same" else cast.approver
    done = decide_same(actor=actor, same=row, event=event, reason="户口簿上是两个人", on=TODAY)
    assert done.status in {"withdrawn", "refused"}
