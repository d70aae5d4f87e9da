"""The invariants (FHIRPath) of the official definitions, judged of what the portal tells as FHIR.

    pip install fhirpathpy
    DATABASE_URL=postgres://…/own_database python bench/fhir_invariants.py --role auditor

For development alone: no part of the portal and no test needs the engine. Needs what `fhir.py`
beside it needs. First the official examples of the kinds told here are judged, which must all
pass, and then each of them broken in one known way, which must be found (`BROKEN`): else the
engine judges nothing. Then `--pages` pages of each kind. Says of each invariant of weight
"error" how often it held; what the engine cannot read is named. Ends with an error when one does
not hold, or one that is broken is not found. ele-1 and ext-1 are judged by `fhir.py` already.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import fhir  # sets Django up
import fhirpathpy
from django.test import Client
from django.test.utils import setup_test_environment
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models

from accounts.models import User
from accounts.roles import Role
from gateway.fhir.kinds import kinds
from tests.gateway.fhir.official import definitions
from tests.gateway.fhir.validating import INNER, Validator

ELSEWHERE = {"ele-1", "ext-1"}
# `hasValue` is of FHIR and not of FHIRPath: the engine has none. What `trace` tells is not asked.
OPTIONS = {
    "traceFn": lambda *_: None,
    "userInvocationTable": {"hasValue": {"fn": lambda nodes: len(nodes) == 1, "arity": {0: []}}},
}
# What breaks an invariant of a kind that is told here.
BROKEN: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "Patient": ("pat-1", lambda one: one.update(contact=[{"gender": "male"}])),
    "Organization": ("org-1", lambda one: (one.pop("name", 0), one.pop("identifier", 0))),
    "Claim": ("per-1", lambda one: one.update(
        billablePeriod={"start": "2026-03-02", "end": "2026-03-01"})),
    "Coverage": ("per-1", lambda one: one.update(
        period={"start": "2026-03-02", "end": "2026-03-01"})),
}  # fmt: skip


@dataclass
class Judge:
    """Counts by invariant: held, did not, and those whose expression the engine cannot read."""

    validator: Validator
    held: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    unread: dict[str, str] = field(default_factory=dict)

    def resource(self, told: Any) -> list[str]:
        """The invariants that do not hold in it, with the place of each."""
        kind, found = told["resourceType"], []
        for key, expression, value, path in self._all(told, kind, self._roots(kind)):
            try:
                about = ResourceNode.create_node(value, path)
                holds = _ready(expression)(about, {"resource": told, "rootResource": told})
            except Exception as error:
                self.unread.setdefault(key, f"{path}: {error}"[:120])
                continue
            if holds in ([True], []):
                self.held[key] += 1
            else:
                self.wrong[key] += 1
                found.append(f"{key} at {path}: {expression}")
        return found

    def _roots(self, kind: str) -> list[Any]:
        (root,) = (row for row in self.validator.known["types"][kind] if row["path"] == kind)
        return list(root["invariants"])

    def _all(
        self, value: Any, path: str, invariants: list[Any]
    ) -> Iterator[tuple[str, str, Any, str]]:
        """Every invariant of an object and of what lies in it, with what it is about."""
        for key, expression in invariants:
            if key not in ELSEWHERE:
                yield key, expression, value, path
        if not isinstance(value, dict):
            return
        for row in self.validator._children.get(path, ()):
            for name, kind in self.validator._names(row):
                for one in _each(value.get(name)):
                    yield from self._inside(one, row, kind)

    def _inside(self, one: Any, row: Any, kind: Any) -> Iterator[tuple[str, str, Any, str]]:
        code = kind["code"] if kind else ""
        if code == "Resource":  # of a bundle, or contained
            yield from self._all(one, one["resourceType"], self._roots(one["resourceType"]))
            return
        if kind is None:
            path = row["same_as"].removeprefix("#")
        else:
            path = row["path"] if code in INNER or not isinstance(one, dict) else code
        own = {key: expression for key, expression in row["invariants"]}
        if path == code:
            own |= dict(self._roots(code))
        yield from self._all(one, path, list(own.items()))


@cache
def _ready(expression: str) -> Any:
    return fhirpathpy.compile(expression, models["r4"], OPTIONS)


def _each(value: Any) -> list[Any]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if one is not None]


def _engine_can(known: Mapping[str, Any]) -> int:
    """How often the engine is wrong about what is known: examples, and the same broken."""
    judge, failed, examples = Judge(Validator(known)), 0, 0
    told = set(kinds())
    for text in known["examples"]:
        example = json.loads(text)
        kind = example["resourceType"]
        if kind not in told:
            continue
        examples += 1
        wrong = judge.resource(example)
        failed += len(wrong)
        if wrong:
            print(f"example {example['id']}: {wrong[:2]}")
        if kind in BROKEN:
            key, spoil = BROKEN[kind]
            spoil(example)
            found = any(one.startswith(f"{key} ") for one in judge.resource(example))
            failed += not found
            if not found:
                print(f"example {example['id']}: {key} is broken and not found")
    print(f"{examples} official examples, {failed} of them misjudged")
    _say(judge)
    return failed


def _say(judge: Judge) -> None:
    for key in sorted(judge.held | judge.wrong):
        print(f"   {key}: held {judge.held[key]}, did not {judge.wrong[key]}")
    for key, why in sorted(judge.unread.items()):
        print(f"   {key}: not judged, {why}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", default=Role.AUDITOR.value)
    parser.add_argument("--pages", type=int, default=2)
    given = parser.parse_args()
    setup_test_environment()
    known = definitions()
    failed = _engine_can(known)
    user = User.objects.filter(role=given.role, is_active=True, must_change_password=False).first()
    assert user is not None, f"nobody works as {given.role}"
    client, judge, count = Client(), Judge(Validator(known)), 0
    client.force_login(user)
    for kind in kinds():
        for _, (bundle, _) in zip(range(given.pages), fhir.pages(client, kind), strict=False):
            plain = json.loads(fhir.simplejson.dumps(bundle, use_decimal=True))
            count += len(plain.get("entry", []))
            wrong = judge.resource(plain)
            failed += len(wrong)
            if wrong:
                print(kind, wrong[:3])
    print(f"{count} resources of the portal, {sum(judge.wrong.values())} invariants do not hold")
    _say(judge)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
