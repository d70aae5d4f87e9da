"""王建国's stay of 1000 yuan, read as FHIR: (1000 − 200) × 50 % from the fund, the rest his own."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import simplejson

from claims.models import Settlement
from enrollment.models import Enrollment, Person
from gateway.fhir import names
from gateway.identifiers import psn_no
from tests.claims.conftest import TODAY, line
from tests.paying import pay

pytestmark = pytest.mark.django_db
Get = Callable[..., Any]


@pytest.fixture
def claim(counter: Callable[..., Settlement], wang: Person) -> Settlement:
    return counter(wang, line("X01", "100", "10"))


def exact(response: Any) -> Any:
    return simplejson.loads(response.content, use_decimal=True)


def test_the_claim_says_what_was_handed_in(
    get: Get, cast: SimpleNamespace, claim: Settlement, wang: Person
) -> None:
    found = exact(get(cast.hospital_clerk, f"Claim/{claim.number}"))
    assert (found["resourceType"], found["id"], found["status"]) == (
        "Claim", claim.number, "active",
    )  # fmt: skip
    assert found["total"] == {"value": Decimal("1000.00"), "currency": "CNY"}
    (item,) = found["item"]
    assert item["productOrService"]["coding"][0]["code"] == "X01"
    assert (item["net"]["value"], item["unitPrice"]["value"]) == (Decimal(1000), Decimal(10))
    assert found["patient"] == {"reference": f"Patient/{psn_no(wang)}"}
    assert found["provider"] == {
        "reference": "Organization/H50022500001", "display": "大足县人民医院",
    }  # fmt: skip
    assert found["diagnosis"][0]["diagnosisCodeableConcept"] == {
        "coding": [{"system": names.ICD_10, "code": "J18.9"}], "text": "肺炎",
    }  # fmt: skip
    assert found["billablePeriod"] == {"start": "2026-03-01", "end": "2026-03-09"}
    assert "王建国" not in str(found)


def test_amounts_are_written_as_they_stand_in_the_books(
    get: Get, cast: SimpleNamespace, claim: Settlement
) -> None:
    text = get(cast.hospital_clerk, f"Claim/{claim.number}").content.decode()
    assert '"total": {"value": 1000.00, "currency": "CNY"}' in text


def said(adjudications: list[Any], code: str) -> Any:
    """The one adjudication of this word."""
    (found,) = [one for one in adjudications if one["category"]["coding"][0]["code"] == code]
    return found


def told(adjudication: Any) -> dict[str, Any]:
    (article,) = adjudication["extension"]
    assert article["url"] == names.definition("measures-article")
    return {
        part["url"]: part.get("valueString") or part["valueMoney"]["value"]
        for part in article["extension"]
    }


def test_the_explanation_says_each_layer_and_step_with_its_article(
    get: Get, cast: SimpleNamespace, claim: Settlement
) -> None:
    found = exact(get(cast.auditor, f"ExplanationOfBenefit/{claim.number}"))
    layer = said(found["adjudication"], "basic")
    assert layer["amount"]["value"] == Decimal("400.00")
    assert told(layer)["article"].startswith("第二十三条(二)")
    step = said(found["adjudication"], "deductible")
    assert told(step) == {
        "measures": str(claim.pack),
        "article": "第二十三条(二)2",
        "sentence": claim.steps.get(code="deductible").sentence,
        "parameter": "200.00元",
        "before": Decimal("1000.00"),
    }
    assert step["amount"]["value"] == Decimal("800.00")
    assert said(found["adjudication"], "ratio")["amount"]["value"] == Decimal("400.00")
    amounts = {
        one["category"]["coding"][0]["code"]: one["amount"]["value"] for one in found["total"]
    }
    assert amounts["total_amount"] == Decimal(1000)
    assert amounts["cash_amount"] == Decimal(600)
    assert "payment" not in found and found["outcome"] == "queued"


def test_the_response_tells_of_the_payment_once_the_money_has_left(
    get: Get,
    cast: SimpleNamespace,
    claim: Settlement,
    agree: Callable[[Settlement], Settlement],
    book: Any,
) -> None:
    pay(actor=cast.cashier, settlements=[agree(claim)], on=TODAY, today=TODAY)
    found = exact(get(cast.hospital_clerk, f"ClaimResponse/{claim.number}"))
    assert (found["outcome"], found["disposition"]) == ("complete", "已支付")
    assert found["payment"]["date"] == "2026-03-20"
    assert found["payment"]["amount"]["value"] == Decimal("400.00")
    ours = get(cast.hospital_clerk, "ClaimResponse", {"payment-date": "2026-03-20"}).json()
    assert [one["resource"]["id"] for one in ours["entry"]] == [claim.number]


def test_the_cover_names_the_person_and_the_year(
    get: Get, cast: SimpleNamespace, claim: Settlement, wang: Person
) -> None:
    cover = Enrollment.objects.get(person=wang)
    number = names.coverage_id("500225", cover.pk)
    found = get(cast.hospital_clerk, f"Coverage/{number}").json()
    assert found["beneficiary"] == {"reference": f"Patient/{psn_no(wang)}"}
    assert found["period"] == {"start": "2026-01-01", "end": "2026-12-31"}
    assert (found["status"], found["class"][0]["name"]) == ("active", "二档")


def test_the_patient_is_masked_until_somebody_may_and_says_why(
    get: Get, cast: SimpleNamespace, claim: Settlement, wang: Person
) -> None:
    address = f"Patient/{psn_no(wang)}"
    found = get(cast.clerk_a, address).json()
    assert found["name"][0]["text"] == "王*国"
    assert found["birthDate"] == "1970"
    assert wang.resident_id not in str(found)
    clear = get(
        cast.clerk_a, address, **{"X-Reveal-Reason": "%E6%9C%AC%E4%BA%BA%E7%94%B3%E8%AF%B7"}
    )
    assert wang.resident_id in clear.content.decode()
    assert clear.json()["birthDate"] == "1970-05-01"
    refused = get(cast.hospital_clerk, address, **{"X-Reveal-Reason": "abc"})
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (403, "forbidden")
    without = get(cast.clerk_a, address, **{"X-Reveal-Reason": "a"})
    assert without.status_code == 400 and wang.resident_id not in without.content.decode()


def test_the_article_is_defined_at_its_address(get: Get, cast: SimpleNamespace) -> None:
    found = get(cast.auditor, "StructureDefinition/measures-article").json()
    assert found["url"] == names.definition("measures-article")
    assert found["type"] == "Extension"
