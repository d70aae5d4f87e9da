"""The cashier's double click releases once, and both answers say what was paid."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from claims.models import Settlement
from funds.models import Voucher
from tests.claims.conftest import line
from tests.paying import batch_of, provide
from tests.sent_twice import double_click, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("book", "catalogue")
def test_claims_are_paid_once(
    cast: SimpleNamespace, counter: Any, wang: Any, agree: Any, as_user: Any, settings: Any
) -> None:
    settings.TODAY = date(2026, 3, 20)
    claim = agree(counter(wang, line("X01", "100", "10")))
    batch = batch_of(claim, on=date(2026, 3, 20))
    provide(batch.area)
    page = reverse("funds:payment_batch", args=[batch.pk])
    release = reverse("funds:release_batch", args=[batch.pk])
    form = {"paid_on": "2026-03-20", "number_of": "1", "total": "400.00"}
    before = Voucher.objects.count()
    answers = double_click(as_user(cast.cashier), page, release, form)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert told(answers[0]) == told(answers[1]) != []
    assert Settlement.objects.get(pk=claim.pk).status == "paid"
    assert Voucher.objects.count() == before + 1
