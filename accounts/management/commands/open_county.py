"""The first thing in a new deployment: its county and the three administrators."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.opening import THREE, Administrator, Asked, open_county, refuse_open
from accounts.roles import ROLE_NAMES, Role

FORM = """county:
  code: "500225"           # 县的区划代码，6 位（GB/T 2260）
  name: 某县
  first_day: 2026-01-01    # 可不写，默认为今年 1 月 1 日
administrators:            # 三个不同的人
  system_admin:   {username: 小写字母和数字, name: 姓名}
  security_admin: {username: 小写字母和数字, name: 姓名}
  audit_admin:    {username: 小写字母和数字, name: 姓名}
"""


class Command(BaseCommand):
    help = "在空库中启用：建立县和三员账号，各打印一次性密码（只打印这一次，首次登录时须修改）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="从文件读取县和三员，不逐项询问")
        parser.add_argument("--form", action="store_true", help="打印 --file 的样式")
        parser.add_argument("--told", action="store_true", help="只说明启用到哪一步")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["form"]:
            self.stdout.write(FORM)
            return
        if options["told"]:
            self.stdout.write(_told())
            return
        try:
            asked = _read(options["file"]) if options["file"] else self._ask()
            passwords = open_county(asked)
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{asked.name}（{asked.code}）已启用。一次性密码，只显示这一次：")
        for role in THREE:
            one = asked.administrators[role]
            self.stdout.write(f"{ROLE_NAMES[role]} {one.name} {one.username} {passwords[role]}")
        self.stdout.write("请分别交给三员本人；首次登录时须改成自己的密码。")

    def _ask(self) -> Asked:
        """From whoever sits at the server. Raises Refusal before asking where users exist."""
        refuse_open()
        code = self._answer("县的区划代码（6 位，GB/T 2260）")
        name = self._answer("县的名称")
        three = {}
        for role in THREE:
            username = self._answer(f"{ROLE_NAMES[role]}的用户名（小写字母、数字）")
            three[role] = Administrator(username, self._answer(f"{ROLE_NAMES[role]}的姓名"))
        return Asked(code, name, date(today().year, 1, 1), three)

    def _answer(self, question: str) -> str:
        try:
            return input(f"{question}：").strip()
        except EOFError:
            raise CommandError(
                "没有人回答：请在终端里运行，或用 --file 指定文件（--form 打印样式）"
            ) from None


def _told() -> str:
    county = Division.objects.filter(level=Division.Level.COUNTY).order_by("code").first()
    if not User.objects.exists() or county is None:
        return (
            "这是空库。请在另一个终端运行 script/manage open_county，建立县和三员账号；"
            "然后登录，照 docs/opening.md 逐项办理。"
        )
    return f"{county.name}已启用；请用自己的账号登录。"


def _read(file: Path) -> Asked:
    """Raises Refusal, naming what cannot be read."""
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(f"读不出文件 {file}：{error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise Refusal(f"文件 {file} 的写法不对，样式见 open_county --form") from None
    county, people = _part(told, "county"), _part(told, "administrators")
    first_day = county.get("first_day", date(today().year, 1, 1))
    if type(first_day) is not date:
        raise Refusal("county 的 first_day 应为 年-月-日，如 2026-01-01")
    three = {}
    for role in map(Role, people.keys() & {role.value for role in THREE}):
        one = _part(people, role.value)
        three[role] = Administrator(_text(one, "username"), _text(one, "name"))
    return Asked(_text(county, "code"), _text(county, "name"), first_day, three)


def _part(told: Any, name: str) -> dict[str, Any]:
    part = told.get(name) if isinstance(told, dict) else None
    if not isinstance(part, dict):
        raise Refusal(f"文件缺少 {name} 一节，样式见 open_county --form")
    return part


def _text(part: dict[str, Any], name: str) -> str:
    """A code in plain digits is a number to YAML: its digits are the same, since none begins with
    zero (GB/T 2260 begins at 11)."""
    return str(part.get(name) or "").strip()
