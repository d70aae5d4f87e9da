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


class Command(BaseCommand):
    help = "生成一个可重现的演示县（人数、年度、种子、截止日相同则内容相同）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--persons", type=int, default=5000, help="人数，500 至 1000000")
        parser.add_argument("--year", type=int, help="保险年度，默认为今年")
        parser.add_argument("--seed", type=int, default=1, help="随机种子")
        parser.add_argument("--through", type=date.fromisoformat, help="截止日，默认为今天")
        parser.add_argument("--if-empty", action="store_true", help="库中已有数据时什么也不做")
        parser.add_argument("--fingerprint", action="store_true", help="完成后打印内容指纹")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and not is_empty():
            self.stdout.write("库中已有数据，未生成演示县")
            return
        through = options["through"] or today()
        started = time.monotonic()
        try:
            outcome = seed(
                Plan(options["persons"], options["year"] or through.year, options["seed"], through)
            )
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
        if options["fingerprint"]:
            self.stdout.write(f"内容指纹 {fingerprint()}")
