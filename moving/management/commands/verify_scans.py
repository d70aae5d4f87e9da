"""``manage.py verify_scans``: every scanned page and every photo that proves something is there and
is what it was when it came. It stands above the rooms that keep such files."""

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.paper_intake.scans import altered_scans
from supervision.photos import altered_among
from supervision.proof_files import proof_models


class Command(BaseCommand):
    help = "核对扫描件、检查照片、张贴照片、宣传照片和证据扫描件：文件是否还在，是否与上传时一致"

    def handle(self, **options: Any) -> None:
        wrong = 0
        kept = (altered_among(model) for model in proof_models())
        for said in chain(altered_scans(), *kept):
            self.stdout.write(said)
            wrong += 1
        if wrong:
            raise CommandError(f"{wrong} 个扫描件、照片有问题")
        self.stdout.write("扫描件和照片齐全，与上传时一致")
