"""How far every place has come: one set of figures for board, sheet and reward report.

The number of statements does not depend on the number of places.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Left, Length

from accounts.clock import today
from accounts.models import Division
from enrollment.cover.models import Campaign
from enrollment.people.models import IdentityStatus, Person
from enrollment.progress.models import PlaceTally, PlaceWatched, SpecialTarget, VillageTarget
from enrollment.progress.scales import WHOLE, target_ratio
from enrollment.progress.tallies import REGISTER, refresh
from lib.money import half_up

ZERO = Decimal(0)
# Digits of a village's division code (GB/T 10114): county 6, township 9, village 12.
VILLAGE = 12
GROUP = 14
# How long a division code is one level below each level; a village's groups stand under it.
BELOW = {"county": 9, "township": VILLAGE, "village": GROUP, "group": GROUP}
# 街道筹资方案: 贫困户、五保户、优抚对象、残疾人等特殊人群参合率达 100%.
USUAL_SPECIAL = {
    IdentityStatus.Code.WUBAO: WHOLE,
    IdentityStatus.Code.DIBAO: WHOLE,
    IdentityStatus.Code.PREFERENTIAL: WHOLE,
    IdentityStatus.Code.SEVERE_DISABILITY: WHOLE,
}


@dataclass
class Figures:
    """One place's collection for a year. Amounts in yuan.

    `personal`: what households paid, of which `cash`; `aided`: people with a status that changes
    what they pay (低保、五保人数); `aid`: what departments and sponsors pay in a household's place.
    """

    households: int = 0
    enrolled_households: int = 0
    people: int = 0
    enrolled: int = 0
    special_people: int = 0
    special_enrolled: int = 0
    aided: int = 0
    receipts: int = 0
    personal: Decimal = ZERO
    cash: Decimal = ZERO
    aid: Decimal = ZERO
    remitted: Decimal = ZERO
    confirmed: Decimal = ZERO

    def add(self, other: "Figures") -> None:
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def rate(self) -> int | None:
        """Enrolled of those who should, in 1/10000."""
        return share(self.enrolled, self.people)

    @property
    def special_rate(self) -> int | None:
        return share(self.special_enrolled, self.special_people)

    @property
    def unremitted(self) -> Decimal:
        """Cash that was taken and is not yet in the collection account."""
        return self.cash - self.remitted


SUMMED = tuple(one.name for one in fields_of(Figures))
# What the tallies keep under the same name.
KEPT = tuple(name for name in SUMMED if name not in {"special_people", "special_enrolled", "aid"})


def share(part: int, whole: int) -> int | None:
    """1/10000, rounded half up; only what is complete is 100 %. None of nobody."""
    if not whole:
        return None
    return WHOLE if part >= whole else min(half_up(part * WHOLE, whole), WHOLE - 1)


@dataclass
class PlaceRow(Figures):
    """A place with its target, who answers for it, and how many are missing from the target."""

    code: str = ""
    name: str = ""
    target: int | None = None
    shortfall: int | None = None
    cadres: str = ""

    def aim(self, target: int | None) -> None:
        self.target = target
        self.shortfall = None if target is None else max(target - self.enrolled, 0)

    def take_in(self, other: "PlaceRow") -> None:
        """Add a place below, with its target."""
        self.add(other)
        if other.target is not None and other.shortfall is not None:
            self.target = (self.target or 0) + other.target
            self.shortfall = (self.shortfall or 0) + other.shortfall


@dataclass(frozen=True)
class SpecialRow:
    """A watched group of people at a place: `ratio` in 1/10000 is its target."""

    code: str
    name: str
    people: int
    enrolled: int
    ratio: int

    @property
    def rate(self) -> int | None:
        return share(self.enrolled, self.people)

    @property
    def shortfall(self) -> int:
        return max(-(-self.people * self.ratio // WHOLE) - self.enrolled, 0)


@dataclass(frozen=True)
class Board:
    """Places right below `under`, their sum, and the watched groups at `under` as a whole."""

    under: Division
    rows: list[PlaceRow]
    total: PlaceRow
    specials: list[SpecialRow] = field(default_factory=list)


def due_people() -> Any:
    """Who should enrol: everybody registered, living and not moved away (应参保)."""
    return Person.objects.present()


def special_codes(campaign: Campaign) -> dict[str, int]:
    """Watched status → its target in 1/10000; the usual ones at 100 % unless set otherwise."""
    rows = SpecialTarget.objects.filter(campaign=campaign)
    return dict(rows.values_list("code", "ratio")) or {str(k): v for k, v in USUAL_SPECIAL.items()}


def leaves(*, code: str, campaign: Campaign, length: int = GROUP) -> dict[str, Figures]:
    """Division code → its figures, for every division whose code starts with `code`.

    With `length` digits a code stands for all divisions below it. Ask only for a `code` that was
    fetched in the user's scope.
    """
    refresh(today())
    found: dict[str, Figures] = {}
    rows: Any = (
        PlaceTally.objects.filter(
            division__code__startswith=code, year__in=(REGISTER, campaign.year)
        )
        .values_list(Left("division__code", length))
        .annotate(Sum("other"), Sum("sponsored"), *(Sum(name) for name in KEPT))
    )
    for place, other, sponsored, *values in rows:
        found[place] = Figures(aid=other + sponsored, **dict(zip(KEPT, values, strict=True)))
    return found


# People of the watched groups by place, by the groups they are in, and whether they are enrolled.
# Somebody may be in two groups and still is one person, so people are put together first.
WATCHED = """
WITH held AS MATERIALIZED (
    SELECT person_id, array_agg(DISTINCT code ORDER BY code) AS codes
    FROM enrollment_identitystatus
    WHERE code = ANY(%(codes)s) AND first_day <= %(day)s
        AND (last_day IS NULL OR last_day >= %(day)s)
    GROUP BY person_id
)
SELECT left(d.code, %(length)s), held.codes, count(*), count(e.id)
FROM held
JOIN enrollment_person p ON p.id = held.person_id
JOIN enrollment_household h ON h.id = p.household_id
JOIN accounts_division d ON d.id = h.division_id
LEFT JOIN enrollment_enrollment e
    ON e.person_id = p.id AND e.year = %(year)s AND e.status = 'active'
