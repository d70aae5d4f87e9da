"""Read an export of a county into this deployment, which must be migrated and empty."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from moving.leaving.reading import import_county


class Command(BaseCommand):
    help = "整县导入：把 export_county 的目录读进一个空的部署，核账通过才算数"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="导出的目录")
        parser.add_argument("--digest", default="", help="导出时记下的清单指纹")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import_county(options["folder"], digest=options["digest"], say=self.stdout.write)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
