"""What was carried in and is wrong: taken back or corrected by two, until the first closing."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import Division
from claims.computation import account_years
from enrollment.carried.mending import (
    decide_mending,
    opening_of,
    propose_account_mending,
    propose_cover_mending,
)
from enrollment.carried.mending_models import CarriedMending
from enrollment.models import AccountOpening, Enrollment, Household
from funds.services import open_book
from lib.periods import Month
from tests.application import as_owner
from tests.enrollment.carried.conftest import CHEN, JULY, carried, families, judged, problems

__all__ = ["families"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_application", "families")]
COVERS = ["姓名", "证件号码", "参保年度", "档次", "个人缴费"]
ACCOUNTS = ["户主姓名", "原系统户号", "账户余额"]
WHY = {"evidence": "原系统参保清单第 3 页", "reason": "录错年度", "on": JULY}


def covered(cast: SimpleNamespace, premium: str = "400") -> Enrollment:
    """陈国强 of 2026, as the old system says."""
    sent = carried(cast, "covers", [COVERS, ["陈国强", CHEN, "2026", "二档", premium]])
    assert sent.written_count == 1, problems(sent)
    return Enrollment.objects.get(status="active", year=2026)


def opened(cast: SimpleNamespace) -> Household:
    """陈国强's household with 120.00."""
    sent = carried(cast, "accounts", [ACCOUNTS, ["陈国强", "A0801", "120"]])
    assert sent.written_count == 1, problems(sent)
    return AccountOpening.objects.get().household


def agree(cast: SimpleNamespace, row: CarriedMending) -> CarriedMending:
    return decide_mending(actor=cast.approver, row=row, event="approve_mending", on=JULY)


def test_a_cover_is_taken_back_and_comes_right(cast: SimpleNamespace) -> None:
    cover = covered(cast)
    row = propose_cover_mending(actor=cast.reviewer, cover=cover, **WHY)
    with pytest.raises(Refusal):
        decide_mending(actor=cast.reviewer, row=row, event="approve_mending", on=JULY)
    agree(cast, row)
    cover.refresh_from_db()
    assert (cover.status, str(cover.personal_amount)) == ("cancelled", "400.00")
    again = covered(cast, "350")
    assert (again.pk != cover.pk, str(again.personal_amount)) == (True, "350.00")
    with pytest.raises(Refusal, match="已经终止"):
        propose_cover_mending(actor=cast.reviewer, cover=cover, **WHY)


def test_a_cover_ends_by_no_other_way(cast: SimpleNamespace) -> None:
    cover = covered(cast)
    propose_cover_mending(actor=cast.reviewer, cover=cover, **WHY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrollment.objects.filter(pk=cover.pk).update(status="cancelled")


def test_a_balance_becomes_another_and_both_are_kept(cast: SimpleNamespace) -> None:
    """120.00 − 35.50 = 84.50; then 84.50 + 0.50 = 85.00."""
    home = opened(cast)
    mend = propose_account_mending(
        actor=cast.reviewer, household=home, amount=Decimal("84.50"), **WHY
    )
    agree(cast, mend)
    rows = AccountOpening.objects.order_by("pk")
    assert [str(one.amount) for one in rows] == ["120.00", "-35.50"]
    assert (str(opening_of(home)), account_years([home.pk], {})) == ("84.50", {2025: 8450})
    agree(cast, propose_account_mending(
        actor=cast.reviewer, household=home, amount=Decimal(85), **WHY))  # fmt: skip
    assert AccountOpening.objects.aggregate(s=Sum("amount"))["s"] == Decimal(85)
    assert carried_again(cast) == 1


def carried_again(cast: SimpleNamespace) -> int:
    sent = judged(cast.reviewer, "accounts", [ACCOUNTS, ["陈国强", "A0801", "99"]])
    return sent.idle_count


def test_not_below_what_was_used(cast: SimpleNamespace) -> None:
    """Claims say by how much its account would be overdrawn: by one fen here."""
    home = opened(cast)
    with as_owner(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("claims.one_person.account_left", lambda homes: -1)
        mend = propose_account_mending(
            actor=cast.reviewer, household=home, amount=Decimal("49.99"), **WHY
        )
        with pytest.raises(Refusal, match=r"比已用的少 0\.01 元"):
            agree(cast, mend)
    assert str(opening_of(home)) == "120.00"


def test_after_the_first_closing_it_stays(cast: SimpleNamespace, county: Division) -> None:
    cover = covered(cast)
    row = propose_cover_mending(actor=cast.reviewer, cover=cover, **WHY)
    book = open_book(actor=cast.accountant, area=county, first_month=Month(2026, 6))
    with as_owner():
        book.periods.update(status="closed", closed_at=timezone.now())
    with pytest.raises(Refusal, match="已结账，原系统转入的内容不能再更正"):
        agree(cast, row)
