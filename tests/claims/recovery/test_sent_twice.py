"""A proposal that is sent twice is one debt."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import Recovery
from enrollment.models import Person
from tests.claims.conftest import line

pytestmark = pytest.mark.django_db


def test_a_part_that_is_asked_back_twice_by_one_click(
    counter: Callable[..., Settlement],
    paid: Callable[..., Settlement],
    wang: Person,
    cast: SimpleNamespace,
    as_user: Callable[[User], Client],
) -> None:
    """100.00 of the 400.00, not 200.00; for another fact the same sum may be asked again."""
    claim = paid(counter(wang, line("X01", "100", "10")))
    page, client = reverse("claims:recovery_new", args=[claim.pk]), as_user(cast.supervisor)
    sent = {
        "reason": "beyond", "facts": "三月五日检查费多收", "debtor": "household",
        "usage": "proportion", "amount-basic": "100.00",
    }  # fmt: skip
    assert client.post(page, sent).status_code == 302
    again = client.post(page, sent)
    assert "没有重复提出" in again.text
    client.post(page, sent | {"facts": "三月六日检查费多收"})
    assert [one.amount for one in Recovery.objects.all()] == [Decimal("100.00")] * 2
