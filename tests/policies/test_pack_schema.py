"""The JSON Schema that editors use says the same as the reader: no key more, no key less."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.policies.test_pack_problems import FULL

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "policy-pack.schema.json").read_text("utf-8"))
PACKS = [
    *sorted((ROOT / "policies" / "packs").glob("*.yaml")),
    *sorted((ROOT / "tests" / "cases" / "packs").glob("*.yaml")),
]


class EditorYaml(yaml.SafeLoader):
    """YAML 1.2 as editors read it: ``on`` and ``no`` are words, not truth values."""


EditorYaml.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def errors(text):
    value = json.loads(json.dumps(yaml.load(text, EditorYaml)))
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(value)]


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_shipped_packs_fit(path):
    found = errors(path.read_text("utf-8"))
    assert not found, f"say in docs/policy-pack.schema.json what a pack may: {found}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ratio: 60%", "ratio: 0.6"),
        ("    kind: scheme\n", "    kind: magic\n"),
        ("title: 试验办法\n", ""),
        ("    visits: stays\n", "    visit: stays\n"),
        ("when: {visit: 2}", "when: {moon: full}"),
        ('starts: "01-01"', "starts: 一月"),
    ],
)
def test_mistakes_are_underlined(old, new):
    assert FULL.count(old) == 1
    assert errors(FULL) == []
    assert errors(FULL.replace(old, new))
