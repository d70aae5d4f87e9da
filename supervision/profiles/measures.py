"""What an institution is compared by with its peers. Pure."""

from dataclasses import dataclass
from math import inf

from institutions.agreements.terms import (
    DRUGS,
    OFF_CATALOGUE,
    STAY_COST,
    STAY_DAYS,
    VISIT_COST,
    Term,
)

# A stay again so soon after another: no norm of resident insurance gives a number; 31 days is what
# the national grading of hospitals counts (三级医院评审标准).
AGAIN_DAYS = 31


@dataclass(frozen=True, slots=True)
class Measure:
    """`of`: which visits ("stay", "visit", or "all"); `top` and `bottom`: columns of a visit
    (`reading.COLUMNS`), whose sums are divided. `scale`: what a value is multiplied by to be kept
    as a whole number. `term`: what an agreement may promise of the same."""

    code: str
    name: str
    unit: str
    of: str
    top: str
    bottom: str
    scale: int
    term: Term | None = None

    @property
    def most(self) -> float:
        """What is divided by a part of itself is one at the most."""
        return 1.0 if self.unit == "%" else inf


MEASURES = (
    Measure("stay_cost", "次均住院费用", "元", "stay", "total", "one", 100, STAY_COST),
    Measure("stay_days", "平均住院日", "天", "stay", "days", "one", 100, STAY_DAYS),
    Measure("drugs", "住院药品占比", "%", "stay", "drugs", "total", 10_000, DRUGS),
    Measure("off", "住院目录外占比", "%", "stay", "off", "total", 10_000, OFF_CATALOGUE),
    Measure("own", "住院个人负担占比", "%", "stay", "own", "total", 10_000),
    Measure("again", f"{AGAIN_DAYS} 天内再住院率", "%", "stay", "again", "one", 10_000),
    Measure("admitted", "收住率（住院占就诊）", "%", "all", "stays", "one", 10_000),
    Measure("visit_cost", "次均门诊费用", "元", "visit", "total", "one", 100, VISIT_COST),
)
BY_CODE = {measure.code: measure for measure in MEASURES}


def told(measure: Measure, value: int | None) -> str:
    """A kept value for people: 4 800.50 元, 38.21 %."""
    if value is None:
        return ""
    whole, rest = divmod(value, 100)
    return f"{whole:,}.{rest:02d} {measure.unit}"
