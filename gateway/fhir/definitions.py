"""What describes the service itself: CapabilityStatement, and the definition of its extension."""

from collections.abc import Mapping

from gateway.fhir import names
from gateway.fhir.decided import ARTICLE
from gateway.fhir.kinds import Kind
from gateway.fhir.parts import Json

PUBLISHED = "2026-11-30"
FORMATS = ("application/fhir+json", "json")
# Part of `measures-article`: type, whether it must be there, what it says.
PARTS = (
    ("measures", "string", 1, "统筹区办法的名称和版本"),
    ("article", "string", 0, "所依据的条款"),
    ("sentence", "string", 0, "这一步的完整说明"),
    ("parameter", "string", 0, "所用参数（起付线、比例、限额等）"),
    ("before", "Money", 0, "这一步之前的金额"),
)


def capabilities(kinds: Mapping[str, Kind]) -> Json:
    """What is served, and by what it is searched."""
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{names.base()}/metadata",
        "status": "active",
        "date": PUBLISHED,
        "kind": "instance",
        "software": {"name": "Hezuo"},
        "implementation": {"description": "合作医疗报销信息（只读）", "url": names.base()},
        "fhirVersion": names.VERSION,
        "format": list(FORMATS),
        "rest": [
            {
                "mode": "server",
                "security": {
                    "description": "定点机构以接入客户端的密钥访问，只见本机构；"
                    "经办人员登录后按权限和区划访问"
                },
                "resource": [_resource(kind) for kind in kinds.values()],
            }
        ],
    }


def _resource(kind: Kind) -> Json:
    return {
        "type": kind.name,
        "documentation": kind.told,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [
            {"name": one.name, "type": one.kind, "documentation": one.told}
            for one in kind.parameters.values()
        ],
    }


def structures() -> dict[str, Json]:
    """The extensions of the portal's own, by name."""
    return {ARTICLE: _article()}


def _article() -> Json:
    slices = [one for name, kind, least, told in PARTS for one in _part(name, kind, least, told)]
    return {
        "resourceType": "StructureDefinition",
        "id": ARTICLE,
        "url": names.definition(ARTICLE),
        "version": "1.0.0",
        "name": "MeasuresArticle",
        "title": "办法条款",
        "status": "active",
        "date": PUBLISHED,
        "description": "一个支付层次或计算步骤依据统筹区办法的哪一条、怎样得出金额",
        "fhirVersion": names.VERSION,
        "kind": "complex-type",
        "abstract": False,
        "context": [
            {"type": "element", "expression": f"{kind}.adjudication"}
            for kind in ("ClaimResponse", "ExplanationOfBenefit")
        ],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                {"id": "Extension", "path": "Extension", "min": 0, "max": "1"},
                {
                    "id": "Extension.extension",
                    "path": "Extension.extension",
                    "slicing": {
                        "discriminator": [{"type": "value", "path": "url"}],
                        "rules": "closed",
                    },
                    "min": 1,
                },
                *slices,
                {
                    "id": "Extension.url",
                    "path": "Extension.url",
                    "fixedUri": names.definition(ARTICLE),
                },
                {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
            ]
        },
    }


def _part(name: str, kind: str, least: int, told: str) -> list[Json]:
    where = f"Extension.extension:{name}"
    return [
        {
            "id": where,
            "path": "Extension.extension",
            "sliceName": name,
            "short": told,
            "min": least,
            "max": "1",
        },
        {"id": f"{where}.extension", "path": "Extension.extension.extension", "max": "0"},
        {"id": f"{where}.url", "path": "Extension.extension.url", "fixedUri": name},
        {
            "id": f"{where}.value[x]",
            "path": "Extension.extension.value[x]",
            "min": 1,
            "type": [{"code": kind}],
        },
    ]
