"""A command that answers a file of cases by a pack's file: JSON Lines in, JSON Lines out."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lib.encodings import decoded
from policies.loader import PackError, load_pack
from policies.terms import Terms


class LinesCommand(BaseCommand):
    """Without a database. A line that cannot be answered gives ``error`` and a status of 1."""

    requires_system_checks = ()

    def answers(self, lines: Iterable[str], terms: Terms, sha256: str) -> Iterator[dict[str, Any]]:
        """One value per line that is not blank, in their order; ``sha256`` of the pack's text."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--policy", required=True, type=Path, help="政策包文件（YAML）")
        parser.add_argument(
            "--cases", required=True, help="算例文件，每行一个 JSON；- 表示标准输入"
        )

    def handle(self, **options: Any) -> None:
        try:
            terms = load_pack(options["policy"])
            sha256 = hashlib.sha256(options["policy"].read_bytes()).hexdigest()
        except PackError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"读不到政策包 {options['policy']}：{error.strerror}") from None
        wrong = 0
        for value in self.answers(_lines(options["cases"]), terms, sha256):
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
