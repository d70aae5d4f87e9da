"""A registered visit whose payment came back as a whole is settled anew by its hospital.

At the county hospital 200 yuan are borne first, then the fund pays 50 % (第二十三条(二)2).
"""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.visits import services
from enrollment.models import Person
from tests.claims.dependence.test_stories import used
from tests.claims.visits.conftest import Ward, charged, ward, yuan  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_what_was_billed_wrongly_comes_back_and_the_visit_is_settled_anew(
    ward: Ward,  # noqa: F811
    wang: Person,
    paid: Callable[..., Settlement],
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:
    """30 × 130.00 were billed, (3 900 − 200) × 50 % = 1 850.00 paid; 20 × 130.00 were used:
    (2 600 − 200) × 50 % = 1 200.00. All comes back first, and the year's counters with it."""
    visit = ward.admit(wang)
    batch = ward.bill(visit, charged("X01", "30", "130.00", 2))
    ward.leave(visit)
    claim = paid(ward.settle(visit))
    debt = ask(claim, debtor="institution", reason="beyond", facts="清单与医嘱不符")
    take(debt, "850.00")
    clerk, page = as_user(cast.hospital_clerk), reverse("claims:visit", args=[visit.pk])
    assert reverse("claims:visit_recall", args=[visit.pk]) not in clerk.get(page).text
    with pytest.raises(Refusal, match="全部追回到账以后"):
        services.recall(actor=cast.hospital_clerk, visit=visit, reason="清单录错")
    with pytest.raises(IntegrityError), transaction.atomic():
        visit.lines.update(part=None)
    take(debt, "1000.00")
    assert used(wang) == {}
    url = reverse("claims:visit_recall", args=[visit.pk])
    assert url in clerk.get(page).text
    clerk.post(url, {"reason": "清单数量录错，已更正"})
    visit.refresh_from_db()
    assert visit.status == "closed"
    ward.withdraw(batch)
    ward.bill(visit, charged("X01", "20", "130.00", 2))
    anew = ward.settle(visit)
    assert (anew.part, anew.fund_amount) == (2, yuan("1200.00"))
    assert [line.quantity for line in anew.bill_lines()] == [Decimal(20)]
    claim.refresh_from_db()
    assert (claim.status, claim.fund_amount) == ("paid", yuan("1850.00"))
    assert used(wang)["annual_paid"] == 120_000
    again = paid(anew)
    assert (again.status, again.visit.status) == ("paid", "settled")
    with pytest.raises(Refusal, match="全部追回到账以后"):
        services.recall(actor=cast.hospital_clerk, visit=visit, reason="再录一次")


def test_of_a_stay_in_parts_the_last_is_settled_anew_after_the_first(
    ward: Ward,  # noqa: F811
    wang: Person,
    paid: Callable[..., Settlement],
    ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt],
    cast: SimpleNamespace,
) -> None:
    """1 000.00 up to the 4th: (1 000 − 200) × 50 % = 400.00; then 600.00 more: 300.00, back as a
    whole; of them 200.00 were due: 100.00."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "10", "100.00", 3))
    first = paid(ward.part(visit, 4))
    wrong = ward.bill(visit, charged("X01", "6", "100.00", 6))
    ward.leave(visit)
    last = paid(ward.settle(visit))
    assert (first.fund_amount, last.fund_amount) == (yuan("400.00"), yuan("300.00"))
    with pytest.raises(Refusal, match="请先撤回后一次"):
        ask(first)
    take(ask(last), "300.00")
    services.recall(actor=cast.hospital_clerk, visit=visit, reason="清单录错")
    ward.withdraw(wrong)
    ward.bill(visit, charged("X01", "2", "100.00", 6))
    anew = ward.settle(visit)
    assert (anew.part, anew.fund_amount) == (3, yuan("100.00"))
    assert used(wang)["annual_paid"] == 50_000


def test_nobody_else_settles_it_anew(
    ward: Ward,  # noqa: F811
    wang: Person,
    paid: Callable[..., Settlement],
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "30", "130.00", 2))
    ward.leave(visit)
    paid(ward.settle(visit))
    url = reverse("claims:visit_recall", args=[visit.pk])
    answers: list[Any] = [as_user(user).post(url, {"reason": "重来"}) for user in (
        cast.clerk_a, cast.reviewer,
    )]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403, 403]
    visit.refresh_from_db()
    assert visit.status == "settled"
