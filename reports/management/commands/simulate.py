"""``manage.py simulate --area CODE --year Y --policy FILE``: a draft on a year's claims."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from lib.money import to_yuan
from reports.whatif.run import simulate

STAGES = {"read": "读取", "baseline": "核对", "draft": "试算", "compare": "比较"}


class Command(BaseCommand):
    help = "用一个统筹区一年的真实结算单试算一份政策包，与实际支付比较；不改业务数据"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, help="统筹区代码，六位")
        parser.add_argument("--year", required=True, type=int, help="待遇年度")
        parser.add_argument("--policy", required=True, type=Path, help="政策包文件（YAML）")
        parser.add_argument("--json", action="store_true", help="输出全部数据（金额为分）")

    def handle(self, *args: Any, **options: Any) -> None:
        area = Division.objects.filter(code=options["area"], level=Division.Level.COUNTY).first()
        if area is None:
            raise CommandError(f"没有代码为 {options['area']} 的统筹区，请核对区划")
        policy: Path = options["policy"]
        try:
            figures = simulate(
                area=area,
                year=options["year"],
                source=policy.read_text(encoding="utf-8-sig"),
                name=policy.name,
                on=today(),
                progress=lambda percent, stage: self.stderr.write(f"{percent}% {stage}"),
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"读不到政策包 {policy}：{error}") from None
        except Refusal as refusal:
            raise CommandError(refusal.message) from None
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        for line in _lines(figures):
            self.stdout.write(line)


def _lines(figures: Mapping[str, Any]) -> Iterable[str]:
    """The figures as an officer reads them in a terminal, in yuan."""
    check, fund = figures["check"], figures["fund"]
    yield f"{figures['area']['name']} {figures['year']} 年度，试算《{figures['policy']['title']}》"
    yield (
        f"结算单 {figures['claims']} 笔，{figures['persons']} 人；"
        f"按原办法重算 {check['compared']} 笔，不一致 {check['differing']} 笔"
    )
    yield _line(figures["total"])
    for row in figures["layers"]:
        yield f"  {row['name']}：实际 {_yuan(row['before'])}，试算 {_yuan(row['after'])}"
    for table in figures["tables"]:
        yield table["title"]
        for row in table["rows"]:
            yield "  " + _line(row)
    for unit, key in (("人", "persons"), ("笔", "claims")):
        better, worse = figures["gains"][key]["better"], figures["gains"][key]["worse"]
        yield (
            f"个人负担减少 {better['count']} {unit}共 {_yuan(better['sum'])}，"
            f"增加 {worse['count']} {unit}共 {_yuan(worse['sum'])}"
        )
    if fund:
        yield (
            f"至 {fund['through']} 累计结余：实际 {_yuan(fund['balance_before'])}，"
            f"试算 {_yuan(fund['balance_after'])}；可支付月数：实际 "
            f"{_months(fund['months_before'])}，试算 {_months(fund['months_after'])}"
        )
    seconds = figures["seconds"]
    yield "用时（秒）：" + "，".join(f"{STAGES[each]} {spent}" for each, spent in seconds.items())


def _line(row: Mapping[str, Any]) -> str:
    return (
        f"{row['name']}：{row['claims']} 笔，基金支出实际 {_yuan(row['before'])}，"
        f"试算 {_yuan(row['after'])}，增减 {_yuan(row['change'])}；实际补偿比 "
        f"{_percent(row['actual_before'])} → {_percent(row['actual_after'])}；政策范围内 "
        f"{_percent(row['in_scope_before'])} → {_percent(row['in_scope_after'])}"
    )


def _yuan(fen: int) -> str:
    return f"{to_yuan(fen):,.2f}"


def _percent(ratio: int | None) -> str:
    return "—" if ratio is None else f"{to_yuan(ratio):.2f}%"


def _months(hundredths: int | None) -> str:
    return "—" if hundredths is None else f"{to_yuan(hundredths):.2f}"
