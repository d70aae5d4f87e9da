"""The slip with which a premium is given back."""

import pytest

from enrollment.collection.papers import REFUND_SLIP
from enrollment.collection.refunds import grant_refund, pay_refund, request_refund
from enrollment.models import Person
from tests.enrollment.collection.conftest import confirm, hand_in
from tests.enrollment.conftest import OCTOBER
from tests.papers import keeps_what_it_said, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("provided")
def test_a_refund_slip(as_user, cast, campaign, books, paid):
    """郑伟's 120 yuan go back; the slip says to whom, in words, from which receipt, with a place to
    sign. Before it is paid it is a draft."""
    hands = {
        "hand": as_user(cast.clerk_a),
        "elsewhere": as_user(cast.clerk_b),
        "stranger": as_user(cast.sysadmin),
    }
    receipt = paid(cast.clerk_a, 8)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    refund = request_refund(
        actor=cast.clerk_a, enrollment=receipt.enrollments.get(), ground="elsewhere",
        ground_date=OCTOBER, evidence="职工医保参保证明 2025-118", payee="郑伟", on=OCTOBER,
    )  # fmt: skip
    url = f"/enrollment/treasury/refunds/{refund.pk}/slip"
    assert "尚未支付" in text_of(hands["hand"], url, prints=True)
    grant_refund(actor=cast.accountant, refund=refund, on=OCTOBER)
    pay_refund(actor=cast.cashier, refund=refund, on=OCTOBER, today=OCTOBER)

    def renamed():
        Person.objects.filter(name="郑伟").update(name="郑卫")

    page = keeps_what_it_said(REFUND_SLIP, url, **hands, change=renamed)
    for said in ("郑伟", "120.00 元", "壹佰贰拾元整", receipt.full_number, "收款人（签字）"):
        assert said in page
