"""What an institution's program must have done before it goes live (验收清单), by kind. Pure.

`tables/acceptance.csv` holds the facts in our own shape: of each transaction the lists it is on,
P pharmacy, C clinic and village, 1 hospital of the first level, 2 of the second and above.
"""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("tables") / "acceptance.csv"


class Kind(StrEnum):
    """Which list is an institution's."""

    PHARMACY = "P"
    CLINIC = "C"
    FIRST = "1"
    SECOND = "2"


TITLES: Mapping[Kind, str] = {
    Kind.PHARMACY: "药店",
    Kind.CLINIC: "诊所、村卫生室",
    Kind.FIRST: "一级医疗机构",
    Kind.SECOND: "二级及以上医疗机构",
}


@cache
def must_pass(kind: Kind) -> Mapping[str, str]:
    """The transactions of a list in its order: number → title."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["infno"]: row["title"] for row in rows if kind in row["lists"]}
