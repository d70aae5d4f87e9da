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


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("gbk"),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["mark", "utf-16", "utf-16-be", "gbk", "windows"],
)
def test_cases_are_read_in_every_encoding(saved, tmp_path):
    """Two claims of 1 000.00 of 王: the first is not lost, so the second finds its 400.00 used."""
    cases, out = tmp_path / "算例.jsonl", StringIO()
    text = "\n".join(json.dumps(CASE, ensure_ascii=False) for _ in range(2))
    cases.write_bytes(saved(text))
    call_command("adjudicate", policy=PACK, cases=str(cases), stdout=out)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["key"], first["fund_pay"]) == ("一", "400.00")
    assert second["used_after"]["annual_paid"] == "800.00"


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b'{"member": "\x00"}', b"\xff\xff\xff"])
def test_what_is_no_text_is_told(content, tmp_path):
    cases = tmp_path / "算例.jsonl"
    cases.write_bytes(content)
    with pytest.raises(CommandError, match="无法识别文件编码，请另存为 UTF-8"):
        call_command("adjudicate", policy=PACK, cases=str(cases))


def test_half_a_character_is_told_not_printed(tmp_path):
    cases, out = tmp_path / "算例.jsonl", StringIO()
    cases.write_text(json.dumps(CASE | {"\ud800": 1}) + "\n" + json.dumps(CASE), "utf-8")
    with pytest.raises(CommandError, match="有 2 行不能试算"):
        call_command("adjudicate", policy=PACK, cases=str(cases), stdout=out)
    out.getvalue().encode()


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
