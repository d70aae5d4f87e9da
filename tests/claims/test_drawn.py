"""What a cover's claims have drawn stands on the cover, on the way there and on the way back.

王建国 has 40 yuan of outpatient account (second tier, alone): every bill here is paid out of it.
"""

import importlib
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from claims.models import Settlement
from claims.services import discard, return_to_clerk, submit, withdraw
from claims.services.drawn import recount
from enrollment.collection.refunds import grant_refund, request_refund
from enrollment.models import Enrollment, Person, Refund
from tests.at_once import at_once
from tests.claims.conftest import TODAY, line, stay
from tests.conftest import past_the_guards

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


def bill(counter: Enter, wang: Person, day: int, yuan: str, **facts: bool) -> Settlement:
    """An outpatient visit on a day of March."""
    visit = stay(date(2026, 3, day), date(2026, 3, day), care="outpatient")
    return counter(wang, line("X01", "1", yuan), visit=visit, **facts)


def drawn(wang: Person) -> tuple[int, Decimal, str]:
    row = Enrollment.objects.get(person=wang)
    return row.drawn_claims, row.drawn_amount, row.drawn_first


def test_the_cover_tells_of_three_bills_and_forgets_the_one_taken_back(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """25 + 10 are paid whole, of 20 the account has 5 left; with the first withdrawn the last is
    computed anew and paid whole, so that 30 stand."""
    assert drawn(wang) == (0, 0, "")
    first = bill(counter, wang, 2, "25")
    assert drawn(wang) == (1, 25, first.number)
    second = bill(counter, wang, 3, "10")
    assert drawn(wang) == (2, 35, first.number)
    third = bill(counter, wang, 4, "20")
    assert (third.payable_amount, drawn(wang)) == (5, (3, 40, first.number))
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    third.refresh_from_db()
    assert third.status == "withdrawn"
    third = Settlement.objects.get(recomputed_from__settlement=third)
    assert drawn(wang) == (2, 30, second.number)
    return_to_clerk(actor=cast.reviewer, settlement=second, reason="发票不清")
    return_to_clerk(actor=cast.reviewer, settlement=third, reason="发票不清")
    assert drawn(wang) == (0, 0, "")


def test_a_bill_of_which_nothing_is_paid_stands_against_no_refund(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    first = bill(counter, wang, 2, "40")
    nothing = bill(counter, wang, 3, "30")
    assert nothing.payable_amount == 0
    assert drawn(wang) == (1, 40, first.number)
    withdraw(actor=cast.hospital_clerk, settlement=nothing, reason="不需报销")
    assert drawn(wang) == (1, 40, first.number)


def test_a_draft_draws_nothing_until_it_is_handed_in(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = bill(counter, wang, 2, "25", submit_now=False)
    assert drawn(wang) == (0, 0, "")
    submit(actor=cast.hospital_clerk, settlement=draft, on=TODAY)
    assert drawn(wang) == (1, 25, draft.number)
    other = bill(counter, wang, 3, "10", submit_now=False)
    discard(actor=cast.hospital_clerk, settlement=other)
    assert drawn(wang) == (1, 25, draft.number)


def test_a_draft_on_a_cover_that_was_replaced_is_entered_anew(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    draft = bill(counter, wang, 2, "25", submit_now=False)
    old = Enrollment.objects.get(person=wang)
    refund = asked(old, cast)
    grant_refund(actor=cast.accountant, refund=refund, on=TODAY)
    Enrollment.objects.create(
        **{
            field.attname: getattr(old, field.attname)
            for field in Enrollment._meta.concrete_fields
            if field.name != "id"
        }
    )
    with pytest.raises(Refusal, match="已作废重办，请作废草稿后重新录入"):
        submit(actor=cast.hospital_clerk, settlement=draft, on=TODAY)


def asked(cover: Enrollment, cast: SimpleNamespace) -> Refund:
    """A refund of a cover that nobody paid for, so that no ledger is needed."""
    return Refund.objects.create(
        enrollment=cover, ground="death", ground_date=date(2025, 12, 20), evidence="死亡证明 8 号",
        amount=0, payee="王家", requested_by=cast.clerk_a, requested_on=date(2026, 3, 1),
    )  # fmt: skip


def test_the_database_keeps_a_cover_with_benefits(counter: Enter, wang: Person) -> None:
    bill(counter, wang, 2, "25")
    refused = pytest.raises(IntegrityError, match="cover_with_drawn_benefits_stays")
    with refused, transaction.atomic():  # past the guard that asks for a granted refund
        past_the_guards(Enrollment.objects.filter(person=wang), status="cancelled")


def test_what_was_written_past_the_services_is_counted_anew(counter: Enter, wang: Person) -> None:
    """As an old database comes in: the columns empty, the settlements there."""
    first = bill(counter, wang, 2, "25")
    bill(counter, wang, 3, "10")
    empty = {"drawn_claims": 0, "drawn_amount": 0, "drawn_first": ""}
    Enrollment.objects.update(**empty)
    fill = importlib.import_module("claims.migrations.0007_drawn_benefits").FILL
    with connection.cursor() as cursor:
        cursor.execute(fill)
    assert drawn(wang) == (2, 35, first.number)
    Enrollment.objects.update(**empty)
    assert recount("500225") == 1
    assert drawn(wang) == (2, 35, first.number)


@pytest.mark.django_db(transaction=True)
def test_column_and_settlements_are_compared_at_commit(counter: Enter, wang: Person) -> None:
    first = bill(counter, wang, 2, "25")
    with pytest.raises(IntegrityError, match="says that 1 claims drew 25"):
        Settlement.objects.filter(pk=first.pk).update(
            status="withdrawn", withdrawn_reason="绕过服务"
        )
    assert Settlement.objects.get().status == "submitted"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(8))
def test_a_refund_and_a_claim_at_once_never_both_go_through(
    counter: Enter, wang: Person, cast: SimpleNamespace, round: int
) -> None:
    """The accountant grants while the hospital settles 25: one of them is refused, in words."""
    cover = Enrollment.objects.get(person=wang)
    refund = asked(cover, cast)
    granted, settled = at_once(
        [
            lambda: grant_refund(actor=cast.accountant, refund=refund, on=TODAY),
            lambda: bill(counter, wang, 2, "25"),
        ]
    )
    cover.refresh_from_db()
    if isinstance(granted, Refusal):
        assert granted.message.startswith("此人本年度已报销 1 笔共 25.00 元")
        assert (cover.status, cover.drawn_amount) == ("active", 25)
        assert isinstance(settled, Settlement)
    else:
        assert "没有 2026 年度的有效参保" in settled.message
        assert (cover.status, cover.drawn_claims) == ("cancelled", 0)
        assert not Settlement.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(4))
def test_taking_one_claim_back_while_another_is_settled_keeps_the_sum(
    counter: Enter, wang: Person, cast: SimpleNamespace, round: int
) -> None:
    """25 goes back while 10 is settled: whichever is first, 10 stand."""
    first = bill(counter, wang, 2, "25")
    _, second = at_once(
        [
            lambda: withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人"),
            lambda: bill(counter, wang, 3, "10"),
        ]
    )
    assert drawn(wang) == (1, 10, second.number)


def test_benefits_claimed_after_a_death_come_back_first(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    """王建国 died on 20 December, yet somebody claimed 40 of 130 yuan in March on his cover.

    His household account paid 40; with the claim withdrawn the 120 yuan of premium go back.
    """
    settlement = counter(wang, line("X01", "30", "130.00"))
    assert settlement.payable_amount > 0
    Person.objects.filter(pk=wang.pk).update(death_date=date(2025, 12, 20))
    cover = Enrollment.objects.select_related("receipt").get(person=wang)
    told = f"已报销 1 笔共 {settlement.payable_amount:,.2f} 元（结算单 {settlement.number}）"
    facts = {
        "actor": cast.clerk_a, "enrollment": cover, "ground": "death",
        "ground_date": date(2025, 12, 20), "evidence": "死亡医学证明 8 号", "payee": "王家",
        "on": date(2026, 3, 25),
    }  # fmt: skip
    with pytest.raises(Refusal, match=re.escape(told)):
        request_refund(**facts)
    withdraw(actor=cast.hospital_clerk, settlement=settlement, reason="人已去世")
    with pytest.raises(Refusal, match="还没有入账"):  # no longer the claim
        request_refund(**facts)


def test_a_claim_between_asking_and_granting_stops_the_refund(
    counter: Enter, wang: Person, cast: SimpleNamespace
) -> None:
    cover = Enrollment.objects.get(person=wang)
    refund = Refund.objects.create(
        enrollment=cover, ground="death", ground_date=date(2025, 12, 20), evidence="死亡证明 8 号",
        amount=120, payee="王家", requested_by=cast.clerk_a, requested_on=date(2026, 3, 1),
    )  # fmt: skip
    counter(wang, line("X01", "30", "130.00"))
    with pytest.raises(Refusal, match="请先撤回或追回已报销的待遇"):
        grant_refund(actor=cast.accountant, refund=refund, on=date(2026, 3, 25))
    cover.refresh_from_db()
    assert cover.status == "active"
