"""What programs may ask: the document is OpenAPI, whole, and the pages say the same."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from jsonschema.validators import Draft4Validator

from accounts.models import User
from gateway.fhir.kinds import kinds
from gateway.interface.reading import spec_of
from gateway.openapi.document import document, operations
from gateway.transactions import TRANSACTIONS

pytestmark = pytest.mark.django_db


def _refs(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(_refs(one) for one in value.values()), set())
    return set().union(*(_refs(one) for one in value), set()) if isinstance(value, list) else set()


def test_the_document_holds_all_of_it_and_nothing_leads_nowhere() -> None:
    found = document()
    paths = set(found["paths"])
    assert {f"/gateway/api/{infno}" for infno in TRANSACTIONS} <= paths
    assert {f"/fhir/r4/{kind}" for kind in kinds()} <= paths
    assert {"/claims/api/settlements", "/claims/api/settlements/{number}"} <= paths
    schemas = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert _refs(found) <= schemas
    names = [one["operationId"] for path in found["paths"].values() for one in path.values()]
    assert len(names) == len(set(names)) == len(operations())


def test_a_message_is_held_to_its_table() -> None:
    """2201: what the tables want must be there, of the dictionary, short enough."""
    schema = document()["paths"]["/gateway/api/2201"]["post"]["requestBody"]
    (own,) = [
        one for one in schema["content"]["application/json"]["schema"]["allOf"] if "type" in one
    ]
    spec = spec_of("2201")
    assert spec is not None
    fields = spec.asks["data"].fields
    data = {name: _sample(field) for name, field in fields.items() if field.duty == "Y"}
    validator = Draft4Validator(own)
    assert list(validator.iter_errors({"input": {"data": data}})) == []
    for broken in ({"psn_no": "1" * 31}, {"insutype": "nothing"}, {"psn_no": 5}):
        assert list(validator.iter_errors({"input": {"data": data | broken}})), broken
    del data["psn_no"]
    assert list(validator.iter_errors({"input": {"data": data}}))


def _sample(field: Any) -> Any:
    if field.codes:
        return next(iter(field.codes))
    return {"date": "2026-03-01", "datetime": "2026-03-01 08:00:00"}.get(field.kind, "1")


def test_pages_and_document_are_for_who_may(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    for user in (cast.hospital_clerk, cast.supervisor, cast.auditor):
        page = as_user(user).get("/gateway/openapi").content.decode()
        assert "【2201】" in page and "/fhir/r4/Claim/{id}" in page
        one = as_user(user).get("/gateway/openapi/transaction_2201").content.decode()
        assert "psn_no" in one and "人员编号" in one
        told = as_user(user).get("/gateway/openapi.json").json()
        assert told["openapi"] == "3.0.3"
    assert as_user(cast.cashier).get("/gateway/openapi").status_code == 403
    assert as_user(cast.auditor).get("/gateway/openapi/none").status_code == 404
    assert Client().get("/gateway/openapi.json").status_code == 302


def test_it_tells_the_dictionary_the_condition_and_the_columns(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    """A field is not always called as its dictionary; a file has no head line of its own."""
    client = as_user(cast.hospital_clerk)
    asked = client.get("/gateway/openapi/transaction_3101").content.decode()
    assert "字典 hosp_lv：1 三级特等" in asked
    assert "没有填写规则标识集合 rule_ids时" in asked
    file = client.get("/gateway/openapi/transaction_1305").content.decode()
    assert "文件各列：1 医疗目录编码、" in file


def test_every_operation_has_its_page(
    cast: SimpleNamespace, as_user: Callable[[User], Client]
) -> None:
    client = as_user(cast.auditor)
    for name, one in operations().items():
        page = client.get(f"/gateway/openapi/{name}")
        assert page.status_code == 200 and one.title in page.content.decode(), name
