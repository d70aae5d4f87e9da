"""Input that no page of ours sends gets a refusal, never a fault."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from claims.models import Settlement
from enrollment.models import Person
from tests.claims.conftest import line

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def client(cast: SimpleNamespace, pack: object, catalogue: object, as_user: SignIn) -> Client:
    return as_user(cast.hospital_clerk)


def bill(person: Person, client: Client, **extra: Any) -> Any:
    number = person.resident_id
    page = client.post("/claims/enter/counter", {"action": "find", "resident_id": number})
    form = {
        "patient": page.context["token"],
        "action": "preview",
        "care": "inpatient",
        "starts": "2026-03-01",
        "ends": "2026-03-09",
        "diagnosis": "肺炎",
        "referral": "none",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-code": "X01",
        "lines-0-quantity": "1",
        "lines-0-unit_price": "10",
    }
    return client.post("/claims/enter/counter", form | extra)


@pytest.mark.parametrize(
    "extra",
    [
        {"action": "more-lines", "lines-TOTAL_FORMS": "x"},
        {"action": "more-lines", "lines-TOTAL_FORMS": "9" * 5000},
        {"action": "more-lines", "lines-TOTAL_FORMS": "-3"},
        {"lines-TOTAL_FORMS": "100000"},
        {"lines-TOTAL_FORMS": ""},
        {"lines-0-quantity": "NaN"},
        {"lines-0-quantity": "1e400"},
        {"lines-0-quantity": "-1"},
        {"lines-0-unit_price": "Infinity"},
        {"lines-0-unit_price": "-0.01"},
        {"lines-0-code": "甲" * 5000},
        {"lines-0-code": ["X01", "X02"]},
        {"starts": "0001-01-01"},
        {"ends": "9999-12-31"},
        {"care": "inpatient' OR 1=1 --"},
        {"diagnosis": "\u202e" * 100},
        {"facts": ["claimed_late", "no_such"]},
    ],
)
def test_a_bill_that_no_page_sends(client: Client, wang: Person, extra: dict[str, Any]) -> None:
    assert bill(wang, client, **extra).status_code == 200
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("token", ["x", "a:b:c", ":", "WzEsMV0:1tX:AAAA"])
def test_a_forged_patient_is_not_found(client: Client, token: str) -> None:
    for action in ("preview", "submit", ""):
        form = {"patient": token, "action": action}
        assert client.post("/claims/enter/counter", form).status_code == 404


def test_a_patient_looked_up_by_another_is_not_found(
    client: Client, wang: Person, cast: SimpleNamespace, as_user: SignIn
) -> None:
    number = {"action": "find", "resident_id": wang.resident_id}
    token = as_user(cast.clerk_a).post("/claims/enter/paper", number).context["token"]
    assert bill(wang, client, patient=token).status_code == 404


@pytest.mark.parametrize(
    "number", ["0", "-1", "9" * 18, "9" * 30, "9" * 5000, "x", "1 OR 1=1", "1.0", "٣", "", "1\0"]
)
def test_payment_of_ids_that_are_none(cast: SimpleNamespace, as_user: SignIn, number: str) -> None:
    client = as_user(cast.cashier)
    form = {"settlements": number, "paid_on": "2026-03-20"}
    assert client.post("/claims/payment", form).status_code < 500


def test_replacing_what_is_not_there(client: Client, wang: Person) -> None:
    for number in ("x", "9" * 30, "-1", "1.5"):
        assert bill(wang, client, replaces=number).status_code == 404, number
        assert client.get("/claims/enter/counter", {"from": number}).status_code == 404, number


def test_a_cut_form_with_numbers_that_are_none(
    cast: SimpleNamespace,
    wang: Person,
    counter: Callable[..., Settlement],
    as_user: SignIn,
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    reviewer = as_user(cast.reviewer)
    for amount in ("NaN", "-1", "1e99", "1000.001", "一百", "sNaN", "999999999999999"):
        form = {"cuts-1-approved_amount": amount, "cuts-1-reason": "x"}
        assert reviewer.post(f"/claims/{claim.pk}/cut", form).status_code == 200, amount
    claim.refresh_from_db()
    assert claim.status == "submitted"
