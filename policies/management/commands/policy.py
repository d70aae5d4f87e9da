"""``manage.py policy check FILE …``: says in Chinese what is wrong with policy packs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.checker import check_overlaps
from policies.doubts import doubts_of
from policies.loader import PackError, load_pack
from policies.terms import Terms


class Command(BaseCommand):
    help = "检查政策包文件；说明见 docs/policy-packs.md"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="检查一个或几个政策包文件")
        check.add_argument("files", nargs="+", type=Path)

    def handle(self, **options: Any) -> None:
        loaded: list[tuple[str, Terms]] = []
        problems = 0
        for path in options["files"]:
            try:
                terms = load_pack(path)
            except PackError as error:
                problems += len(error.problems)
                for problem in error.problems:
                    self.stderr.write(str(problem))
                continue
            except OSError as error:
                raise CommandError(f"读不到 {path}：{error.strerror}") from None
            loaded.append((path.name, terms))
            self._describe(path, terms)
        for problem in check_overlaps(loaded):
            problems += 1
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"发现 {problems} 处问题")

    def _describe(self, path: Path, terms: Terms) -> None:
        self.stdout.write(
            f"{path.name}：{terms.area.name}《{terms.title}》第 {terms.version} 版，"
            f"{terms.valid_from} 至 {terms.valid_to}，待遇 {len(terms.benefits)} 项，"
            f"层次 {len(terms.layers)} 项，可用。"
        )
        for assumption in terms.assumptions:
            self.stdout.write(f"  待确认（{assumption.article}）：{assumption.text}")
        for doubt in doubts_of(terms, path.name):
            self.stdout.write(f"  请核对 {doubt}")
