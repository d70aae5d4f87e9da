"""Give the application's database role its rights; `migrate` does so by itself."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.granting import grant_rights


class Command(BaseCommand):
    help = "按各表的声明给应用的数据库角色授权（以表的所有者运行；可重复运行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", nargs="?", default=settings.DATABASE_ROLE)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["role"]:
            raise CommandError("请写明应用的数据库角色，或设置 HEZUO_DATABASE_ROLE")
        try:
            grant_rights(options["role"])
        except (LookupError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已授权给 {options['role']}")
