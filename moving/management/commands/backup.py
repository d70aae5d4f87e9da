"""Back up the county: `script/backup` on the local server, `manage.py backup` in production."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from lib.sealing import SealError
from moving.keeping.making import backup_keys, make_backup
from moving.keeping.passphrase import new_words
from moving.keeping.restoring import check, opened
from moving.keeping.sets import portal_keys


class Command(BaseCommand):
    help = (
        "备份数据库和扫描件（加密）到 HEZUO_BACKUPS_ROOT，并按保留规则删除旧的。"
        "密钥另外备份：--keys 目录"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="随即恢复到备用库核验这份备份")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="目录",
            help="只备份密钥，用口令加密，存到这个目录（不能与备份在一起）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stdout.write
        try:
            if options["keys"]:
                backup_keys(options["keys"], new_words(), say)
                return
            made = make_backup(say)
            if options["check"]:
                check(opened(made, portal_keys()), say)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except SealError as error:
            raise CommandError(str(error)) from error
