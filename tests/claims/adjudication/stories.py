"""Reads the money stories of tests/cases: what an officer wrote, as the engine's own values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from claims.adjudication import Case
from claims.adjudication.wire import read_case
from policies.loader import load_pack
from policies.terms import Terms

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests" / "cases"
PACKS = ROOT / "policies" / "packs"


class _Plain(yaml.SafeLoader):
    """YAML in which every plain value stays the text that was written; merges still work."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:merge"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def terms_of(pack: str) -> Terms:
    """A shipped pack, or one that stands beside the cases."""
    shipped = PACKS / f"{pack}.yaml"
    return load_pack(shipped if shipped.exists() else CASES / "packs" / f"{pack}.yaml")


@cache
def files() -> list[dict[str, Any]]:
    return [yaml.load(path.read_text("utf-8"), _Plain) for path in sorted(CASES.glob("*.yaml"))]


def listed(section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(pack, entry) for every entry of one section of every file."""
    for content in files():
        for entry in content.get(section, []):
            yield entry.get("pack", content["pack"]), entry


def case_of(
    member: dict[str, Any], entry: dict[str, Any], terms: Terms
) -> tuple[Case, dict[str, int]]:
    """The case of one visit of a story and the usage that the story states for it."""
    bill = entry["bill"]
    written = {
        "member": entry.get("member", member),
        "visit": entry["visit"],
        "bill": {"lines": bill} if isinstance(bill, list) else {"classes": bill},
        "used": entry.get("used", {}),
    }
    if "observation" in entry:
        written["observation"] = entry["observation"]
    return read_case(written, terms)


def sentences(decided: Any) -> str:
    """How a decision or a premium was come by, one step a line."""
    return "\n".join(step.sentence for step in decided.steps)
