"""``manage.py policy check FILE …`` and ``policy probe FILE …``: what is wrong with policy packs.

The command stands in the room of claims, for a probe settles claims.
"""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.probing import COARSE, FULL, KINDS, Finding, probe
from claims.probing.saying import yuan
from policies.checker import check_overlaps
from policies.doubts import doubts_of
from policies.loader import PackError, load_pack
from policies.terms import Terms


class Command(BaseCommand):
    help = "检查、探查政策包文件；说明见 docs/policy-packs.md"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        check = actions.add_parser("check", help="检查一个或几个政策包文件")
        probed = actions.add_parser(
            "probe", help="用编造的费用试遍各种情形，列出办法不会有意写成的结果"
        )
        probed.add_argument("--coarse", action="store_true", help="试得少些，快些")
        for each in (check, probed):
            each.add_argument("files", nargs="+", type=Path)

    def handle(self, **options: Any) -> None:
        loaded, problems = self._read(options["files"])
        if options["action"] == "check":
            problems += self._check(loaded)
        if problems:
            raise CommandError(f"发现 {problems} 处问题")
        if options["action"] == "probe":
            for path, terms in loaded:
                self._probe(path, terms, coarse=options["coarse"])

    def _read(self, files: Sequence[Path]) -> tuple[list[tuple[Path, Terms]], int]:
        loaded: list[tuple[Path, Terms]] = []
        problems = 0
        for path in files:
            try:
                loaded.append((path, load_pack(path)))
            except PackError as error:
                problems += len(error.problems)
                for problem in error.problems:
                    self.stderr.write(str(problem))
            except OSError as error:
                raise CommandError(f"读不到 {path}：{error.strerror}") from None
        return loaded, problems

    def _check(self, loaded: Sequence[tuple[Path, Terms]]) -> int:
        for path, terms in loaded:
            self._describe(path, terms)
        overlaps = check_overlaps([(path.name, terms) for path, terms in loaded])
        for problem in overlaps:
            self.stderr.write(str(problem))
        return len(overlaps)

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

    def _probe(self, path: Path, terms: Terms, *, coarse: bool) -> None:
        began = time.perf_counter()
        done = probe(terms, COARSE if coarse else FULL)
        seconds = time.perf_counter() - began
        self.stdout.write(
            f"{path.name}：试了 {done.situations:,} 种情形，结算 {done.settled:,} 笔，"
            f"用时 {seconds:.1f} 秒，列出 {len(done.findings)} 处"
        )
        for kind, found in groupby(done.findings, key=lambda each: each.kind):
            self.stdout.write(f"【{KINDS[kind]}】")
            for finding in found:
                self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        cited = f"（{finding.article}）" if finding.article else ""
        self.stdout.write(f"  {finding.title}{cited}")
        if finding.example is None:
            return
        self.stdout.write(f"    最小的例子：{finding.example.person}")
        for what, cost, fund, personal in finding.example.claims:
            self.stdout.write(
                f"      {what} 费用 {yuan(cost)} 元，基金支付 {yuan(fund)} 元，"
                f"个人负担 {yuan(personal)} 元"
            )
        for step in finding.example.steps:
            self.stdout.write(f"        {step}")
