"""``manage.py premium``: what people pay, from a file, by the Dazu measures, without a database.

第十三条: first tier 100 元, second 200 元; 第十四条: 80 元 for everybody (40 central, 30 city, 10
county), 20 元 more for 五保对象 (county).
"""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import PACKS

TAN = {"key": "谭", "year": 2026, "birth_date": "1970-05-01", "tier": "tier1", "residence": "rural"}
CHEN = {
    "key": "陈",
    "year": 2026,
    "birth_date": "1950-05-01",
    "tier": "tier2",
    "residence": "rural",
    "statuses": ["wubao"],
    "late": {"paid_on": "2026-03-05", "gap_years": 2},
}


def answers(tmp_path: Path, *people: dict, encoding: str = "utf-8", wrong: bool = False) -> list:
    file = tmp_path / "参保人.jsonl"
    lines = "\n".join(json.dumps(each, ensure_ascii=False) for each in people)
    file.write_bytes(lines.encode(encoding))
    out = io.StringIO()

    def run() -> None:
        call_command("premium", policy=PACKS / "dazu.yaml", cases=str(file), stdout=out, stderr=out)

    if wrong:
        with pytest.raises(CommandError, match="行不能试算"):
            run()
    else:
        run()
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_two_people_with_their_articles(tmp_path, encoding):
    tan, chen = answers(tmp_path, TAN, CHEN, encoding=encoding)
    assert (tan["key"], tan["standard"], tan["personal"], tan["cash"]) == (
        "谭",
        "100.00",
        "20.00",
        "20.00",
    )
    assert tan["shares"] == {"central": "40.00", "city": "30.00", "county": "10.00"}
    assert tan["cover"] == {"from": "2026-01-01", "to": "2026-12-31"}
    assert (chen["standard"], chen["personal"], chen["subsidy"]) == ("200.00", "100.00", "100.00")
    assert chen["shares"] == {"central": "40.00", "city": "30.00", "county": "30.00"}
    assert [(part["name"], part["article"], part["amount"]) for part in chen["subsidies"]] == [
        ("普补", "第十四条(一)", "80.00"),
        ("特补", "第十四条(二)", "20.00"),
    ]
    assert [step["article"] for step in chen["steps"][:3]] == [
        "第十三条",
        "第十四条(一)",
        "第十四条(二)",
    ]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"tier": "tier9"}, "tier", "缴费档次“tier9”不在办法中，可用：一档、二档"),
        ({"year": 2040}, "year", "这份办法不管 2040 年度，它从 2012-01-01 到 2027-12-31"),
        ({"teir": "tier1"}, "teir", "不认识的字段“teir”"),
        ({"birth_date": "1970-02-30"}, "birth_date", "不是日期"),
        ({"statuses": ["rich"]}, "statuses", "办法没有这种人员身份：rich"),
        ({"late": {"gap_years": 1}}, "late.paid_on", "缺少“late.paid_on”"),
    ],
)
def test_what_cannot_be_answered_is_told_and_the_rest_is_answered(tmp_path, change, field, said):
    wrong, right = answers(tmp_path, TAN | change, CHEN, wrong=True)
    assert (wrong["error"]["line"], wrong["error"]["field"]) == (1, field)
    assert said in wrong["error"]["message"]
    assert right["personal"] == "100.00"


def test_one_household_one_tier(tmp_path):
    home = {"household": "一户"}
    first, second, other = answers(tmp_path, TAN | home, CHEN | home, CHEN, wrong=True)
    assert first["personal"] == "20.00" and other["personal"] == "100.00"
    assert second["error"]["message"] == (
        "同一家庭的所有成员须选择同一档次，现有一档、二档，请统一（第十六条(一)）。"
    )
