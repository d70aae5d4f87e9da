"""The hospital's own system reads its settlements as JSON."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from claims.models import Settlement
from enrollment.models import Person
from tests.claims.conftest import line

pytestmark = pytest.mark.django_db
LIST = "/claims/api/settlements"


def test_the_hospital_reads_its_own_amounts_as_strings(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace, as_user: Any
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    body = as_user(cast.hospital_clerk).get(LIST).json()
    assert body["count"] == 1
    row = body["results"][0]
    # (1000 − 200) × 50 %
    assert (row["number"], row["fund_amount"], row["cash_amount"]) == (
        claim.number,
        "400.00",
        "600.00",
    )
    assert "王建国" not in str(body)
    detail = as_user(cast.hospital_clerk).get(f"{LIST}/{claim.number}").json()
    assert detail == row


def test_others_see_nothing_of_it(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace, as_user: Any
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    for user in (cast.clerk_b, cast.other_officer):
        assert as_user(user).get(LIST).json()["count"] == 0
        assert as_user(user).get(f"{LIST}/{claim.number}").status_code == 404
    assert as_user(cast.cadre_a).get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


def test_it_only_reads(cast: SimpleNamespace, as_user: Any) -> None:
    assert as_user(cast.hospital_clerk).post(LIST, {}).status_code == 405
