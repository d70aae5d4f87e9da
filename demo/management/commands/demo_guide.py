"""Tell a visitor of the demo county where to go and whom to sign in as."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.clock import today
from demo.guide import guide


class Command(BaseCommand):
    help = "打印演示县的地址、账户、密码和试用步骤"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", help="门户地址，默认取 HEZUO_BASE_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境没有演示账户（HEZUO_ENV=production）")
        address = options["address"] or settings.BASE_URL or "http://127.0.0.1:8000"
        self.stdout.write(guide(address=address, today=today()))
