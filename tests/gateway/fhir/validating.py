"""Whether a resource is as the official definitions say.

Checked: unknown elements, cardinality, lists and single values, types and their JSON form, choice
types, regular expressions of primitives, codes of required bindings, every code of a system that is
known whole, what a reference may lead to, and of the invariants ele-1, ext-1 and per-1. Not
checked: the other invariants (FHIRPath), profiles, narrative.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

NUMBERS = {"integer", "positiveInt", "unsignedInt"}
INNER = {"BackboneElement", "Element"}
SYSTEM = "http://hl7.org/fhirpath/System."
# The published expression backtracks without end over a picture.
BASE_64 = re.compile(r"[0-9a-zA-Z+/=\s]+")
REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(/_history/.+)?")
# Of systems that are not part of the definitions: how their codes look.
ELSEWHERE = {"urn:iso:std:iso:4217": re.compile(r"[A-Z]{3}")}


@dataclass
class Validator:
    """Made of what `official.definitions` gives."""

    known: Mapping[str, Any]
    # How often each was looked at: a validator that looks at nothing finds nothing.
    looked: dict[str, int] = field(default_factory=lambda: {"elements": 0, "codes": 0})

    @cached_property
    def _primitives(self) -> dict[str, re.Pattern[str]]:
        found = {}
        for name, rows in self.known["types"].items():
            value = [row for row in rows if row["path"] == f"{name}.value"]
            if name[:1].islower() and value and value[0]["types"]:
                # \S as the definitions mean it: a space without a break is a letter.
                regex = value[0]["types"][0]["regex"] or r"(?s).*"
                found[name] = re.compile(regex, re.ASCII)
        return found

    @cached_property
    def _children(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for rows in self.known["types"].values():
            for row in rows:
                parent, dot, _ = row["path"].rpartition(".")
                if dot:
                    found.setdefault(parent, []).append(row)
        return found

    def faults(self, resource: Any) -> list[str]:
        """Everything that is wrong with it, each with its place."""
        return list(self._resource(resource, ""))

    def _resource(self, value: Any, where: str) -> Iterator[str]:
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if kind not in self.known["types"] or kind[:1].islower():
            yield f"{where}: no resource: {str(value)[:60]}"
            return
        rest = {name: one for name, one in value.items() if name != "resourceType"}
        yield from self._object(rest, kind, where or kind)

    def _object(self, value: Any, path: str, where: str) -> Iterator[str]:
        if not isinstance(value, dict) or not value:
            yield f"{where}: no object: {str(value)[:60]}"
            return
        left = set(value)
        for row in self._children[path]:
            for name, kind in self._names(row):
                plain, beside = value.get(name), value.get(f"_{name}")
                if name not in value and f"_{name}" not in value:
                    continue
                left -= {name, f"_{name}"}
                yield from self._element(row, kind, plain, beside, f"{where}.{name}")
            yield from self._count(row, value, where)
        for name in sorted(left):
            yield f"{where}: unknown element {name}"
        if path == "Extension" and ("extension" in value) == any(
            name.removeprefix("_").startswith("value") for name in value
        ):
            yield f"{where}: ext-1, a value or extensions"
        if path == "Period" and {"start", "end"} <= set(value):
            length = min(len(value["start"]), len(value["end"]), 10)
            if value["start"][:length] > value["end"][:length]:
                yield f"{where}: per-1, ends before it starts"

    def _names(self, row: dict[str, Any]) -> list[tuple[str, dict[str, Any] | None]]:
        """Under which names the element may stand, each with its type."""
        name = row["path"].rpartition(".")[2]
        if not name.endswith("[x]"):
            return [(name, row["types"][0] if row["types"] else None)]
        stem = name.removesuffix("[x]")
        return [(f"{stem}{one['code'][:1].upper()}{one['code'][1:]}", one) for one in row["types"]]

    def _count(self, row: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
        names = [name for name, _ in self._names(row)]
        there = [name for name in names if name in value or f"_{name}" in value]
        if len(there) < min(row["min"], 1):
            yield f"{where}: {names[0]} is missing"
        if len(there) > 1:
            yield f"{where}: {there} at once"
        for name in there:
            many = value.get(name, value.get(f"_{name}"))
            if isinstance(many, list) and row["max"] != "*" and len(many) > int(row["max"]):
                yield f"{where}.{name}: {len(many)}, at most {row['max']}"
            if isinstance(many, list) and len(many) < row["min"]:
                yield f"{where}.{name}: {len(many)}, at least {row['min']}"

    def _element(
        self, row: dict[str, Any], kind: dict[str, Any] | None, plain: Any, beside: Any, where: str
    ) -> Iterator[str]:
        self.looked["elements"] += 1
        is_list = row["max"] not in {"0", "1"}
        for given in (one for one in (plain, beside) if one is not None):
            if isinstance(given, list) != is_list:
                yield f"{where}: {'a list' if is_list else 'no list'} wanted"
                return
            if given == []:
                yield f"{where}: an empty list"
        values = plain if is_list else [plain]
        for at, one in enumerate(values or []):
            here = f"{where}[{at}]" if is_list else where
            if one is not None:
                yield from self._value(row, kind, one, here)
            elif beside is None:
                yield f"{here}: null"
        for one in (beside if is_list else [beside]) if beside is not None else []:
            if one is not None:
                yield from self._object(one, "Element", f"{where} (beside)")

    def _value(
        self, row: dict[str, Any], kind: dict[str, Any] | None, value: Any, where: str
    ) -> Iterator[str]:
        if kind is None:
            yield from self._object(value, row["same_as"].removeprefix("#"), where)
            return
        code = kind["code"]
        if code.startswith(SYSTEM):
            code = "string"
        if row["path"].count(".") == 1 and row["path"].endswith(".id") and row["path"][0].isupper():
            code = "id" if "Resource" in self._ancestors(row["path"]) else "string"
        if code in self._primitives:
            yield from self._primitive(code, value, where)
        elif code in INNER:
            yield from self._object(value, row["path"], where)
        elif code == "Resource":
            yield from self._resource(value, where)
        else:
            yield from self._object(value, code, where)
        if isinstance(value, dict):
            yield from self._leads(kind, value, where)
            yield from self._coded(code, value, where)
        if row["required"]:
            yield from self._required(row["required"], value, where)

    def _ancestors(self, path: str) -> set[str]:
        """A resource has `meta`, a data type has none."""
        names = {row["path"].rpartition(".")[2] for row in self._children[path.partition(".")[0]]}
        return {"Resource"} if "meta" in names else set()

    def _primitive(self, code: str, value: Any, where: str) -> Iterator[str]:
        if code == "boolean":
            right = isinstance(value, bool)
        elif code in NUMBERS:
            right = type(value) is int
        elif code == "decimal":
            right = isinstance(value, Decimal) or type(value) is int
        else:
            right = isinstance(value, str)
        if not right:
            yield f"{where}: no {code} in JSON: {value!r:.60}"
            return
        text = str(value).lower() if code == "boolean" else str(value)
        pattern = BASE_64 if code == "base64Binary" else self._primitives[code]
        if not pattern.fullmatch(text):
            yield f"{where}: no {code}: {text[:60]!r}"

    def _leads(self, kind: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
        found = REFERENCE.fullmatch(str(value.get("reference", "")))
        if kind["code"] != "Reference" or not found or not kind["targets"]:
            return
        if found[1] not in kind["targets"] and "Resource" not in kind["targets"]:
            yield f"{where}: leads to {found[1]}, may to {kind['targets']}"

    def _coded(self, code: str, value: dict[str, Any], where: str) -> Iterator[str]:
        """A code of a system that is known whole is one of it."""
        words = self.known["systems"].get(value.get("system"))
        if code == "Coding" and words is not None and "code" in value:
            self.looked["codes"] += 1
            if value["code"] not in words:
                yield f"{where}: {value['system']} has no {value['code']}"

    def _required(self, address: str, value: Any, where: str) -> Iterator[str]:
        """A code, or one of the codings of a concept, is in the value set."""
        said = [(None, value)] if isinstance(value, str) else _codings(value)
        if not said:
            return
        self.looked["codes"] += 1
        if not any(self._within(address.partition("|")[0], *one) for one in said):
            yield f"{where}: {said} not in {address}"

    def _within(self, address: str, system: str | None, code: str) -> bool:
        compose = self.known["sets"].get(address)
        if compose is None:
            return True
        out = compose.get("exclude", [])
        if any(self._included(one, system, code) for one in out):
            return False
        return any(self._included(one, system, code) for one in compose.get("include", []))

    def _included(self, part: dict[str, Any], system: str | None, code: str) -> bool:
        sets = part.get("valueSet", [])
        if any(not self._within(one, system, code) for one in sets):
            return False
        if "system" not in part:
            return bool(sets)
        if system is not None and system != part["system"]:
            return False
        if "concept" in part:
            return code in {one["code"] for one in part["concept"]}
        words = self.known["systems"].get(part["system"])
        if words is None or "filter" in part:
            pattern = ELSEWHERE.get(part["system"])
            return pattern is None or bool(pattern.fullmatch(code))
        return code in words


def _codings(value: Any) -> list[tuple[str | None, str]]:
    many = value.get("coding", [value]) if isinstance(value, dict) else []
    return [(one.get("system"), one["code"]) for one in many if "code" in one]
