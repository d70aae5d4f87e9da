"""What the room's lists show: a fixed number of statements, however many rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Left

from accounts.models import Division, User
from enrollment.models import Enrollment, Household, Person, Receipt, Remittance
from policies.models import Pack

ZERO = Decimal(0)
# How long a division code is one level below each level; a village's groups stand under it.
BELOW = {"county": 9, "township": 12, "village": 14, "group": 14}


def load_packs(rows: Sequence[Enrollment]) -> None:
    """Give every row its pack in one statement: joined, the long text would come with each row."""
    packs = Pack.objects.in_bulk({row.pack_id for row in rows})
    for row in rows:
        row.pack = packs[row.pack_id]


@dataclass
class HouseholdRow:
    """A household as a list shows it. Amounts in yuan."""

    household: Household
    head: str = ""
    head_id: str = ""
    names: list[str] = field(default_factory=list)
    enrolled: int = 0
    pending: int = 0
    personal: Decimal = ZERO

    @property
    def members(self) -> int:
        return len(self.names)


def household_rows(households: Sequence[Household], year: int) -> list[HouseholdRow]:
    """Heads, living members and the year's cover of the households, in two statements."""
    rows = {household.pk: HouseholdRow(household) for household in households}
    people = Person.objects.living().filter(household__in=list(rows)).order_by("member_number")
    for person in people.only("household_id", "name", "relationship", "resident_id"):
        row = rows[person.household_id]
        row.names.append(person.name)
        if person.relationship == Person.Relationship.HEAD:
            row.head, row.head_id = person.name, person.resident_id
    cover = (
        Enrollment.objects.filter(household__in=list(rows), year=year)
        .order_by()
        .values("household")
        .annotate(
            enrolled=Count("pk", filter=Q(status=Enrollment.Status.ACTIVE)),
            pending=Count("pk", filter=Q(status=Enrollment.Status.PENDING)),
            personal=Sum("personal_amount", filter=~Q(status=Enrollment.Status.CANCELLED)),
        )
    )
    for line in cover:
        row = rows[line["household"]]
        row.enrolled, row.pending = line["enrolled"], line["pending"]
        row.personal = line["personal"] or ZERO
    return list(rows.values())


@dataclass
class ProgressRow:
    """One division's collection for a year. Amounts in yuan."""

    code: str
    name: str
    households: int = 0
    enrolled_households: int = 0
    people: int = 0
    enrolled: int = 0
    receipts: int = 0
    personal: Decimal = ZERO
    remitted: Decimal = ZERO
    confirmed: Decimal = ZERO

    @property
    def rate(self) -> int | None:
        """Enrolled of all living people, in 1/10000."""
        return self.enrolled * 10_000 // self.people if self.people else None

    @property
    def unremitted(self) -> Decimal:
        return self.personal - self.remitted

    def add(self, other: "ProgressRow") -> None:
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


SUMMED = (
    "households",
    "enrolled_households",
    "people",
    "enrolled",
    "receipts",
    "personal",
    "remitted",
    "confirmed",
)


def progress(user: User, *, year: int, under: Division) -> list[ProgressRow]:
    """Rows for the divisions right below `under`, as far as the user may see."""
    length = BELOW[under.level]
    below = (
        Division.objects.visible_to(user)
        .filter(code__startswith=under.code)
        .exclude(code=under.code)
    )
    rows = {
        division.code: ProgressRow(division.code, division.name)
        for division in below
        if len(division.code) == length
    }

    def take(code: str, **figures: Any) -> None:
        if code not in rows:  # households that stand directly under this division
            rows[code] = ProgressRow(code, under.name)
        for name, value in figures.items():
            setattr(rows[code], name, value or type(getattr(rows[code], name))())

    def grouped(queryset: Any, path: str, **figures: Any) -> None:
        here = queryset.visible_to(user).filter(**{f"{path}__startswith": under.code})
        for line in here.order_by().values(part=Left(path, length)).annotate(**figures):
            take(line.pop("part"), **line)

    grouped(Household.objects.all(), "division__code", households=Count("pk"))
    grouped(Person.objects.living(), "household__division__code", people=Count("pk"))
    grouped(
        Enrollment.objects.active().of_year(year),
        "division__code",
        enrolled=Count("pk"),
        enrolled_households=Count("household", distinct=True),
    )
    grouped(
        Receipt.objects.valid().filter(campaign__year=year),
        "division__code",
        receipts=Count("pk"),
        personal=Sum("amount"),
        remitted=Sum("amount", filter=Q(remittance__isnull=False)),
        confirmed=Sum("amount", filter=Q(remittance__status=Remittance.Status.CONFIRMED)),
    )
    return sorted(rows.values(), key=lambda row: row.code)


def total(rows: Sequence[ProgressRow]) -> ProgressRow:
    """The foot of the board."""
    foot = ProgressRow("", "合计")
    for row in rows:
        foot.add(row)
    return foot
