"""How far every place has come: one set of figures for board, sheet and reward report.

The number of statements does not depend on the number of places.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from accounts.models import Division
from enrollment.collection.models import Receipt, Remittance
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people.models import Household, IdentityStatus, Person
from enrollment.progress.models import SpecialTarget, VillageTarget
from enrollment.progress.scales import WHOLE, target_ratio

ZERO = Decimal(0)
# Digits of a village's division code (GB/T 10114): county 6, township 9, village 12.
VILLAGE = 12
# How long a division code is one level below each level; a village's groups stand under it.
BELOW = {"county": 9, "township": VILLAGE, "village": 14, "group": 14}
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


def share(part: int, whole: int) -> int | None:
    """1/10000, cut off: 100 % is only what is complete. None of nobody."""
    return part * WHOLE // whole if whole else None


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


def _paid(year: int, person: str) -> Exists:
    return Exists(Enrollment.objects.active().of_year(year).filter(person=OuterRef(person)))


def leaves(*, code: str, campaign: Campaign) -> dict[str, Figures]:
    """Division code → its own figures, for every division whose code starts with `code`.

    Ask only for a `code` that was fetched in the user's scope.
    """
    found: dict[str, Figures] = {}

    def grouped(rows: Any, path: str, **figures: Any) -> None:
        rows = rows.filter(**{f"{path}__startswith": code}).order_by()
        for line in rows.values(place=F(path)).annotate(**figures):
            figure = found.setdefault(line.pop("place"), Figures())
            for part in ("other", "sponsored"):
                figure.aid += line.pop(part, None) or ZERO
            for name, value in line.items():
                setattr(figure, name, value or type(getattr(figure, name))())

    year, count = campaign.year, Count("pk")
    grouped(Household.objects.standing(), "division__code", households=count)
    grouped(due_people(), "household__division__code", people=count)
    grouped(
        Enrollment.objects.active().of_year(year),
        "division__code",
        enrolled=count,
        enrolled_households=Count("household", distinct=True),
        aided=Count("pk", filter=~Q(premium_status="")),
        other=Sum("other_amount"),
    )
    grouped(
        Receipt.objects.valid().filter(campaign=campaign),
        "division__code",
        receipts=count,
        personal=Sum("amount"),
        sponsored=Sum("sponsored_amount"),
        cash=Sum("amount", filter=Q(channel=Receipt.Channel.CASH)),
        remitted=Sum("amount", filter=Q(remittance__isnull=False)),
        confirmed=Sum("amount", filter=Q(remittance__status=Remittance.Status.CONFIRMED)),
    )
    return found


def add_special(
    found: dict[str, Figures],
    *,
    code: str,
    campaign: Campaign,
    day: date,
    special: Mapping[str, int],
) -> list[SpecialRow]:
    """Put the watched people into the figures of their divisions; the groups as a whole.

    Somebody may be in two groups and still is one person, so people are read one by one: a
    twentieth of all, in one statement.
    """
    people = (
        due_people()
        .filter(household__division__code__startswith=code)
        .filter(
            Q(statuses__last_day=None) | Q(statuses__last_day__gte=day),
            statuses__code__in=list(special),
            statuses__first_day__lte=day,
        )
        .order_by()
        .annotate(codes=ArrayAgg("statuses__code", distinct=True), paid=_paid(campaign.year, "pk"))
        .values_list("household__division__code", "codes", "paid")
    )
    counts = {each: [0, 0] for each in special}
    for place, codes, paid in people:
        figure = found.setdefault(place, Figures())
        figure.special_people += 1
        figure.special_enrolled += paid
        for each in codes:
            counts[each][0] += 1
            counts[each][1] += paid
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
    for code, row in rows.items():
        own = targets.get(code)
        below = [t for t in targets.values() if t.division.code.startswith(code)]
        set_people = [t.people for t in below if t.people is not None]
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
    found = leaves(code=code, campaign=campaign)
    special = special_codes(campaign)
    add_special(found, code=code, campaign=campaign, day=day, special=special)
    return _village_rows(found, targets_within(code, campaign), target_ratio(campaign))


def board(*, under: Division, campaign: Campaign, day: date) -> Board:
    """The places right below `under`, which was fetched in the user's scope. Raises Refusal."""
    length = BELOW[under.level]
    found = leaves(code=under.code, campaign=campaign)
    specials = add_special(
        found, code=under.code, campaign=campaign, day=day, special=special_codes(campaign)
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
    names = {d.code: d.name for d in below if len(d.code) == length}
    for code in names:
        rows.setdefault(code, PlaceRow(code=code))
    for code, row in rows.items():  # households may stand directly under this division
        row.name = names.get(code) or (under.name if code == under.code else code)
