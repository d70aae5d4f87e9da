"""Compares the figures that are kept ready for the boards with the tables themselves."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.clock import today
from accounts.models import Division
from enrollment.progress.tallies import REGISTER, differences


class Command(BaseCommand):
    help = "核对筹资进度的统计数与登记、收据是否一致"

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = differences(today())
        places = Division.objects.select_related("parent").in_bulk(
            [division for division, _ in wrong]
        )
        for division, year in wrong:
            what = "在册户数、人数" if year == REGISTER else f"{year} 年度参保、收款"
            self.stdout.write(
                f"{places[division].place}（{places[division].code}）：{what}的统计数与明细不符，"
                "夜间自动重算；再次出现请联系系统管理员"
            )
        if wrong:
            raise SystemExit(1)
        self.stdout.write("筹资进度的统计数与明细一致")
