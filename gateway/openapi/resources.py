"""The FHIR service as OpenAPI, made of its kinds."""

from collections.abc import Mapping
from typing import Any

from gateway.fhir.kinds import Kind, kinds
from gateway.fhir.pages import COUNT, CURSOR, MOST, USUAL
from gateway.fhir.searching import Parameter

Json = dict[str, Any]
TAG = "FHIR R4（只读）"
MEDIA = "application/fhir+json"
_ID = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
_ERRORS = {
    "400": "参数不能识别或值不对",
    "401": "未登录或密钥不对",
    "403": "没有权限",
    "404": "没有，或不在可查看的范围内",
    "406": "只提供 JSON",
    "429": "请求过于频繁",
}


def paths(address: str) -> Json:
    """Reading and searching of every kind, and what describes the service."""
    found: Json = {
        f"{address}metadata": {"get": _described("metadata", "能力声明", "CapabilityStatement")}
    }
    name = "measures-article"
    found[f"{address}StructureDefinition/{name}"] = {
        "get": _described("article_definition", "扩展“办法条款”的定义", "StructureDefinition")
    }
    for kind in kinds().values():
        found[f"{address}{kind.name}"] = {"get": _search(kind)}
        found[f"{address}{kind.name}/{{id}}"] = {"get": _read(kind)}
    return found


def schemas() -> Json:
    """Each kind by its type and number; its elements are those of the official definitions."""
    found = {kind: _resource(kind) for kind in (*kinds(), "OperationOutcome")}
    found |= {kind: _resource(kind) for kind in ("CapabilityStatement", "StructureDefinition")}
    for kind in kinds():
        entry = {
            "type": "object",
            "properties": {
                "fullUrl": {"type": "string"},
                "resource": _ref(kind),
                "search": {"type": "object"},
            },
            "required": ["fullUrl", "resource"],
        }
        bundle = _resource("Bundle")
        bundle["properties"] |= {
            "type": {"type": "string", "enum": ["searchset"]},
            "link": {"type": "array", "items": {"type": "object"}, "minItems": 1},
            "entry": {"type": "array", "items": entry, "minItems": 1},
        }
        bundle["required"] = ["resourceType", "type", "link"]
        found[f"{kind}Bundle"] = bundle
    return found


def _resource(kind: str) -> Json:
    wanted = ["resourceType"] if kind in {"OperationOutcome", "CapabilityStatement"} else []
    return {
        "type": "object",
        "description": f"http://hl7.org/fhir/R4/{kind.lower()}.html",
        "properties": {"resourceType": {"type": "string", "enum": [kind]}, "id": _ID},
        "required": wanted or ["resourceType", "id"],
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(name: str, told: str, *errors: str) -> Json:
    def content(of: str) -> Json:
        return {MEDIA: {"schema": _ref(of)}}

    wrong = {
        status: {"description": _ERRORS[status], "content": content("OperationOutcome")}
        for status in errors
    }
    return {"200": {"description": told, "content": content(name)}} | wrong


def _described(name: str, told: str, kind: str) -> Json:
    return {
        "operationId": f"fhir_{name}",
        "summary": told,
        "tags": [TAG],
        "security": [],
        "responses": _answers(kind, told, "406"),
    }


def _asked(kind: Kind, what: str, told: str) -> Json:
    return {
        "operationId": f"fhir_{what}_{kind.name}",
        "summary": f"{told} {kind.name}（{kind.told}）",
        "tags": [TAG],
        "security": [{"client": []}, {"session": []}],
    }


def _read(kind: Kind) -> Json:
    where = {"name": "id", "in": "path", "required": True, "schema": _ID}
    errors = ("400", "401", "403", "404", "406", "429")
    return _asked(kind, "read", "读取") | {
        "parameters": [where],
        "responses": _answers(kind.name, kind.told, *errors),
    }


def _search(kind: Kind) -> Json:
    count = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    paging = [
        {"name": COUNT, "in": "query", "description": "每页条数", "schema": count},
        {
            "name": CURSOR,
            "in": "query",
            "description": "翻页标记，取自上一页的 next 链接",
            "schema": {"type": "string"},
        },
    ]
    errors = ("400", "401", "403", "406", "429")
    return _asked(kind, "search", "查询") | {
        "parameters": [*(_parameter(one) for one in kind.parameters.values()), *paging],
        "responses": _answers(f"{kind.name}Bundle", f"一页{kind.told}", *errors),
    }


def _parameter(one: Parameter) -> Mapping[str, Any]:
    return {
        "name": one.name,
        "in": "query",
        "description": f"{one.told}（{one.kind}）",
        "schema": {"type": "string", "minLength": 1, "maxLength": 120},
    }
