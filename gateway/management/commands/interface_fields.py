"""Write the tables of the hospital interface as the document that hospitals' programmers read."""

from typing import Any

from django.core.management.base import BaseCommand

from gateway.openapi.fields import document


class Command(BaseCommand):
    help = "打印医院接口的字段表（docs/hospital-interface-fields.md 由它写成）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")
