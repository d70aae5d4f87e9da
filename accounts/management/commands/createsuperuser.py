"""Refused: nobody is above the three administrators."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "本门户没有超级用户（三员分立）"

    def add_arguments(self, parser: Any) -> None:
        """Whatever Django's own takes: the answer is the same."""
        parser.add_argument("--noinput", "--no-input", action="store_true")
        parser.add_argument("--username")
        parser.add_argument("--database")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "本门户没有超级用户：系统管理员、安全管理员、审计管理员三员分立，没有人在三员之上。"
            "空库请用 open_county 建立县和三员账号；其他账号由系统管理员建立、安全管理员授权。"
        )
