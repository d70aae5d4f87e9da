"""``manage.py verify_scans``: every scanned page is there and is what it was when it came."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.paper_intake.scans import altered_scans


class Command(BaseCommand):
    help = "核对扫描件：文件是否还在，是否与上传时一致"

    def handle(self, **options: Any) -> None:
        wrong = 0
        for said in altered_scans():
            self.stdout.write(said)
            wrong += 1
        if wrong:
            raise CommandError(f"{wrong} 个扫描件有问题")
        self.stdout.write("扫描件齐全，与上传时一致")
