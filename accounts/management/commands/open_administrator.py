"""The first of the three administrators in a new portal: nobody is there yet who could."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from accounts.passwords import open_administrator
from accounts.roles import ADMINISTRATORS, Role


class Command(BaseCommand):
    help = "建立三员账号，打印一次性密码（首次登录时须修改）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=sorted(ADMINISTRATORS), help="角色")
        parser.add_argument("username", help="用户名")
        parser.add_argument("name", help="姓名")
        parser.add_argument("--note", default="", help="同名说明：同名的人已有岗位、确是另一个人")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            password = open_administrator(
                role=Role(options["role"]),
                username=options["username"],
                name=options["name"],
                other_person=options["note"],
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{options['username']} {password}")
