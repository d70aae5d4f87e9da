"""Print the hash of the county's content: the same for the same plan, whatever the keys."""

import hashlib
from typing import Any

from django.core.management.base import BaseCommand

from demo.fingerprint import fingerprints


class Command(BaseCommand):
    help = "打印演示县的内容指纹（不含编号、时间、密文），同一计划两次生成应相同"

    def handle(self, *args: Any, **options: Any) -> None:
        parts = [f"{name} {digest}" for name, digest in fingerprints()]
        for part in parts:
            self.stdout.write(part)
        self.stdout.write(f"全部 {hashlib.sha256(chr(10).join(parts).encode()).hexdigest()}")
