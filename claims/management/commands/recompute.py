"""``manage.py recompute NUMBER``: a settlement decided again from what it was decided from;
``manage.py recompute --year YEAR``: all that stand of a year."""

import json
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.adjudication import CaseError
from claims.adjudication.determination import ENGINE
from claims.models import Settlement
from claims.why.models import Determination
from claims.why.recomputing import recompute
from lib.money import told


class Command(BaseCommand):
    help = "按结算时留存的依据重算一张结算单，核对码和金额应当分毫不差；见 docs/adjudicate.md"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", default="", help="结算单号")
        parser.add_argument("--year", type=int, help="重算这一年度的全部有效结算单，逐张列出不同的")
        parser.add_argument("--area", default="", help="统筹区代码，与 --year 同用")
        parser.add_argument(
            "--export",
            type=Path,
            metavar="FOLDER",
            help="把计算依据（不含姓名和证件号码）和适用办法写入此文件夹，供他人用 adjudicate 核对",
        )

    def handle(self, **options: Any) -> None:
        if options["year"]:
            self._year(options["year"], options["area"])
            return
        kept = _latest(options["number"])
        if options["export"]:
            self._export(kept, options["export"])
        try:
            found = recompute(kept)
        except CaseError as error:
            raise CommandError(f"留存的计算依据读不出：{error}") from None
        self.stdout.write(f"核对码 {found.number}，基金支付 {told(found.fund_amount)} 元")
        if kept.engine != ENGINE:
            self.stdout.write(f"结算时的计算程序是第 {kept.engine} 版，现为第 {ENGINE} 版")
        for difference in found.differences:
            self.stdout.write(f"不同：{difference}")
        if found.differences:
            raise CommandError(f"结算单 {options['number']} 重算的结果不同，见上")
        self.stdout.write(f"与结算单 {options['number']} 完全相同")

    def _year(self, year: int, area: str) -> None:
        """Each fen that was paid above or below what the measures give on the kept facts."""
        rows = Settlement.objects.effective().filter(policy_year=year)
        rows = rows.filter(division__code__startswith=area).order_by("pk")
        same = without = different = 0
        above = below = Decimal(0)
        for row in rows.prefetch_related("determinations__pack").iterator(chunk_size=500):
            kept = next(iter(row.determinations.all()), None)
            if kept is None:
                without += 1
                continue
            try:
                found = recompute(kept)
            except CaseError as error:
                different += 1
                self.stdout.write(f"结算单 {row.number}：留存的计算依据读不出：{error}")
                continue
            same += not found.differences
            if found.differences:
                different += 1
                gap = row.fund_amount - found.fund_amount
                above, below = above + max(gap, Decimal(0)), below + max(-gap, Decimal(0))
                self.stdout.write(f"结算单 {row.number}：{'；'.join(found.differences)}")
        self.stdout.write(
            f"{year} 年度重算 {same + different} 张，相同 {same} 张，不同 {different} 张："
            f"多支付 {told(above)} 元，少支付 {told(below)} 元；没有留存依据 {without} 张"
        )
        if different:
            raise CommandError(f"{year} 年度有 {different} 张结算单重算的结果不同，见上")

    def _export(self, kept: Determination, folder: Path) -> None:
        lines = [json.dumps(case, ensure_ascii=False) for case in kept.cases]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "cases.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
            (folder / "policy.yaml").write_text(kept.pack.source, encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"写不进 {folder}：{error.strerror}") from None
        self.stdout.write(f"已写入 {folder}：cases.jsonl、policy.yaml")


def _latest(number: str) -> Determination:
    settlement = Settlement.objects.filter(number=number).first()
    if settlement is None:
        raise CommandError(f"没有结算单 {number}，请核对单号")
    kept = settlement.determinations.select_related("pack", "settlement").first()
    if kept is None:
        raise CommandError(f"结算单 {number} 结算时还没有留存计算依据，不能重算")
    return kept
