"""Who is let in, and that nobody gets a page or a redirect instead of an OperationOutcome."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role, may

pytestmark = pytest.mark.django_db
KINDS = ("Patient", "Coverage", "Organization", "Claim", "ClaimResponse", "ExplanationOfBenefit")
TYPE = "application/fhir+json; charset=utf-8"


def told(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == TYPE
    found = response.json()
    assert found["resourceType"] == "OperationOutcome"
    return response.status_code, found["issue"][0]["code"]


@pytest.mark.parametrize("address", [*KINDS, *(f"{kind}/1" for kind in KINDS)])
def test_a_stranger_is_told_to_sign_in(address: str) -> None:
    assert told(Client().get(f"/fhir/r4/{address}")) == (401, "login")


def test_each_role_reads_what_the_table_allows(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    users = {one.role: one for one in vars(cast).values() if isinstance(one, User)}
    for role in Role:
        client = as_user(users[role])
        for kind in KINDS:
            answer = client.get(f"/fhir/r4/{kind}")
            if may(role, "claims.view"):
                assert answer.status_code == 200, (role, kind)
            else:
                assert told(answer) == (403, "forbidden"), (role, kind)


def test_what_is_open_says_nothing_of_anybody() -> None:
    for address in ("metadata", "StructureDefinition/measures-article"):
        assert Client().get(f"/fhir/r4/{address}").status_code == 200


def test_it_only_reads(cast: SimpleNamespace, as_user: Callable[[User], Client]) -> None:
    for method in ("post", "put", "patch", "delete"):
        for address in ("Claim", "Claim/1", "metadata", "none/of/it"):
            answer = getattr(as_user(cast.auditor), method)(f"/fhir/r4/{address}")
            assert told(answer) == (405, "not-supported")
            assert answer["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "address,status",
    [
        ("Nothing", 404),
        ("Nothing/1", 404),
        ("Claim/1", 404),
        ("Claim/1/_history/1", 404),
        ("StructureDefinition/none", 404),
        ("", 404),
        ("Claim/", 404),
        ("Claim/%00", 404),
        ("Claim?identifier=%00", 400),
        ("Claim?_format=xml", 406),
        ("?" + "&".join(f"a{at}=1" for at in range(1100)), 413),
    ],
)
def test_errors_are_outcomes(
    cast: SimpleNamespace, as_user: Callable[[User], Client], address: str, status: int
) -> None:
    assert told(as_user(cast.auditor).get(f"/fhir/r4/{address}"))[0] == status


def test_another_format_is_not_spoken(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    client = as_user(cast.auditor)
    xml = client.get("/fhir/r4/Claim", headers={"accept": "application/fhir+xml"})
    assert told(xml) == (406, "not-supported")
    for accepted in ("application/json", "text/html,*/*;q=0.8", "application/fhir+json"):
        assert client.get("/fhir/r4/Claim", headers={"accept": accepted}).status_code == 200
    assert client.get("/fhir/r4/Claim?_format=application/fhir%2Bjson").status_code == 200


def test_who_still_has_to_choose_a_password_is_told_so(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    User.objects.filter(pk=cast.auditor.pk).update(must_change_password=True)
    assert told(as_user(cast.auditor).get("/fhir/r4/Claim")) == (403, "forbidden")


def test_a_fault_of_the_portal_is_an_outcome_too(
    cast: SimpleNamespace, as_user: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.fhir.views.reader", lambda request: 1 // 0)
    client = as_user(cast.auditor)
    client.raise_request_exception = False
    assert told(client.get("/fhir/r4/Claim")) == (500, "exception")
