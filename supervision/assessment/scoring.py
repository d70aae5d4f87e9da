"""Forms of the yearly assessment as data, and what a score means. Pure: dates and texts come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import yaml

WHOLE = 100
# What follows from a score (domain.md 6.4, published agreements): put right, half a year, a year.
RECTIFIED_BELOW, SUSPENDED_BELOW, ENDED_BELOW = 70, 65, 60
Verdict = Literal["pass", "rectify", "suspend", "end"]
TOLD: Mapping[Verdict, str] = {
    "pass": "合格",
    "rectify": "限期整改",
    "suspend": "暂停协议半年",
    "end": "暂停协议一年以上",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a form: what is looked at, for how many points, by what evidence and rule."""

    code: str
    name: str
    points: int
    evidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Form:
    """`full`: the score from which all of the deposit goes back; `off`: hundredths that a point
    below it takes, 0 where it is in proportion to the score."""

    code: str
    name: str
    first_year: int
    levels: tuple[str, ...]
    source: str
    full: int
    off: int
    deposit_source: str
    items: tuple[Item, ...]

    @property
    def bands(self) -> tuple[int, int]:
        return self.full, self.off

    @property
    def deposit_told(self) -> str:
        below = f"每低 1 分扣 {self.off}%" if self.off else "以下按得分比例"
        return f"{self.full} 分以上全额返还，{below}"


def read_form(text: str) -> Form:
    """Raises ValueError where its points are not a hundred, or an item has no source."""
    said: Mapping[str, Any] = yaml.safe_load(text)
    items = tuple(Item(**one) for one in said["items"])
    if sum(one.points for one in items) != WHOLE:
        raise ValueError(f"{said['code']}: the points of the items are not {WHOLE}")
    if len({one.code for one in items}) != len(items):
        raise ValueError(f"{said['code']}: a code stands twice")
    if not all(one.source and one.evidence for one in items):
        raise ValueError(f"{said['code']}: an item without evidence or source")
    deposit = said["deposit"]
    return Form(
        code=said["code"],
        name=said["name"],
        first_year=said["first_year"],
        levels=tuple(said["levels"]),
        source=said["source"],
        full=deposit["full"],
        off=deposit["per_point"],
        deposit_source=deposit["source"],
        items=items,
    )


def total(points: Iterable[int]) -> int:
    """The score: the sum of the items'."""
    return sum(points)


def verdict(score: int) -> Verdict:
    """What follows for the agreement. 65 to under 70: put right; 60 to under 65: suspended for half
    a year; below 60: for a year and more."""
    if score < ENDED_BELOW:
        return "end"
    if score < SUSPENDED_BELOW:
        return "suspend"
    return "rectify" if score < RECTIFIED_BELOW else "pass"
