"""A one-time password when no security administrator can get in: the last way, at the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.passwords import reset_password


class Command(BaseCommand):
    help = "重置一个账号的密码，打印一次性密码（安全管理员都登录不了时在服务器上使用）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="用户名")
        parser.add_argument("--reason", required=True, help="事由，记入操作日志")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有用户名为 {options['username']} 的账号")
        password = reset_password(actor=None, user=user, reason=options["reason"])
        self.stdout.write(f"{user.username} {password}")
