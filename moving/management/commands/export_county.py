"""Write everything that is the county's into a folder, in open formats."""

from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Refusal
from accounts.models import User
from accounts.roles import ROLE_NAMES
from moving.keeping.making import noted
from moving.keeping.models import KeepingNote
from moving.leaving.hands import HANDS, Hand, agreed, note_export
from moving.leaving.writing import export_county


class Command(BaseCommand):
    help = (
        "整县导出：每个表一个 CSV，附说明、清单（SHA-256、行数）和扫描件。"
        "加密的列仍是密文；--open 由安全管理员和审计管理员两人输入密码后另附明文"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="新目录")
        parser.add_argument("--open", action="store_true", help="另附加密列的明文（两人到场）")
        parser.add_argument("--reason", default="", help="打开加密列的事由，记入操作日志")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].resolve()
        try:
            users = self._hands() if options["open"] else []
            note_export(users=users, folder=folder.name, reason=options["reason"])
            with noted(KeepingNote.Kind.EXPORT) as note:
                note.name = folder.name[:100]
                digest = export_county(folder, opens=bool(users), say=self.stdout.write)
                note.size = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
                note.told = f"{'含明文，' if users else ''}清单指纹 {digest}"
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

    def _hands(self) -> list[User]:
        users = []
        for role in HANDS:
            self.stdout.write(f"请{ROLE_NAMES[role]}本人输入：")
            try:
                users.append(agreed(role, Hand(input("用户名："), getpass("密码："))))
            except EOFError:
                raise Refusal("没有人回答：请两位管理员在终端前输入") from None
        return users
