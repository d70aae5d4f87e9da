"""The program of a hospital reads its own claims by its credentials, and nobody else's."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from claims.models import Settlement
from enrollment.models import Person
from gateway.clients.models import Client
from gateway.identifiers import psn_no
from institutions.models import Institution
from tests.claims.conftest import line
from tests.gateway.programs import Program, a_client

pytestmark = pytest.mark.django_db


def ask(program: Program, path: str, given: Any = None, **how: Any) -> Any:
    query = urlencode(given or {})
    headers = program.signed(how.pop("signed", query).encode(), name=how.pop("name", path))
    return Browser().get(
        f"/{path}?{query}" if query else f"/{path}", headers=headers, REMOTE_ADDR=program.address
    )


@pytest.fixture
def program(cast: SimpleNamespace, hospital: Institution) -> Program:
    return Program.of(a_client(cast.secadmin, hospital))


@pytest.fixture
def other(cast: SimpleNamespace, township_hospital: Institution) -> Program:
    return Program.of(a_client(cast.secadmin, township_hospital))


def test_a_hospital_reads_its_own_and_another_nothing_of_it(
    program: Program, other: Program, counter: Callable[..., Settlement], wang: Person
) -> None:
    claim = counter(wang, line("X01", "100", "10"))
    single = [f"Claim/{claim.number}", f"ExplanationOfBenefit/{claim.number}"]
    single += [f"ClaimResponse/{claim.number}", f"Patient/{psn_no(wang)}"]
    for address in single:
        assert ask(program, f"fhir/r4/{address}").status_code == 200, address
        assert ask(other, f"fhir/r4/{address}").status_code == 404, address
    for kind in ("Claim", "ClaimResponse", "ExplanationOfBenefit", "Patient", "Coverage"):
        found = ask(program, f"fhir/r4/{kind}", {"_count": 5}).json()
        assert len(found["entry"]) == 1, kind
        assert "entry" not in ask(other, f"fhir/r4/{kind}").json(), kind
    named = ask(program, "fhir/r4/Claim", {"patient": psn_no(wang), "created": "ge2026-03-20"})
    assert [one["resource"]["id"] for one in named.json()["entry"]] == [claim.number]
    ours = ask(other, "fhir/r4/Organization").json()
    assert [one["resource"]["id"] for one in ours["entry"]] == ["H50022500101"]


def test_a_signature_fits_one_question(program: Program) -> None:
    path = "fhir/r4/Claim"
    assert ask(program, path, {"_count": 5}).status_code == 200
    for answer in (
        ask(program, path, {"_count": 5}, signed="_count=6"),
        ask(program, path, {"_count": 5}, signed=""),
        ask(program, path, name="fhir/r4/Patient"),
    ):
        assert answer.status_code == 401
        assert answer.json()["issue"][0]["code"] == "login"


def test_a_client_that_was_switched_off_or_asks_too_often_reads_nothing(program: Program) -> None:
    rows = Client.objects.filter(access_key=program.access_key)
    rows.update(per_minute=2)
    statuses = [ask(program, "fhir/r4/Claim").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    rows.update(is_active=False, per_minute=100)
    answer = ask(program, "fhir/r4/Claim")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (403, "forbidden")


def test_no_client_sees_a_person_in_the_clear(
    program: Program, counter: Callable[..., Settlement], wang: Person
) -> None:
    counter(wang, line("X01", "100", "10"))
    asks = Program(
        program.access_key, program.secret, headers={"X-Reveal-Reason": "%E6%9F%A5%E9%AA%8C"}
    )
    answer = ask(asks, f"fhir/r4/Patient/{psn_no(wang)}")
    assert answer.status_code == 403 and wang.resident_id not in answer.content.decode()
