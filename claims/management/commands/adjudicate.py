"""``manage.py adjudicate --policy FILE --cases CASES.jsonl``: decisions without a database."""

import json
import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.adjudication.sequence import settle_lines
from policies.loader import PackError, load_pack


class Command(BaseCommand):
    help = "按政策包逐行试算（JSON Lines 进，JSON Lines 出），不用数据库；说明见 docs/adjudicate.md"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--policy", required=True, type=Path, help="政策包文件（YAML）")
        parser.add_argument(
            "--cases", required=True, help="算例文件，每行一个 JSON；- 表示标准输入"
        )

    def handle(self, **options: Any) -> None:
        try:
            terms = load_pack(options["policy"])
        except PackError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"读不到政策包 {options['policy']}：{error.strerror}") from None
        wrong = 0
        with _opened(options["cases"]) as lines:
            for value in settle_lines(lines, terms):
                wrong += "error" in value
                self.stdout.write(json.dumps(value, ensure_ascii=False))
        if wrong:
            raise CommandError(f"有 {wrong} 行不能试算，见输出中的 error")


def _opened(name: str) -> Any:
    if name == "-":
        return nullcontext(sys.stdin)
    try:
        return Path(name).open(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"读不到算例 {name}：{error.strerror}") from None
