"""The one document, and its operations as the page lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway.openapi import own, resources, transactions

Json = dict[str, Any]
VERSION = "1.0.0"
SECURITY = {
    "client": {
        "type": "http",
        "scheme": "signature",
        "description": "接入客户端：请求头写接入标识、时间、随机数和签名，只见本机构",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "门户登录，按角色权限和区划范围",
    },
}


@cache
def document() -> Json:
    """OpenAPI 3.0.3. Made once: code and tables do not change while the portal runs."""
    views = own.document()
    return {
        "openapi": "3.0.3",
        "info": {"title": "合作医疗门户接口", "version": VERSION},
        "paths": transactions.paths("/gateway/api/")
        | resources.paths("/fhir/r4/")
        | views["paths"],
        "components": {
            "schemas": transactions.schemas()
            | resources.schemas()
            | views.get("components", {}).get("schemas", {}),
            "securitySchemes": SECURITY,
        },
    }


@dataclass(frozen=True)
class Operation:
    """One line of the page."""

    group: str
    name: str
    title: str
    method: str
    address: str
    told: Json


@dataclass(frozen=True)
class Line:
    """One field of a message or parameter of an address, `where` the node or part it is in."""

    where: str
    name: str
    title: str
    kind: str
    must: bool
    choices: str
    when: str = ""


@cache
def operations() -> dict[str, Operation]:
    """By name, in the order of the document."""
    found = {}
    for address, methods in document()["paths"].items():
        for method, told in methods.items():
            one = Operation(
                told["tags"][0], told["operationId"], told["summary"], method.upper(), address, told
            )
            found[one.name] = one
    return found


def asked(one: Operation) -> list[Line]:
    """What is sent with it."""
    lines = [
        Line(
            {"path": "地址", "query": "参数"}[row["in"]],
            row["name"],
            row.get("description", ""),
            _kind(row["schema"]),
            row.get("required", False),
            "",
        )
        for row in one.told.get("parameters", [])
    ]
    body = one.told.get("requestBody", {}).get("content", {}).get("application/json")
    return lines + (list(_lines(body["schema"], "")) if body else [])


def answered(one: Operation) -> list[Line]:
    """What comes back when all is well, except of FHIR, whose elements are defined elsewhere."""
    content = one.told["responses"]["200"].get("content", {})
    found = content.get("application/json")
    return list(_lines(found["schema"], "")) if found else []


def _lines(schema: Json, where: str) -> Iterator[Line]:
    """Every field, depth first."""
    schema = _resolved(schema)
    for part in schema.get("allOf", []):
        yield from _lines(part, where)
    if schema.get("type") == "array":
        yield from _lines(schema["items"], f"{where}[]")
    for name, given in schema.get("properties", {}).items():
        inner = _resolved(given)
        rows = _resolved(inner["items"]) if inner.get("type") == "array" else inner
        if "properties" in rows or "allOf" in rows:
            yield from _lines(inner, f"{where}.{name}" if where else name)
            continue
        must = name in schema.get("required", [])
        named = inner.get("x-names", {})
        choices = "、".join(f"{code} {title}".strip() for code, title in named.items())
        if choices and "x-dictionary" in inner:
            choices = f"字典 {inner['x-dictionary']}：{choices}"
        title = inner.get("title") or inner.get("description", "")
        yield Line(where, name, title, _kind(inner), must, choices, inner.get("x-when", ""))


def _resolved(schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Json) -> str:
    if "oneOf" in schema:
        return "数值"
    kinds = {"integer": "整数", "number": "数值", "array": "列表", "boolean": "是否"}
    kind = kinds.get(schema.get("type", ""))
    if kind:
        return kind
    if schema.get("format") == "date":
        return "日期"
    longest = schema.get("maxLength")
    return f"字符 {longest}" if longest else "字符"
