"""李察 reads the trail in Chinese; every code that is written has a name."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

import config.urls  # noqa: F401 - loads every workflow
from accounts.audit import record, snapshot
from accounts.models import AuditLine
from accounts.trail_names import ACTION_NAMES, SUBJECT_NAMES, actions_named
from accounts.trail_words import changes
from desk.workflow import WORKFLOWS
from enrollment.collection.models import BookEvent
from enrollment.people.models import RegisterEvent

ROOMS = ("accounts", "desk", "policies", "institutions", "funds", "enrollment", "claims",
         "supervision", "insured", "gateway", "reports", "moving")  # fmt: skip
WRITTEN = re.compile(
    r'(?:action=|ACTION = |ADDED = |(?:_?told|audit_line)\([a-z]+, [a-z_]+, )"([a-z]+\.[a-z_]+)"'
)
LIST_STEPS = re.compile(r'_tell\(actor, "([a-z_]+)"')


def test_every_code_that_the_rooms_write_has_a_name() -> None:
    root = Path(__file__).parents[2]
    sources = [path.read_text() for room in ROOMS for path in (root / room).rglob("*.py")]
    written = {code for text in sources for code in WRITTEN.findall(text)}
    written |= {f"enrollment.{code}" for text in sources for code in LIST_STEPS.findall(text)}
    written |= {
        f"{flow.room}.{step.event}" for flow in WORKFLOWS for step in flow.steps if step.permission
    }
    written |= {f"enrollment.event_{kind}" for kind in RegisterEvent.Kind.values}
    written |= {f"enrollment.book_{kind}" for kind in BookEvent.Kind.values}
    assert {"enrollment.link_line", "enrollment.upload_list", "claims.paid"} <= written
    unnamed = sorted(written - set(ACTION_NAMES))
    assert not unnamed, f"name these in accounts/trail_names.py (ACTION_NAMES): {unnamed}"


def test_every_named_subject_is_a_model() -> None:
    assert [label for label in SUBJECT_NAMES if apps.get_model(label) is None] == []


@pytest.mark.django_db
def cells(response: HttpResponse) -> str:
    """The page without the blanks between its tags."""
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), response.content.decode())


def test_the_page_and_the_file_speak_chinese(
    cast: SimpleNamespace, as_user: Callable[..., Client], tmp_path: Path
) -> None:
    before = snapshot(cast.clerk_a, ["name"])
    record(
        actor=cast.secadmin,
        action="accounts.assign_role",
        subject=cast.clerk_a,
        before=before,
        after=before | {"name": "陈秀瑛"},
    )
    client = as_user(cast.auditadmin)
    page = cells(client.get("/accounts/audit", {"action": "授权"}))
    assert "<td>授权</td><td>用户</td>" in page
    assert "<td>姓名</td><td>陈秀英</td><td>陈秀瑛</td>" in page
    assert "没有符合条件的记录" in client.get("/accounts/audit?action=红冲").content.decode()
    by_person = cells(client.get("/accounts/audit", {"user": cast.secadmin.name}))
    assert "<td>授权</td>" in by_person

    answer = client.post("/accounts/audit/export?action=授权", {"reason": "月度检查"})
    (tmp_path / "audit.xlsx").write_bytes(answer.getvalue())
    rows = list(load_workbook(tmp_path / "audit.xlsx").active.values)
    assert rows[1][4:6] == ("授权", "用户")


def test_part_of_a_name_finds_its_codes() -> None:
    assert actions_named("开票") == ["enrollment.take_payment"]


def test_nested_changes_are_told_in_chinese() -> None:
    """Members, statuses and enrolments stand in a window's line as rows and lists."""
    line = AuditLine(
        action="enrollment.save_entry",
        subject_type="enrollment.household",
        before=None,
        after={
            "address": "（已登记）",
            "members": [{"name": "陈*强", "relationship": "0", "sex": "1", "death_date": None}],
            "statuses": {"5": {"added": ["dibao"], "ended": []}},
            "enrollments": [{"year": 2026, "status": "pending", "personal_amount": "110.00"}],
            "changed": ["phone", "bank_account"],
        },
    )
    told = {name: after for name, _, after in changes(line)}
    assert told == {
        "住址": "（已登记）",
        "成员": "姓名 陈*强，与户主关系 户主，性别 男",
        "身份": "5 新增 低保",
        "参保登记": "参保年度 2026，状态 待缴费，个人缴费 110.00",
        "改动的项目": "电话、银行账号",
    }
    event = AuditLine(
        action="enrollment.event_death",
        subject_type="enrollment.registerevent",
        before={"person:5": {"death_date": None}},
        after={"person:5": {"death_date": "2026-03-10", "relationship": "1"}},
    )
    assert changes(event) == [("参保人 5", "", "死亡日期 2026-03-10，与户主关系 配偶")]


def test_every_column_of_the_trail_has_a_chinese_name() -> None:
    english = []
    for label in SUBJECT_NAMES:
        for column in apps.get_model(label)._meta.concrete_fields:
            if column.attname.endswith("_index") or column.attname in UNSEEN:
                continue
            line = AuditLine(action="x", subject_type=label, after={column.attname: "某"})
            (name, _, _) = changes(line)[0]
            if not re.search("[\u4e00-\u9fff]", name):
                english.append(f"{label}.{column.attname}")
    assert english == []


# Never kept: secrets, the register's own states, and what an event itself tells.
UNSEEN = {"session_stamp", "state", "before", "after", "password"}
