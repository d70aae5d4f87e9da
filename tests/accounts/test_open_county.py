"""An empty deployment gets its county and its three administrators, once."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.clock import today
from accounts.models import AuditLine, Division, User
from accounts.roles import Role

GIVEN = """
county: {code: "510199", name: 石桥县, first_day: 2026-01-01}
administrators:
  system_admin: {username: linxt, name: 林晓童}
  security_admin: {username: sunaq, name: 孙安琪}
  audit_admin: {username: lishen, name: 李慎行}
"""


def opened(text: str, folder: Path) -> list[str]:
    file = folder / "county.yaml"
    file.write_text(text, encoding="utf-8")
    output = io.StringIO()
    call_command("open_county", file=file, stdout=output)
    return output.getvalue().splitlines()


def refused(text: str, folder: Path) -> str:
    with pytest.raises(CommandError) as told:
        opened(text, folder)
    assert not User.objects.exists() and not Division.objects.exists()
    return str(told.value)


def test_a_county_and_three_administrators_who_must_choose_a_password(
    db: None, tmp_path: Path
) -> None:
    head, *three, _ = opened(GIVEN, tmp_path)
    assert head.startswith("石桥县（510199）已启用")
    county = Division.objects.get()
    assert (county.code, county.level, county.first_day) == ("510199", "county", date(2026, 1, 1))
    told = [line.split() for line in three]
    assert [line[:3] for line in told] == [
        ["系统管理员", "林晓童", "linxt"],
        ["安全管理员", "孙安琪", "sunaq"],
        ["审计管理员", "李慎行", "lishen"],
    ]
    client = Client()
    client.post("/sign-in", {"username": "sunaq", "password": told[1][3]})
    assert client.get("/")["Location"] == "/password"
    assert User.objects.get(username="sunaq").role == Role.SECURITY_ADMIN
    line = AuditLine.objects.get(action="accounts.open_county")
    assert (line.user_name, line.division_code) == ("系统", "510199")
    secrets = [line[3] for line in told]
    kept = str(list(AuditLine.objects.values())) + str(list(User.objects.values()))
    assert not [secret for secret in secrets if secret in kept], "kept nowhere"


def test_a_deployment_is_opened_once(db: None, tmp_path: Path) -> None:
    opened(GIVEN, tmp_path)
    with pytest.raises(CommandError, match="已有用户，这个门户已经启用"):
        opened(GIVEN.replace("510199", "510198"), tmp_path)
    assert Division.objects.count() == 1 and User.objects.count() == 3


@pytest.mark.parametrize(
    ("was", "typed", "told"),
    [
        ('"510199"', '"51019"', "区划代码“51019”应为 6、9、12 或 14 位"),
        ('"510199"', '"510199001"', "县的区划代码应为 6 位数字"),
        ("石桥县", "''", "请写明县的名称"),
        ("linxt", "Lin", "系统管理员的用户名“Lin”：小写字母开头"),
        ("孙安琪", "林晓童", "三员的姓名有相同的"),
        ("孙安琪", "林 晓童", "三员的姓名有相同的"),
        ("孙安琪", "孙安琪2", "安全管理员的姓名“孙安琪2”第 4 个字“2”"),
        ("sunaq", "linxt", "三员的用户名有相同的"),
        ("audit_admin: {username: lishen, name: 李慎行}", "", "缺少审计管理员的用户名或姓名"),
        ("2026-01-01", "今年", "first_day 应为 年-月-日"),
        ("county:", "县:", "文件缺少 county 一节"),
        ("county:", "county: [", "写法不对"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(
    db: None, tmp_path: Path, was: str, typed: str, told: str
) -> None:
    assert told in refused(GIVEN.replace(was, typed, 1), tmp_path)


def test_a_code_without_quotes_is_the_same_code(db: None, tmp_path: Path) -> None:
    opened(GIVEN.replace('"510199"', "510199").replace(", first_day: 2026-01-01", ""), tmp_path)
    county = Division.objects.get()
    assert (county.code, county.first_day) == ("510199", date(today().year, 1, 1))


def test_the_command_asks_who_sits_at_the_server(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["510199", "石桥县", "linxt", "林晓童", "sunaq", "孙安琪", "lishen", "李慎行"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    output = io.StringIO()
    call_command("open_county", stdout=output)
    assert "审计管理员 李慎行 lishen" in output.getvalue()


def test_without_a_terminal_it_says_what_to_do(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="用 --file 指定文件"):
        call_command("open_county")
    with pytest.raises(CommandError, match=r"读不出文件 .*nowhere\.yaml"):
        call_command("open_county", file=Path("nowhere.yaml"))


def test_its_own_form_is_one_that_it_reads(db: None, tmp_path: Path) -> None:
    output = io.StringIO()
    call_command("open_county", form=True, stdout=output)
    form = output.getvalue()
    for role, name in (("system", "林晓童"), ("security", "孙安琪"), ("audit", "李慎行")):
        form = form.replace("小写字母和数字", f"{role}01", 1).replace(
            "name: 姓名}", f"name: {name}}}", 1
        )
    assert opened(form, tmp_path)[0].startswith("某县（500225）已启用")


def test_how_far_it_is_is_told_at_the_start(db: None, tmp_path: Path) -> None:
    output = io.StringIO()
    call_command("open_county", told=True, stdout=output)
    opened(GIVEN, tmp_path)
    call_command("open_county", told=True, stdout=output)
    empty, open_ = output.getvalue().splitlines()
    assert empty.startswith("这是空库") and "open_county" in empty
    assert open_.startswith("石桥县已启用")


def test_there_is_no_superuser(db: None) -> None:
    with pytest.raises(CommandError, match="三员分立"):
        call_command("createsuperuser", username="root", no_input=True)
    assert not User.objects.exists()
