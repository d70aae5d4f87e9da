"""``manage.py adjudicate`` from a file to lines, without a database."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

PACK = Path(__file__).resolve().parents[3] / "policies" / "packs" / "dazu.yaml"
CASE = {
    "member": {"person": "王", "birth_date": "1970-05-01", "tier": "tier2"},
    "visit": {"key": "一", "care": "inpatient", "level": "county", "starts": "2026-03-01"},
    "bill": {"classes": {"in_scope": "1000.00"}},
}


def run(*values, pack=PACK, tmp_path):
    cases = tmp_path / "算例.jsonl"
    text = "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values)
    cases.write_text(text, "utf-8")
    out = StringIO()
    call_command("adjudicate", policy=pack, cases=str(cases), stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_decision_per_line(tmp_path):
    found = run(CASE, CASE, tmp_path=tmp_path)
    assert [value["fund_pay"] for value in found] == ["400.00", "400.00"]
    assert found[1]["used_after"]["annual_paid"] == "800.00"


def test_a_wrong_line_fails_the_run(tmp_path):
    with pytest.raises(CommandError, match="有 1 行不能试算"):
        run(CASE, "{", tmp_path=tmp_path)


def test_a_wrong_pack_is_told(tmp_path):
    pack = tmp_path / "坏.yaml"
    pack.write_text("format: 1\n", "utf-8")
    with pytest.raises(CommandError, match="不认识的格式版本"):
        run(CASE, pack=pack, tmp_path=tmp_path)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(CommandError, match="读不到政策包"):
        run(CASE, pack=tmp_path / "无.yaml", tmp_path=tmp_path)
    with pytest.raises(CommandError, match="读不到算例"):
        call_command("adjudicate", policy=PACK, cases=str(tmp_path / "无"))
