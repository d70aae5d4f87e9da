"""The worked county of docs/policy-packs.md, exactly as an officer would copy it together."""

import json
import re
from pathlib import Path

import pytest

from claims.adjudication.sequence import settle_lines
from policies.loader import load_text

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = (DOCS / "policy-packs.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", TUTORIAL, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def terms():
    return load_text("".join(block for block in BLOCKS[1:8]), "青山县.yaml")


def test_the_blocks_make_a_pack(terms):
    assert terms.area.name == "青山县"
    assert terms.assumptions == ()


def test_three_cases_give_the_amounts_of_the_table(terms):
    rows = re.findall(r"^\| ([一二三]) \|.*\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", TUTORIAL, re.M)
    assert len(rows) == 3
    found = [
        (value["key"], value["layers"]["basic"], value["layers"]["serious"], value["personal"])
        for value in settle_lines(BLOCKS[8].splitlines(), terms)
    ]
    assert found == rows


def test_the_case_of_the_command_page():
    page = (DOCS / "adjudicate.md").read_text("utf-8")
    case = re.findall(r"^```\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[1]
    pack = (DOCS.parent / "policies" / "packs" / "dazu.yaml").read_text("utf-8")
    line = json.dumps(json.loads(case))
    (value,) = settle_lines([line], load_text(pack, "大足.yaml"))
    assert f'it pays `"{value["fund_pay"]}"`' in page
