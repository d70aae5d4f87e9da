"""Fill an empty database with a synthetic county."""

import resource
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import today
from accounts.errors import Refusal
from demo.county import is_empty, seed
from demo.fingerprint import fingerprint
from demo.plan import Plan, PlanError
from demo.spring import go_on


class Command(BaseCommand):
    help = "生成一个可重现的演示县（人数、年度、种子、截止日相同则内容相同）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--persons", type=int, default=5000, help="人数，500 至 1000000")
        parser.add_argument("--year", type=int, help="保险年度，默认为今年")
        parser.add_argument("--seed", type=int, default=1, help="随机种子")
        parser.add_argument("--through", type=date.fromisoformat, help="截止日，默认为今天")
        parser.add_argument(
            "--spring",
            type=int,
            metavar="笔数",
            help="再办完年终结账，并进入次年春天（新结算的笔数）",
        )
        parser.add_argument("--if-empty", action="store_true", help="库中已有数据时什么也不做")
        parser.add_argument("--fingerprint", action="store_true", help="完成后打印内容指纹")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and not is_empty():
            self.stdout.write("库中已有数据，未生成演示县")
            return
        through = options["through"] or today()
        year = options["year"] or through.year
        if options["spring"] is not None and through != date(year, 12, 31):
            raise CommandError(f"--spring 从年度的最后一天接着办，请同时写 --through {year}-12-31")
        started = time.monotonic()
        try:
            outcome = seed(Plan(options["persons"], year, options["seed"], through))
        except PlanError as error:
            raise CommandError(str(error)) from None
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(
            f"演示县已生成：{outcome.townships} 个乡镇、"
            f"{outcome.households} 户 {outcome.people} 人，"
            f"参保 {outcome.enrollments} 条、结算 {outcome.claims} 笔、"
            f"费用明细 {outcome.bill_lines} 行、凭证 {outcome.vouchers} 张；"
            f"用时 {time.monotonic() - started:.1f} 秒，"
            f"内存峰值 {memory} MB"
        )
        if options["spring"] is not None:
            came = go_on(year, claims=options["spring"], seed=options["seed"])
            self.stdout.write(
                f"{year}年度已结账，次年一至三月已结账：新结算 {came.claims} 笔，"
                f"补报上年 {came.late} 笔，追回 {came.recovered} 笔"
            )
            self.stdout.write("".join(f"没有办成：{words}\n" for words in came.left), ending="")
        if options["fingerprint"]:
            self.stdout.write(f"内容指纹 {fingerprint()}")
