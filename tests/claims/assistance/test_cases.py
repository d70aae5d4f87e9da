"""Who bore much of a year's costs: pointed out, handed down, answered (应救未救)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import Division
from claims.assistance.cases import answer, find_cases, hand_down
from claims.assistance.models import AidApplication, AidCase
from claims.models import Settlement
from claims.services import review
from enrollment.models import Person
from tests.claims.assistance.conftest import APPLIED, lists
from tests.claims.conftest import Register, line, stay

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(cast: SimpleNamespace, county: Division) -> Callable[[], int]:
    return lambda: find_cases(actor=cast.reviewer, area=county, year=2026, on=APPLIED)


def test_from_six_thousand_on(
    wang: Person, register: Register, village_a: Division, stay_of: Callable[..., Settlement],
    look: Callable[[], int],
) -> None:  # fmt: skip
    """Of 11800: (11800 − 200) × 50% = 5800, borne 6000.00. Of 11799.98 one fen less."""
    other = register.person("李秀兰", register.household(village_a))
    stay_of(wang, "11800.00")
    assert stay_of(other, "11799.98").cash_amount == Decimal("5999.99")
    assert look() == 1
    case = AidCase.objects.get()
    assert (case.person, case.own_amount, case.level, case.is_listed) == (
        wang, Decimal("6000.00"), "普通", False,
    )  # fmt: skip
    assert look() == 0


def test_what_is_not_decided_and_what_a_village_clinic_took_do_not_count(
    cast: SimpleNamespace, wang: Person, counter: Callable[..., Settlement], hospital: Any,
    look: Callable[[], int], agree: Callable[..., Settlement],
) -> None:  # fmt: skip
    claim = counter(wang, line("S03", "1", "20000.00"))
    assert look() == 0
    review(actor=cast.reviewer, settlement=claim)
    assert look() == 0


def test_a_sum_follows_what_is_settled_while_the_case_is_open(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    look: Callable[[], int],
) -> None:  # fmt: skip
    stay_of(wang, "11800.00")
    look()
    lists(wang)
    stay_of(wang, "1000.00", visit=stay(date(2026, 3, 11), date(2026, 3, 15)))
    assert look() == 0
    case = AidCase.objects.get()
    # The deductible of 200 again: (1000 − 200) × 50% = 400, borne 600 more.
    assert (case.own_amount, case.is_listed) == (Decimal("6600.00"), True)


def test_handed_down_notified_applied_for(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    look: Callable[[], int], apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    lists(wang)
    stay_of(wang, "11800.00")
    look()
    case = AidCase.objects.get()
    assert case.is_listed
    hand_down(actor=cast.reviewer, cases=[case], on=APPLIED)
    case.refresh_from_db()
    assert case.due_on == date(2026, 4, 16)
    case = answer(actor=cast.clerk_a, case=case, event="notify_case", reason="")
    assert case.status == "notified"
    row = apply(wang)
    assert row.amount == Decimal("4200.00")  # 6000 × 70%
    case.refresh_from_db()
    assert (case.status, case.application) == ("closed", row)


def test_a_township_says_why_nobody_applies(
    cast: SimpleNamespace, wang: Person, stay_of: Callable[..., Settlement],
    look: Callable[[], int],
) -> None:  # fmt: skip
    lists(wang)
    stay_of(wang, "11800.00")
    look()
    case = AidCase.objects.get()
    hand_down(actor=cast.reviewer, cases=[case], on=APPLIED)
    how = {"actor": cast.clerk_a, "case": case, "event": "answer_case"}
    with pytest.raises(Refusal, match="本人不申请的原因"):
        answer(**how, reason="")
    assert answer(**how, reason="商业保险已赔付，本人书面放弃").status == "closed"


def test_who_had_aid_is_no_missed_one(
    wang: Person, stay_of: Callable[..., Settlement], look: Callable[[], int],
    apply: Callable[..., AidApplication],
) -> None:  # fmt: skip
    lists(wang)
    stay_of(wang, "11800.00")
    apply(wang)
    look()
    assert not AidCase.objects.get().is_listed


def test_looking_again_costs_the_same_for_many(
    register: Register, village_a: Division, stay_of: Callable[..., Settlement],
    look: Callable[[], int],
) -> None:  # fmt: skip
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            look()
        return len(asked)

    def some(names: str) -> None:
        for name in names:
            stay_of(register.person(f"赵{name}", register.household(village_a)), "11800.00")
        look()

    some("甲")
    one = cost()
    some("乙丙丁")
    assert cost() <= one + 3  # an update for each that is still open