WHERE d.code LIKE %(under)s AND p.death_date IS NULL AND p.departure_date IS NULL
GROUP BY left(d.code, %(length)s), held.codes
"""


def _watched(
    code: str, length: int, year: int, day: date, special: Mapping[str, int]
) -> list[tuple[str, list[str], int, int]]:
    """Division code, the watched groups somebody is in, how many are, how many are enrolled.

    Today's are kept ready; any other day is asked of the statuses themselves.
    """
    if day != today():
        asked: dict[str, Any] = {"codes": list(special), "day": day, "year": year}
        with connection.cursor() as cursor:
            cursor.execute(WATCHED, asked | {"under": f"{code}%", "length": length})
            answer: list[Any] = cursor.fetchall()
            return answer
    kept = PlaceWatched.objects.filter(division__code__startswith=code, year__in=(REGISTER, year))
    rows: Any = kept.values_list(Left("division__code", length), "codes", "year")
    found = []
    for place, held, of, people in rows.annotate(Sum("people")):
        codes = [each for each in held.split(",") if each in special]
        if codes:
            found.append((place, codes, *((people, 0) if of == REGISTER else (0, people))))
    return found


def add_special(
    found: dict[str, Figures],
    *,
    code: str,
    campaign: Campaign,
    day: date,
    special: Mapping[str, int],
    length: int = GROUP,
) -> list[SpecialRow]:
    """Put the watched people into the figures of their divisions; the groups as a whole."""
    counts = {each: [0, 0] for each in special}
    for place, codes, people, enrolled in _watched(code, length, campaign.year, day, special):
        figure = found.setdefault(place, Figures())
        figure.special_people += people
        figure.special_enrolled += enrolled
        for each in codes:
            counts[each][0] += people
            counts[each][1] += enrolled
    names = dict(IdentityStatus.Code.choices)
    return [
        SpecialRow(each, str(names.get(each, each)), counts[each][0], counts[each][1], ratio)
        for each, ratio in special.items()
    ]


def _rolled(found: Mapping[str, Figures], length: int) -> dict[str, PlaceRow]:
    rows: dict[str, PlaceRow] = {}
    for code, figure in found.items():
        rows.setdefault(code[:length], PlaceRow(code=code[:length])).add(figure)
    return rows


def _village_rows(
    found: Mapping[str, Figures], targets: Mapping[str, VillageTarget], ratio: int | None
) -> dict[str, PlaceRow]:
    """Villages with their targets: the one set, else the groups' sum, else by the measures."""
    rows = _rolled(found, VILLAGE)
    for code in targets:
        rows.setdefault(code[:VILLAGE], PlaceRow(code=code[:VILLAGE]))
    set_below: dict[str, list[int]] = {}
    for code, one in targets.items():
        if one.people is not None:
            set_below.setdefault(code[:VILLAGE], []).append(one.people)
    for code, row in rows.items():
        own = targets.get(code)
        set_people = set_below.get(code)
        target = own.people if own and own.people is not None else None
        if target is None and set_people:
            target = sum(set_people)
        if target is None and ratio is not None and len(code) == VILLAGE:
            target = -(-row.people * ratio // WHOLE)
        row.aim(target)
        row.cadres = own.cadres if own else ""
    return rows


def _group_rows(
    found: Mapping[str, Figures], targets: Mapping[str, VillageTarget]
) -> dict[str, PlaceRow]:
    rows = _rolled(found, BELOW["group"])
    for code in targets:
        if len(code) > VILLAGE:
            rows.setdefault(code, PlaceRow(code=code))
    for code, row in rows.items():
        own = targets.get(code) if len(code) > VILLAGE else None
        row.aim(own.people if own else None)
        row.cadres = own.cadres if own else ""
    return rows


def targets_within(code: str, campaign: Campaign) -> dict[str, VillageTarget]:
    """Division code → target, for the divisions whose code starts with `code`."""
    rows = VillageTarget.objects.filter(campaign=campaign, division__code__startswith=code)
    return {row.division.code: row for row in rows.select_related("division").defer("phone")}


def villages(*, code: str, campaign: Campaign, day: date) -> dict[str, PlaceRow]:
    """Village code → its row, for a whole county, a township or one village."""
    found = leaves(code=code, campaign=campaign, length=VILLAGE)
    special = special_codes(campaign)
    add_special(found, code=code, campaign=campaign, day=day, special=special, length=VILLAGE)
    return _village_rows(found, targets_within(code, campaign), target_ratio(campaign))


def board(*, under: Division, campaign: Campaign, day: date) -> Board:
    """The places right below `under`, which was fetched in the user's scope. Raises Refusal."""
    length = BELOW[under.level]
    shown = max(length, VILLAGE)  # targets are set for villages; groups are asked for by one
    special = special_codes(campaign)
    found = leaves(code=under.code, campaign=campaign, length=shown)
    specials = add_special(
        found, code=under.code, campaign=campaign, day=day, special=special, length=shown
    )
    targets = targets_within(under.code, campaign)
    by_village = _village_rows(found, targets, target_ratio(campaign))
    rows: dict[str, PlaceRow] = {}
    total = PlaceRow(code=under.code, name="合计")
    for row in by_village.values():
        total.take_in(row)
    if length > VILLAGE:
        rows = _group_rows(found, targets)
        total.cadres = targets[under.code].cadres if under.code in targets else ""
    else:
        for code, row in by_village.items():
            if length == VILLAGE:
                rows[code] = row
            else:
                rows.setdefault(code[:length], PlaceRow(code=code[:length])).take_in(row)
    _name(rows, under, length)
    return Board(
        under,
        sorted(rows.values(), key=lambda row: row.code),
        total,
        specials,
    )


def _name(rows: dict[str, PlaceRow], under: Division, length: int) -> None:
    """Give every row its name, and every place below a row even when nobody lives there."""
    below = Division.objects.filter(code__startswith=under.code).exclude(code=under.code)
    below = below.alias(digits=Length("code")).filter(digits=length)
    names = dict(below.values_list("code", "name"))
    for code in names:
        rows.setdefault(code, PlaceRow(code=code))
    for code, row in rows.items():  # households may stand directly under this division
        row.name = names.get(code) or (under.name if code == under.code else code)
