"""How many points a wrong is, and what the points of a calendar year lead to.

医保发〔2024〕23号. The four bands and the two bounds (9 and 12) are the document's; the months of a
suspension are the county's, within 1 to 6. That the degree of responsibility picks the number
inside a band one by one is our reading: published decisions give three persons of one case 4, 5
and 6 points.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

SUSPENDED_FROM, ENDED_FROM = 9, 12
MIN_MONTHS, MAX_MONTHS = 1, 6
# Years in which nobody registers again who was ended: by several decisions, and by one of 12.
YEARS_BY_SUM, YEARS_AT_ONCE = 1, 3
# Responsibility, the lightest first: 一般, 重要, 主要.
DEGREES = ("general", "important", "main")
Effect = Literal["", "suspended", "ended"]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why points are given; the lightest degree gets `least`, the heaviest two more."""

    code: str
    name: str
    least: int

    @property
    def most(self) -> int:
        return self.least + len(DEGREES) - 1


GROUNDS = (
    Ground("agreement", "机构受协议处理且涉及费用，对其负有责任", 1),
    Ground("dear_product", "公立医疗机构无正当理由使用集采高价非中选产品，被通报", 1),
    Ground("other_1", "其他应记 1 至 3 分的情形", 1),
    Ground("articles_38_39", "机构受《条例》第三十八条、第三十九条行政处罚", 4),
    Ground("out_of_scope", "超出注册的执业地点、类别、范围执业，受到处理", 4),
    Ground("other_4", "其他应记 4 至 6 分的情形", 4),
    Ground("for_another", "为未登记、暂停或终止资格的人员冒名结算", 7),
    Ground("again", "年度内已记 1 至 6 分，又发生同样的违规", 7),
    Ground("other_7", "其他应记 7 至 9 分的情形", 7),
    Ground("fraud", "机构受《条例》第四十条行政处罚（欺诈骗保）", 10),
    Ground("licence_lost", "执业证书被吊销、注销", 10),
    Ground("other_10", "其他应记 10 至 12 分的情形", 10),
)
BY_CODE = {one.code: one for one in GROUNDS}


def points_for(ground: str, degree: str) -> int:
    """The points of this wrong for somebody with this share in it."""
    return BY_CODE[ground].least + DEGREES.index(degree)


@dataclass(frozen=True, slots=True)
class Line:
    """One decision of the year: its points, and how many of them were given back since."""

    points: int
    back: int = 0

    @property
    def left(self) -> int:
        return self.points - self.back


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a year's points lead to. `months` of a suspension; `years` without registration."""

    total: int
    effect: Effect = ""
    months: int = 0
    years: int = 0


def outcome(lines: Iterable[Line], months: Mapping[int, int]) -> Outcome:
    """`lines`: those of one calendar year and one person, wherever he works. `months`: of a
    suspension with 9, 10 and 11 points."""
    left = [line.left for line in lines]
    total = sum(left)
    if total < SUSPENDED_FROM:
        return Outcome(total)
    if total < ENDED_FROM:
        return Outcome(total, "suspended", months=months[total])
    at_once = any(one >= ENDED_FROM for one in left)
    return Outcome(total, "ended", years=YEARS_AT_ONCE if at_once else YEARS_BY_SUM)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
