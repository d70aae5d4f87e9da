"""Students from elsewhere, enrolled by their school a class at a time (大足办法第十六条(二))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.uploads import table_of
from enrollment.cover.enrolling import insert_enrollments, season_on
from enrollment.cover.models import Enrollment, SchoolClass
from enrollment.people.models import IdentityStatus, Person
from enrollment.people.register import (
    MemberEntry,
    apply_statuses,
    insert_household,
    insert_people,
    read_members,
)
from lib.tables.layout import Column, Layout

LAYOUT = Layout(
    (Column("name", "姓名"), Column("resident_id", "身份证号")),
    required=("name", "resident_id"),
    max_rows=1000,
    max_bytes=2 * 1024 * 1024,
    advice="请按“姓名、身份证号”两列填写",
)
MAX_CLASS = 99  # certificate numbers have two digits for the member


@dataclass(frozen=True)
class Student:
    name: str
    resident_id: str


def read_students(file: IO[bytes]) -> list[Student]:
    """The rows of a class's table. Raises Refusal."""
    table = table_of(file, LAYOUT)
    rows = [
        Student(row.cells["name"], row.cells["resident_id"])
        for row in table.rows
        if row.cells["name"] or row.cells["resident_id"]
    ]
    if not 1 <= len(rows) <= MAX_CLASS:
        raise Refusal(
            f"一个班应有 1 至 {MAX_CLASS} 名学生，表中有 {len(rows)} 名，请按班分开", "file"
        )
    return rows


@all_or_nothing()
def enroll_class(
    *,
    actor: User,
    division: Division,
    school: str,
    name: str,
    contact: str,
    students: Sequence[Student],
    tier: str,
    on: date,
) -> tuple[SchoolClass, list[Enrollment]]:
    """A collective household of students from elsewhere, each paying the whole premium.

    Students who are registered in the county belong to their families and are refused by row.
    One receipt for the class follows (take_payment). Raises Refusal; then nothing is written.
    """
    if SchoolClass.objects.filter(school=school, name=name).exists():
        raise Refusal("这个班已经登记过，续保请在家庭查询中打开这个集体户办理", "name")
    season = season_on(area_code=division.county_code, day=on)
    entries = [
        MemberEntry(
            position=position,
            name=student.name,
            resident_id=student.resident_id,
            relationship=Person.Relationship.OTHER,
            residence=Person.Residence.OUTSIDE,
            statuses=frozenset({IdentityStatus.Code.STUDENT.value}),
        )
        for position, student in enumerate(students)
    ]
    try:
        identities = read_members(entries, on=on)
        household = insert_household(
            division=division, on=on, address=f"{school} {name}"[:100], phone=""
        )
        people = insert_people(
            household=household, entries=entries, identities=identities, first_number=1
        )
    except Refusal as refusal:
        raise _by_row(refusal, students) from None
    apply_statuses(
        {person.pk: frozenset({IdentityStatus.Code.STUDENT.value}) for person in people},
        on=on,
        source=school[:40],
        known=False,
    )
    row = SchoolClass.objects.create(household=household, school=school, name=name, contact=contact)
    cover = insert_enrollments(
        actor=actor,
        season=season,
        household=household,
        members={person: ("file",) for person in people},
        statuses={person.pk: frozenset({IdentityStatus.Code.STUDENT.value}) for person in people},
        tier=tier,
        on=on,
        fresh=True,
    )
    record(
        actor=actor,
        action="enrollment.enroll_class",
        subject=row,
        division_code=division.code,
        after=snapshot(row) | {"enrollments": [one.pk for one in cover]},
    )
    return row, cover


def _by_row(refusal: Refusal, students: Sequence[Student]) -> Refusal:
    """`("members", 3, "resident_id")` → the fourth student of the table."""
    place = refusal.at[1] if refusal.at[:1] == ("members",) and len(refusal.at) == 3 else None
    if isinstance(place, int) and place < len(students):
        return Refusal(f"第 {place + 1} 名 {students[place].name}：{refusal.message}", "file")
    return refusal
