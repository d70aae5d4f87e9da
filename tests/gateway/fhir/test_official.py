"""Official examples and the portal's own answers beside the official definitions."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import simplejson

from claims.models import Settlement
from enrollment.models import Enrollment, Person
from gateway.fhir import names
from gateway.identifiers import psn_no
from tests.claims.conftest import TODAY, line, stay
from tests.gateway.fhir.official import BESIDE, FINANCIAL
from tests.gateway.fhir.validating import Validator
from tests.paying import pay


def test_every_official_example_is_valid(official: Validator) -> None:
    """All of the financial module, of people and organizations, and of what tells of errors."""
    counted: Counter[str] = Counter()
    for text in official.known["examples"]:
        example = json.loads(text, parse_float=Decimal)
        assert official.faults(example) == [], example["id"]
        counted[example["resourceType"]] += 1
    assert sum(counted[kind] for kind in FINANCIAL) == 53
    assert {kind: counted[kind] for kind in BESIDE | {"Claim", "ClaimResponse", "Coverage"}} == {
        "Claim": 17, "ClaimResponse": 5, "Coverage": 4, "Organization": 13, "Patient": 22,
        "OperationOutcome": 6, "CapabilityStatement": 8,
    }  # fmt: skip
    assert official.looked["elements"] > 10_000 and official.looked["codes"] > 1_000


WRONG: dict[str, Callable[[Any], Any]] = {
    "an element that nobody knows": lambda claim: claim.update(colour="red"),
    "what must be there": lambda claim: claim.pop("use"),
    "what must be there, further in": lambda claim: claim["item"][0].pop("sequence"),
    "a list where one is wanted": lambda claim: claim.update(total=[claim["total"]]),
    "one where a list is wanted": lambda claim: claim.update(item=claim["item"][0]),
    "an empty list": lambda claim: claim.update(item=[]),
    "an empty object": lambda claim: claim.update(provider={}),
    "an empty text": lambda claim: claim["provider"].update(display=""),
    "two of a choice": lambda claim: claim["item"][0].update(
        servicedDate="2026-03-01", servicedPeriod={"start": "2026-03-01"}
    ),
    "a type that the choice does not have": lambda claim: claim["item"][0].update(
        servicedString="2026-03-01"
    ),
    "a number as text": lambda claim: claim["item"][0].update(sequence="1"),
    "a number below one": lambda claim: claim["item"][0].update(sequence=0),
    "no day": lambda claim: claim.update(created="2026-3-1"),
    "no id": lambda claim: claim.update(id="4_2"),
    "a code that is not of the required set": lambda claim: claim.update(status="paid"),
    "a code that its system does not have": lambda claim: claim["type"]["coding"][0].update(
        code="dental"
    ),
    "no currency": lambda claim: claim["total"].update(currency="yuan"),
    "a way to what it may not lead to": lambda claim: claim["patient"].update(
        reference="Coverage/1"
    ),
    "an extension that says nothing": lambda claim: claim.update(extension=[{"url": "a"}]),
    "an end before its start": lambda claim: claim.update(
        billablePeriod={"start": "2026-03-02", "end": "2026-03-01"}
    ),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_the_validator_sees(official: Validator, change: Callable[[Any], Any]) -> None:
    texts = (json.loads(text, parse_float=Decimal) for text in official.known["examples"])
    example = next(one for one in texts if one["resourceType"] == "Claim" and one["id"] == "960150")
    example["total"] = {"value": Decimal("1.00"), "currency": "CNY"}
    assert official.faults(example) == []
    change(example)
    assert len(official.faults(example)) >= 1


@pytest.mark.django_db
def test_what_the_portal_says_is_valid(
    official: Validator,
    get: Callable[..., Any],
    cast: SimpleNamespace,
    counter: Callable[..., Settlement],
    paper: Callable[..., Settlement],
    agree: Callable[[Settlement], Settlement],
    book: Any,
    wang: Person,
) -> None:
    claim = counter(wang, line("X01", "100", "10"), line("X09", "1", "50"), consent_signed=True)
    pay(actor=cast.cashier, settlements=[agree(claim)], on=TODAY, today=TODAY)
    elsewhere = paper(
        wang, "3000", visit=stay(date(2026, 2, 1), date(2026, 2, 5), referral="referred")
    )
    cover = names.coverage_id("500225", Enrollment.objects.get(person=wang).pk)
    asked = [
        f"{kind}/{one.number}"
        for kind in ("Claim", "ClaimResponse", "ExplanationOfBenefit")
        for one in (claim, elsewhere)
    ]
    asked += [f"Patient/{psn_no(wang)}", f"Coverage/{cover}", "Organization/H50022500001"]
    asked += ["Claim", "ExplanationOfBenefit?_count=1", "Patient", "Coverage", "Organization"]
    asked += ["metadata", "StructureDefinition/measures-article"]
    found = {address: get(cast.auditor, address) for address in asked}
    told = {
        address: simplejson.loads(one.content, use_decimal=True) for address, one in found.items()
    }
    assert {one.status_code for one in found.values()} == {200}
    for address, one in told.items():
        assert official.faults(one) == [], address
    for address in ("Claim?colour=red", "Nothing/1", "Claim/1", "Claim?created=x"):
        answer = get(cast.auditor, address)
        assert answer.status_code in {400, 404}
        assert official.faults(answer.json()) == []
