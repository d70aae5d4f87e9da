"""F3: the patient had paid 4 398.44 at the counter instead of 3 764.84; the hospital gives 633.60
back, and its own desk says so."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from claims.models import Settlement
from claims.refunds.models import PatientRefund
from claims.refunds.services import give_refund
from claims.services import cut_and_review, reject, send_back
from claims.work import WORK
from tests.claims.conftest import TODAY
from tests.claims.test_cuts import Cut, cut, li, pneumonia, yuan

__all__ = ["li", "pneumonia"]
pytestmark = pytest.mark.django_db
Enter = Callable[..., Settlement]


@pytest.fixture
def due(pneumonia: Settlement, cast: SimpleNamespace) -> PatientRefund:
    again = cut(pneumonia, cast, yuan("720.00"), "", "over_quantity")
    return PatientRefund.objects.get(settlement=again)


def test_the_hospitals_desk_says_it_and_the_hospital_confirms(
    due: PatientRefund, cast: SimpleNamespace, as_user
) -> None:
    work = next(one for one in WORK if one.title == "应退患者")
    assert [row.amount for row in work.rows(cast.hospital_clerk)] == [yuan("633.60")]
    desk = as_user(cast.hospital_clerk)
    assert "633.60" in desk.get(reverse("claims:refunds")).content.decode()
    url = reverse("claims:refund", args=[due.pk])
    wrong = desk.post(url, {"given_on": "2026-03-20", "evidence": ""}).content.decode()
    assert "请写明退款凭据" in wrong
    desk.post(url, {"given_on": "2026-03-20", "evidence": "收据 00871"})
    due.refresh_from_db()
    assert (due.status, due.given_by, due.given_on) == ("given", cast.hospital_clerk, TODAY)
    assert not work.rows(cast.hospital_clerk).exists()


@pytest.mark.parametrize(
    ("on", "match"),
    [(TODAY + timedelta(days=1), "不能晚于今天"), (date(2026, 3, 19), "早于核减日期")],
)
def test_on_a_day_that_can_be(
    due: PatientRefund, cast: SimpleNamespace, on: date, match: str
) -> None:
    with pytest.raises(Refusal, match=match):
        give_refund(
            actor=cast.hospital_clerk, refund=due, given_on=on, evidence="收据 1", today=TODAY
        )


def test_who_reviews_confirms_nothing(due: PatientRefund, cast: SimpleNamespace, as_user) -> None:
    assert as_user(cast.reviewer).get(reverse("claims:refund", args=[due.pk])).status_code == 403


def test_what_the_patient_bears_is_not_given_back(
    pneumonia: Settlement, cast: SimpleNamespace
) -> None:
    cut(pneumonia, cast, yuan("720.00"), "", "not_medical")
    assert not PatientRefund.objects.exists()


def test_cut_once_more_it_goes_over_to_the_last_settlement(
    due: PatientRefund, cast: SimpleNamespace
) -> None:
    """Sent back and cut to nothing: 720.00 more, of which 288.00 were the fund's: 633.60 + 432."""
    claim = due.settlement
    send_back(actor=cast.approver, settlement=claim, reason="全部无医嘱")
    cuts = {2: Cut(yuan("0"), "", "not_given")}
    last = cut_and_review(actor=cast.reviewer, settlement=claim, cuts=cuts, on=TODAY)
    due.refresh_from_db()
    assert due.status == "void"
    assert last.refund.amount == yuan("1065.60")


def test_of_a_withdrawn_settlement_nothing_is_due(
    due: PatientRefund, cast: SimpleNamespace
) -> None:
    reject(actor=cast.approver, settlement=due.settlement, reason="诊断不符")
    due.refresh_from_db()
    assert due.status == "void"
