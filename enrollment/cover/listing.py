"""What lists of households and covers show: a fixed number of statements, however many rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from desk.tones import TonedChoices
from enrollment.cover.models import Enrollment
from enrollment.people.models import Household, Person
from policies.models import Pack

ZERO = Decimal(0)


def load_packs(rows: Sequence[Enrollment]) -> None:
    """Give every row its pack in one statement: joined, the long text would come with each row."""
    packs = Pack.objects.in_bulk({row.pack_id for row in rows})
    for row in rows:
        row.pack = packs[row.pack_id]


class Standing(TonedChoices):
    """How a member of a household stands in the year, as its page says it."""

    ENROLLED = "enrolled", "good", "已参保"
    PENDING = "pending", "wait", "待缴费"
    MISSING = "missing", "bad", "未参保"
    DEAD = "dead", "idle", "已死亡"
    DEPARTED = "departed", "idle", "已迁出"


def standing_of(person: Person, cover: Enrollment | None) -> Standing:
    """`cover`: the person's of the year, not a cancelled one."""
    if person.death_date:
        return Standing.DEAD
    if person.departure_date:
        return Standing.DEPARTED
    if cover is None:
        return Standing.MISSING
    return Standing.ENROLLED if cover.status == Enrollment.Status.ACTIVE else Standing.PENDING


class HouseStanding(TonedChoices):
    """How a household stands in the year."""

    PENDING = "pending", "wait", "待缴费"
    ENROLLED = "enrolled", "good", "已参保"
    PART = "part", "wait", "部分参保"
    MISSING = "missing", "bad", "未参保"
    EMPTY = "empty", "idle", "无在册成员"


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
    def pk(self) -> int:
        return self.household.pk

    @property
    def members(self) -> int:
        return len(self.names)

    @property
    def standing(self) -> "HouseStanding":
        if self.pending:
            return HouseStanding.PENDING
        if not self.members:  # all dead or gone: nobody to enrol
            return HouseStanding.EMPTY
        if self.enrolled and self.enrolled == self.members:
            return HouseStanding.ENROLLED
        return HouseStanding.PART if self.enrolled else HouseStanding.MISSING

    @property
    def next_step(self) -> str:
        """The page that the household is to be taken to next: to pay, to enrol, or none."""
        if self.pending:
            return "enrollment:payment"
        return "" if self.enrolled >= self.members else "enrollment:renew"


def household_rows(households: Sequence[Household], year: int) -> list[HouseholdRow]:
    """Heads, living members and the year's cover of the households, in two statements."""
    rows = {household.pk: HouseholdRow(household) for household in households}
    people = Person.objects.present().filter(household__in=list(rows)).order_by("member_number")
    for person in people.only("household_id", "name", "relationship", "resident_id"):
        row = rows[person.household_id]
        row.names.append(person.name)
        if person.relationship == Person.Relationship.HEAD:
            row.head, row.head_id = person.name, person.resident_id
    cover = (
        Enrollment.objects.filter(person__household__in=list(rows), year=year)
        .order_by()
        .values(home=F("person__household"))
        .annotate(
            enrolled=Count(  # as the members are counted: living and here
                "pk",
                filter=Q(
                    status=Enrollment.Status.ACTIVE,
                    person__death_date=None,
                    person__departure_date=None,
                ),
            ),
            pending=Count("pk", filter=Q(status=Enrollment.Status.PENDING)),
            personal=Sum("personal_amount", filter=~Q(status=Enrollment.Status.CANCELLED)),
        )
    )
    for line in cover:
        row = rows[line["home"]]
        row.enrolled, row.pending = line["enrolled"], line["pending"]
        row.personal = line["personal"] or ZERO
    return list(rows.values())


def of_earliest_year(rows: Sequence[Enrollment]) -> list[Enrollment]:
    """Of each household's covers those that are paid next: years are paid one after the other."""
    earliest: dict[int, int] = {}
    for row in rows:
        earliest[row.household_id] = min(row.year, earliest.get(row.household_id, row.year))
    return [row for row in rows if row.year == earliest[row.household_id]]


def pending_rows(household: Household) -> list[Enrollment]:
    """The household's covers that wait for their money, by member, of the earliest such year;
    `person`, `campaign`, `division`, `pack`."""
    rows = list(
        Enrollment.objects.filter(household=household, status=Enrollment.Status.PENDING)
        .select_related("person", "campaign", "division")
        .order_by("person__member_number")
    )
    rows = of_earliest_year(rows)
    load_packs(rows)
    return rows
