"""What was computed after a settlement that falls, by hand to the fen.

Special outpatient (第二十三条(二)): deductible 200.00 in the year, then 50 %, together 60 000.00 a
year. 1 380.00 first: (1 380 − 200) × 50 % = 590.00; later: 1 380 × 50 % = 690.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.errors import Refusal
from claims.dependence.models import Dependent, Supplement
from claims.models import Settlement, UsageEntry
from claims.paying.models import PaymentHold
from claims.paying.services import hold_payment, lift_hold
from claims.recovery.models import Recovery
from claims.services import (
    Cut,
    approve,
    cut_and_review,
    reject,
    review,
    stop,
    unclose,
    withdraw,
)
from enrollment.models import Person
from funds.models import Book
from tests.claims.conftest import TODAY, line, stay
from tests.paying import pay

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


def special(counter: Enter, person: Person, day: int, yuan: str = "1380", **facts: Any) -> Any:
    when = date(2026, 2, day)
    visit = stay(when, when, care="special", diseases={"dialysis"})
    return counter(person, line("S03", "1", yuan), visit=visit, **facts)


def standing(person: Person) -> list[tuple[Decimal, str]]:
    """What stands, in its order."""
    rows = Settlement.objects.effective().filter(visit__person=person).order_by("submitted_at")
    return [(row.fund_amount, row.status) for row in rows]


def used(person: Person) -> dict[str, int]:
    totals = UsageEntry.objects.filter(person=person).totals()
    return {name: number for name, number in totals.items() if number}


def test_the_second_visit_bears_the_deductible_when_the_first_is_withdrawn(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    assert standing(wang) == [(Decimal("590.00"), "submitted"), (Decimal("690.00"), "submitted")]
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    assert standing(wang) == [(Decimal("590.00"), "submitted")]
    row = Dependent.objects.get()
    assert (row.settlement, row.because_of) == (second, first)
    assert (row.old_amount, row.new_amount) == (Decimal("690.00"), Decimal("590.00"))
    assert {one["title"]: (one["old"], one["new"]) for one in row.counters} == {
        "特殊病种门诊年累计起付额": (20_000, 0),
        "年累计报销额": (59_000, 0),
    }
    assert row.anew is not None
    assert row.anew.number != second.number
    assert row.anew.entered_by == second.entered_by
    assert row.anew.submitted_at == second.submitted_at
    second.refresh_from_db()
    assert second.status == "withdrawn"
    assert second.withdrawn_reason == f"结算单 {first.number} 已撤回，随之重算"
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}


@pytest.mark.parametrize("event", ["reject", "stop"])
def test_one_that_was_reviewed_or_approved_goes_back_to_the_review(
    counter: Enter, wang: Person, cast: SimpleNamespace, event: str
) -> None:
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    for claim in (first, second):
        review(actor=cast.reviewer, settlement=claim)
    if event == "stop":
        for claim in (first, second):
            approve(actor=cast.approver, settlement=claim)
        stop(actor=cast.approver, settlement=first, reason="有举报")
    else:
        reject(actor=cast.approver, settlement=first, reason="缺病历")
    assert standing(wang) == [(Decimal("590.00"), "submitted")]
    anew = Settlement.objects.effective().get()
    assert (anew.reviewed_by, anew.approved_by) == (None, None)


def test_a_cut_keeps_its_place_and_what_follows_is_computed_with_it(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """The first cut to 100.00 stays below the deductible, of which 100.00 is left for the second:
    (1 380 − 100) × 50 % = 640.00. It is computed as the first it is, not after the second."""
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    cuts = {1: Cut(Decimal("100.00"), "重复收费")}
    cut = cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=TODAY)
    assert cut.fund_amount == 0
    assert standing(wang) == [(Decimal("0.00"), "reviewed"), (Decimal("640.00"), "submitted")]
    assert Dependent.objects.get().settlement == second
    assert used(wang) == {"annual_paid": 64_000, "special_deductible": 20_000}


def test_where_only_the_year_so_far_changes_it_is_told(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """The third was told of 1 280.00 before it; 590.00 are left, and it is paid as before."""
    special(counter, wang, 3)
    second = special(counter, wang, 4)
    third = special(counter, wang, 5)
    withdraw(actor=cast.hospital_clerk, settlement=second, reason="录错人")
    row = Dependent.objects.get()
    assert (row.settlement, row.anew, row.old_amount) == (third, None, row.new_amount)
    assert [(one["title"], one["old"], one["new"]) for one in row.counters] == [
        ("年累计报销额", 128_000, 59_000)
    ]
    fourth = special(counter, wang, 6)
    withdraw(actor=cast.hospital_clerk, settlement=fourth, reason="录错人")
    assert Dependent.objects.count() == 1
    third.refresh_from_db()
    assert third.status == "submitted"


def test_one_that_was_closed_without_payment_is_settled_anew(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """The first reaches the cap of 60 000.00: (120 200 − 200) × 50 %; nothing is left for the
    second, which is closed. When the first is withdrawn, 590.00 are due on it."""
    first, second = special(counter, wang, 3, "120200"), special(counter, wang, 4)
    review(actor=cast.reviewer, settlement=second)
    approve(actor=cast.approver, settlement=second)
    assert standing(wang) == [(Decimal("60000.00"), "submitted"), (Decimal("0.00"), "nothing")]
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    assert standing(wang) == [(Decimal("590.00"), "submitted")]
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}


def test_what_was_closed_without_payment_has_a_way_back(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """100.00 stay below the deductible and were closed; taken back by another approver, they are
    borne no longer: the second is due (1 380 − 200) × 50 % instead of (1 380 − 100) × 50 %. What
    was wrong is entered anew, after it."""
    first, second = special(counter, wang, 3, "100"), special(counter, wang, 4)
    review(actor=cast.reviewer, settlement=first)
    approve(actor=cast.approver, settlement=first)
    assert standing(wang) == [(Decimal("0.00"), "nothing"), (Decimal("640.00"), "submitted")]
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        unclose(actor=cast.approver, settlement=first, reason="清单漏录一页")
    unclose(actor=cast.approver2, settlement=first, reason="清单漏录一页")
    first.refresh_from_db()
    assert (first.status, first.visit.status) == ("withdrawn", "void")
    assert first.withdrawn_reason == "清单漏录一页"
    assert standing(wang) == [(Decimal("590.00"), "submitted")]
    assert Dependent.objects.get().settlement == second
    assert special(counter, wang, 3).fund_amount == Decimal("690.00")
    assert used(wang) == {"annual_paid": 128_000, "special_deductible": 20_000}


def test_what_stops_the_payment_stops_it_when_it_is_settled_anew(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """Found on the second and not concluded; lifting it on the second, which the alert names, lifts
    it on what replaced it."""
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    hold_payment(actor=None, settlement=second, source="alert:7", reason="住院重叠")
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    anew = Settlement.objects.effective().get()
    assert [(one.source, one.reason) for one in anew.holds.filter(lifted_at=None)] == [
        ("alert:7", "住院重叠")
    ]
    lift_hold(actor=cast.supervisor, settlement=second, source="alert:7", reason="已核实无重叠")
    assert not PaymentHold.objects.filter(lifted_at=None).exists()


def pay_all(cast: SimpleNamespace, *claims: Settlement) -> None:
    for claim in claims:
        review(actor=cast.reviewer, settlement=claim)
        approve(actor=cast.approver, settlement=claim)
    pay(actor=cast.cashier, settlements=claims, on=TODAY, today=TODAY)


def test_a_paid_one_that_got_too_much_owes_the_difference(
    counter: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    pay_all(cast, second)
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    assert standing(wang) == [(Decimal("690.00"), "paid")]
    debt = Recovery.objects.get()
    assert (debt.amount, debt.status, debt.debtor) == (Decimal("100.00"), "proposed", "household")
    assert [(p.layer, p.book, p.amount) for p in debt.parts.all()] == [
        ("basic", "resident", Decimal("100.00"))
    ]
    assert debt.facts == f"结算单 {first.number} 已撤回，重算后应支付 590.00 元"
    assert used(wang) == {"annual_paid": 59_000, "special_deductible": 20_000}
    third = special(counter, wang, 5)
    assert third.fund_amount == Decimal("690.00")


def test_a_paid_one_that_got_too_little_is_owed_the_difference(
    counter: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """Cap 60 000.00: (120 100 − 200) × 50 % = 59 950.00, so that of 690.00 only 50.00 were left;
    with the first cut to 1 380.00 (590.00) the second gets its 690.00: 640.00 more."""
    first, second = special(counter, wang, 3, "120100"), special(counter, wang, 4)
    assert (first.fund_amount, second.fund_amount) == (Decimal("59950.00"), Decimal("50.00"))
    pay_all(cast, second)
    cuts = {1: Cut(Decimal("1380.00"), "多收")}
    cut_and_review(actor=cast.reviewer, settlement=first, cuts=cuts, on=TODAY)
    more = Supplement.objects.get()
    assert (more.amount, more.status, more.settlement) == (Decimal("640.00"), "to_pay", second)
    assert used(wang) == {"annual_paid": 128_000, "special_deductible": 20_000}


def test_what_nobody_acted_on_is_counted_anew(
    counter: Enter, wang: Person, cast: SimpleNamespace, book: Book
) -> None:
    """The first withdrawn: 100.00 too much. It is the third that bears the rest when the paid
    second is no longer the first: here a second cut brings 40.00 back."""
    zero = special(counter, wang, 2, "120")  # bears 120 of the deductible, nothing paid
    first, second = special(counter, wang, 3), special(counter, wang, 4)
    assert (first.fund_amount, second.fund_amount) == (Decimal("650.00"), Decimal("690.00"))
    pay_all(cast, second)
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    assert Recovery.objects.get().amount == Decimal("40.00")
    withdraw(actor=cast.hospital_clerk, settlement=zero, reason="录错人")
    old, new = Recovery.objects.order_by("pk")
    assert (old.status, new.status, new.amount) == ("replaced", "proposed", Decimal("100.00"))
