"""Restore a backup: `script/restore` on the local server, `manage.py restore` in production."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from lib.sealing import SealError
from moving.keeping.passphrase import asked_words
from moving.keeping.restoring import check, opened, read_keys, restore
from moving.keeping.sets import asked_set, portal_keys, sets_in


class Command(BaseCommand):
    help = (
        "恢复备份到本部署的空数据库；--into 恢复到备用库；--check 恢复到临时库核验后删除。"
        "数据库里已有数据的，不覆盖。不写备份名称的，列出现有备份"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", nargs="?", help="备份的名称或目录；latest 为最近一份")
        parser.add_argument("--into", default="", metavar="备用库", help="新建这个数据库并恢复进去")
        parser.add_argument("--check", action="store_true", help="只核验：恢复、升级、核账、删除")
        parser.add_argument(
            "--keys", type=Path, metavar="文件", help="备份时的密钥文件（会问口令）"
        )
        parser.add_argument(
            "--keys-to",
            type=Path,
            metavar="文件",
            default=os.environ.get("HEZUO_SECRETS_FILE") or None,
            help="把密钥写进这个文件（变量名=值）；script/restore 自动写进 var/secrets.env",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stdout.write
        if not options["backup"]:
            for one in sets_in(Path(settings.BACKUPS_ROOT)):
                say(f"{one.name}  {one.size / 1024 / 1024:.1f} MB")
            return
        try:
            one = asked_set(options["backup"])
            keys = portal_keys()
            if options["keys"]:
                keys = read_keys(options["keys"], asked_words())
            backup = opened(one, keys)
            if options["check"]:
                check(backup, say)
                return
            into, keys_to = options["into"], options["keys_to"]
            if keys != portal_keys() and not into and keys_to is None:
                raise Refusal(
                    "备份用的密钥与本部署的不同：请用 --keys-to 文件 取出密钥，"
                    "写进部署的环境变量后再恢复（见 docs/operations.md）"
                )
            restore(backup, spare=into, keys_to=Path(keys_to) if keys_to else None, say=say)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        except SealError as error:
            raise CommandError(str(error)) from error
