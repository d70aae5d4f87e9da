"""Of each row of the published tables one bill that breaks it and one that just does not.

The tables lie beside the checkout (`shared/reference/rule-library/`), not in the project. The cases
are worked out here from the row's own words, by nothing of the rules that judge them.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from supervision.library.rows import Row, understood
from supervision.rules.facts import Charge, ClaimFacts, Known
from supervision.rules.points import Kind, Library, Point

_PLACE = Path("shared") / "reference" / "rule-library"
_FOUND = [up / _PLACE for up in Path(__file__).resolve().parents if (up / _PLACE).is_dir()]
with_the_library = pytest.mark.skipif(
    not _FOUND, reason="the published tables (shared/reference/rule-library) do not lie beside it"
)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 20)
LIFE = {"child": 18, "infant": 3}
Case = tuple[ClaimFacts, list[Charge]]


def published(name: str) -> list[dict[str, str]]:
    with (_FOUND[0] / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def file(name: str) -> bytes:
    return (_FOUND[0] / name).read_bytes()


def point(row: Row, pk: int) -> Point:
    return Point(
        pk=pk, kind=Kind(row.kind), code=row.code, name=row.name, value=row.value, text=row.text,
        window=row.window, unit=row.unit, pair_code=row.pair_code, pair_name=row.pair_name,
        ground=row.ground, sure=row.sure, first_day=date(2026, 1, 1),
    )  # fmt: skip


def points() -> list[Point]:
    rows = (understood(row) for row in published("rules.csv"))
    return [point(row, pk) for pk, row in enumerate(rows, start=1)]


def library(points: list[Point]) -> Library:
    found: dict[str, list[Point]] = defaultdict(list)
    for one in points:
        found[one.code].append(one)
    return Library({code: tuple(there) for code, there in found.items()})


def stay(**facts: object) -> ClaimFacts:
    """Twenty days in a hospital of the province, of a man of thirty."""
    usual: dict[str, object] = {
        "settlement": 1, "number": "J0001", "person": 1, "village": "500225101201",
        "institution": "H50022500001", "institution_name": "县人民医院", "designated": True,
        "level": "province", "care": "inpatient", "bed": True, "counts_as_stay": True,
        "starts": FIRST, "ends": LAST, "diagnosis": "J18.9", "total": 0, "off_catalogue": 0,
        "sex": "1", "born_on": date(1996, 1, 1),
    }  # fmt: skip
    return ClaimFacts(**usual | facts)  # type: ignore[arg-type]


def line(code: str, **facts: object) -> Charge:
    usual: dict[str, object] = {
        "name": code, "category": "", "quantity": 100, "amount": 1000, "charged_on": FIRST,
        "code": code,
    }  # fmt: skip
    return Charge(**usual | facts)  # type: ignore[arg-type]


def years_ago(years: int, of: date = FIRST) -> date:
    return of.replace(year=of.year - years)


def cases(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    """(what breaks the point, what just does not)."""
    return MADE[one.kind](one, groups)


def _sex(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    other = "2" if one.value == "1" else "1"
    return (stay(sex=other), [line(one.code)]), (stay(sex=one.value), [line(one.code)])


def _age(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    """On the birthday, and on the day before it."""
    if one.value == "newborn":
        born = FIRST - timedelta(days=29)
        return _born(one, born), _born(one, born + timedelta(days=1))
    if one.value == "working_age":
        born = years_ago(16) + timedelta(days=1)
        return _born(one, born), _born(one, born - timedelta(days=1))
    born = years_ago(LIFE[one.value])
    return _born(one, born), _born(one, born + timedelta(days=1))


def _born(one: Point, born: date) -> Case:
    return stay(born_on=born), [line(one.code)]


def _same_incision(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    """With a dearer operation of the group; the same a day later."""
    dearer = next(code for code in groups[one.value] if code != one.code)
    main = line(dearer, amount=200_000)
    later = FIRST + timedelta(days=1)
    return (stay(), [main, line(one.code)]), (stay(), [main, line(one.code, charged_on=later)])


def _insurance(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    """What is for work injuries the fund never pays: near is the day before it began to hold."""
    if one.value == "maternity":
        return (stay(), [line(one.code)]), (stay(counts_as_stay=False), [line(one.code)])
    before = one.first_day - timedelta(days=1)
    return (
        (stay(), [line(one.code)]),
        (stay(starts=before, ends=before), [line(one.code, charged_on=before)]),
    )


def _care_kind(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    day = {"bed": False, "counts_as_stay": False, "ends": FIRST}
    return (stay(**day), [line(one.code)]), (stay(), [line(one.code)])


def _level(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    enough = "county" if one.value == "2" else "province"
    return (stay(level="township"), [line(one.code)]), (stay(level=enough), [line(one.code)])


def _course(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    """Two prescriptions that are a day too long together; exactly as long as allowed."""
    most = int(one.value)
    later = FIRST + timedelta(days=1)
    return (
        (stay(), [line(one.code, days=1), line(one.code, days=most, charged_on=later)]),
        (stay(), [line(one.code, days=1), line(one.code, days=most - 1, charged_on=later)]),
    )


def _duplicate(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    hours = {"6h": 6, "hour": 1}.get(one.window)
    first = line(one.code, charged_at=at)
    if one.window == "visit":
        return (stay(), [first, line(one.pair_code, charged_on=LAST)]), (stay(), [first])
    if hours is None:
        later = FIRST + timedelta(days=1)
        near = line(one.pair_code, charged_on=later)
        return (stay(), [first, line(one.pair_code)]), (stay(), [first, near])
    far = at + timedelta(hours=hours)
    within = line(one.pair_code, charged_at=far - timedelta(minutes=1))
    return (stay(), [first, within]), (stay(), [first, line(one.pair_code, charged_at=far)])


def _frequency(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    most = int(one.value) * 100
    return (
        (stay(), [line(one.code, quantity=most), line(one.code, quantity=1)]),
        (stay(), [line(one.code, quantity=most)]),
    )


def _cycle(one: Point, groups: Mapping[str, list[str]]) -> tuple[Case, Case]:
    days = int(one.window[:-1])
    again = FIRST + timedelta(days=days)
    return (
        (stay(), [line(one.code), line(one.code, charged_on=again - timedelta(days=1))]),
        (stay(), [line(one.code), line(one.code, charged_on=again)]),
    )


MADE = {
    Kind.SEX: _sex,
    Kind.AGE: _age,
    Kind.SAME_INCISION: _same_incision,
    Kind.INSURANCE: _insurance,
    Kind.CARE_KIND: _care_kind,
    Kind.INSTITUTION_LEVEL: _level,
    Kind.COURSE: _course,
    Kind.DUPLICATE: _duplicate,
    Kind.FREQUENCY: _frequency,
    Kind.CYCLE: _cycle,
}


def groups_of(points: list[Point]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in points:
        if one.kind == Kind.SAME_INCISION:
            found[one.value].append(one.code)
    return found


def every_case(points: list[Point]) -> Iterator[tuple[Point, bool, Case]]:
    """(point, whether the bill breaks it, the bill)."""
    groups = groups_of(points)
    for one in points:
        broken, kept = cases(one, groups)
        yield one, True, broken
        yield one, False, kept


def known(case: Case, library: Library) -> Known:
    claim, charges = case
    return Known(charges={claim.settlement: charges}, library=library)


def without_hours(charges: list[Charge]) -> list[Charge]:
    return [replace(one, charged_at=None) for one in charges]
