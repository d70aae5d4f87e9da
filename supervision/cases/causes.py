"""The 35 causes of a case (案由), their articles and the fines that these allow. Pure.

The list is data (`causes.yaml`); reading it refuses a cause without a range of its article.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lib.money import to_yuan, told

FILE = Path(__file__).with_name("causes.yaml")
SUBJECTS = {"agency": "经办机构", "institution": "定点机构", "person": "个人", "other": "其他单位"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause. `times`: the fine as a multiple of the loss, in hundredths; `sums`: the fine in
    fen; neither where the article knows no fine."""

    code: str
    subject: str
    group: str
    name: str
    article: str
    is_fraud: bool
    times: tuple[int, int] | None
    sums: tuple[int, int] | None
    also: str

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def range_told(self) -> str:
        """What the article allows, as an officer reads it."""
        if self.times:
            least, most = (f"{one / 100:g}" for one in self.times)
            return f"{self.article}：处损失金额 {least} 倍以上 {most} 倍以下罚款"
        if self.sums:
            low, high = (to_yuan(one) for one in self.sums)
            return f"{self.article}：处 {told(low)} 元以上、{told(high)} 元以下罚款"
        return f"{self.article}：不处罚款"


@cache
def causes() -> Mapping[str, Cause]:
    """Code → cause, in the order of the list."""
    read: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found = [_cause(row, read["ranges"][row["article"]]) for row in read["causes"]]
    by_code = {one.code: one for one in found}
    if len(by_code) != len(found):
        raise ValueError(f"{FILE.name}: two causes have one code")
    return by_code


def _cause(row: Mapping[str, Any], bounds: Mapping[str, Any]) -> Cause:
    if row["subject"] not in SUBJECTS:
        raise ValueError(f"{FILE.name}: {row['code']} is of no known subject")
    times, sums = bounds.get("times"), bounds.get("sum")
    return Cause(
        code=row["code"],
        subject=row["subject"],
        group=row["group"],
        name=row["name"],
        article=row["article"],
        is_fraud=bool(row.get("fraud")),
        times=(times[0], times[1]) if times else None,
        sums=(sums[0] * 100, sums[1] * 100) if sums else None,
        also=bounds.get("also", ""),
    )
