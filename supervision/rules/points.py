"""Points of the national rule library (两库知识点) as data: plain values, judged in `library/`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a point is about, in the words of the published tables."""

    SEX = "sex"
    AGE = "age"
    SAME_INCISION = "same_incision"
    INSURANCE = "insurance"
    CARE_KIND = "care_kind"
    INSTITUTION_LEVEL = "institution_level"
    COURSE = "course"
    DUPLICATE = "duplicate"
    FREQUENCY = "frequency"
    CYCLE = "cycle"


class Missing(StrEnum):
    """What a bill does not carry and a point needs: then it is not judged, and counted so."""

    DAY = "day"
    HOUR = "hour"
    USE = "use"
    PERSON = "person"
    GRADE = "grade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One row: what holds of one item. `pk`: by which a hit names it.

    `value` is the bound as the machine has it, `text` as it is printed; `window`: within what it is
    counted. `sure`: a hit is a plain breach, as far as the kind allows. `first_day` to `last_day`:
    the first days of the visits that are judged by it.
    """

    pk: int
    kind: Kind
    code: str
    name: str
    value: str
    text: str
    window: str
    unit: str
    pair_code: str
    pair_name: str
    ground: str
    sure: bool
    first_day: date
    last_day: date | None = None

    def holds(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBounds:
    """Where the age groups end. The library states none of them: a county decides.

    Suggested: a child is under 18 (未成年人保护法第二条), a newborn up to 28 days old, an infant
    under 3, as paediatrics has them; working age begins at 16 (劳动法第十五条) and ends at 63,
    the latest age of 国务院关于渐进式延迟法定退休年龄的办法.
    """

    child_years: int = 18
    newborn_days: int = 28
    infant_years: int = 3
    working_from: int = 16
    working_until: int = 63


@dataclass(frozen=True, slots=True)
class Library:
    """The points that speak of the items at hand. Those that are switched off are not in it."""

    by_code: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    ages: AgeBounds = AgeBounds()


# Of which the printed text is narrower than the limit that is judged, or the same in other words: a
# breach of the limit is one of the text as well. Whatever else is noted may excuse it.
_NARROWER = re.compile(
    r"(text: (from|under) .*|text: [\d-]+ years?.*|text: \d+ to under .*|text: asthma .*"
    r"|text: \d+ months|text says .*|unit printed .*|one of the 28 payment-limited rows)"
)
# Kinds of which a hit can be a plain breach.
SURE = frozenset(
    {
        *(Kind.SEX, Kind.AGE, Kind.INSURANCE, Kind.CARE_KIND, Kind.INSTITUTION_LEVEL),
        *(Kind.COURSE, Kind.FREQUENCY),
    }
)


def is_sure(kind: Kind, window: str, caveat: str) -> bool:
    """Whether a hit of such a row can be a plain breach.

    Of a course only when it is counted over the stay: how many courses one bill holds it does not
    say. What is charged together, and how often, only the record tells.
    """
    counted = kind in SURE and (kind != Kind.COURSE or window == "stay")
    return counted and (not caveat or _NARROWER.fullmatch(caveat) is not None)
