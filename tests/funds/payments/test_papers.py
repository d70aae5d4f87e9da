"""The list of a batch: every payment on paper, once it is released."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import Division, User
from accounts.roles import Role
from desk.models import Paper
from funds.models import PaymentBatch, PaymentOrder
from funds.papers import PAYMENT_LIST
from funds.payments.services import make_batch
from tests.conftest import make_user
from tests.funds.payments.conftest import ACCOUNT, TODAY
from tests.papers import keeps_what_it_said, stamps, text_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_the_list_of_a_batch(
    as_user: SignIn, cast: SimpleNamespace, released: PaymentBatch, other_county: Division
) -> None:
    """15.00, 20.00, 30.00 and 40.00 yuan: all four, the sum in words, accounts by their ends."""
    foreign = make_user("accountant_2", "贺外", Role.ACCOUNTANT, other_county)

    def renamed() -> None:
        Division.objects.filter(pk=released.area_id).update(name="大足区")

    page = keeps_what_it_said(
        PAYMENT_LIST,
        f"/funds/payments/batches/{released.pk}/list",
        hand=as_user(cast.cashier),
        change=renamed,
        elsewhere=as_user(foreign),
        stranger=as_user(cast.sysadmin),
    )
    # Every page says of what it is, and who signs has the sum before him on the same one.
    assert "--sheet: '支付清单 202600001　'" in page
    assert page.index("hz-end") < page.index("合计 4 笔") < page.index("hz-signatures")
    for words in ("202600001-0004", "尾号 4567", "合计 4 笔　105.00 元", "（大写 壹佰零伍元整）"):
        assert words in page
    assert ACCOUNT not in page


def test_a_batch_that_is_not_released_is_no_list_to_pay_by(
    as_user: SignIn, cast: SimpleNamespace, order: Callable[..., PaymentOrder]
) -> None:
    batch = make_batch(actor=cast.accountant, orders=[order(1)], on=TODAY)
    url = f"/funds/payments/batches/{batch.pk}/list"
    assert "待发出，不作支付凭据" in stamps(text_of(as_user(cast.accountant), url, prints=True))
    assert not Paper.objects.exists()
