"""``manage.py adjudicate --policy FILE --cases CASES.jsonl``: decisions without a database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.adjudication.sequence import settle_lines
from lib.encodings import decoded
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
        for value in settle_lines(_lines(options["cases"]), terms):
            wrong += "error" in value
            text = json.dumps(value, ensure_ascii=False)
            # An error repeats what stood in the line, also half of a character.
            self.stdout.write(text.encode(errors="backslashreplace").decode())
        if wrong:
            raise CommandError(f"有 {wrong} 行不能试算，见输出中的 error")


def _lines(name: str) -> list[str]:
    """Of the file, in whichever encoding it was saved; "-" is the standard input."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return decoded(content).split("\n")  # a JSON text may hold the other signs that end lines
    except OSError as error:
        raise CommandError(f"读不到算例 {name}：{error.strerror}") from None
    except ValueError as error:
        raise CommandError(f"算例 {name}：{error}") from None
