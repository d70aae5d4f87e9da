"""Students from elsewhere, enrolled by their school a class at a time (大足办法第十六条(二))."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.fields import blind_index
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.uploads import table_of
from enrollment.cover.enrolling import insert_enrollments, season_on
from enrollment.cover.models import Enrollment, SchoolClass
from enrollment.people.listed import take_up
from enrollment.people.models import Person
from enrollment.people.register import (
    MemberEntry,
    insert_household,
    insert_people,
    read_members,
    statuses_on,
)
from enrollment.people.registered import refuse_registered
from lib.tables.layout import Column, Layout
from lib.tables.reading import Row
from lib.tables.standing import MARK, STATE, Standing, standing, words

LAYOUT = Layout(
    (
        Column("name", "姓名", example="张小明"),
        Column("resident_id", "身份证号", example="18 位号码"),
        STATE,
        MARK,
    ),
    required=("name", "resident_id"),
    max_rows=1000,
    max_bytes=2 * 1024 * 1024,
    advice="请按“姓名、身份证号”两列填写",
)
AT_SCHOOL = words("正常 在读 在校 在籍 在册 有效 正常在读 新入学 住校 走读")
LEFT = words("休学 退学 毕业 已毕业 结业 肄业 离校 转出 转学 已转学 停保 退保 未报到 死亡")
MAX_CLASS = 99  # certificate numbers have two digits for the member


@dataclass(frozen=True)
class Student:
    name: str
    resident_id: str


def read_students(file: IO[bytes]) -> list[Student]:
    """The rows of a class's table. Raises Refusal."""
    table = table_of(file, LAYOUT)
    named = [row for row in table.rows if row.cells["name"] or row.cells["resident_id"]]
    if gone := [told for row in named if (told := _not_at_school(row))]:
        raise Refusal("；".join(gone) + "，请核对后删去不在校的学生", "file")
    rows = [Student(row.cells["name"], row.cells["resident_id"]) for row in named]
    if not 1 <= len(rows) <= MAX_CLASS:
        raise Refusal(
            f"一个班应有 1 至 {MAX_CLASS} 名学生，表中有 {len(rows)} 名，请按班分开", "file"
        )
    return rows


def _not_at_school(row: Row) -> str:
    """Why the table itself says that somebody is not at the school, or ""."""
    try:
        state, said = standing(row.cells, holds=AT_SCHOOL, void=LEFT)
    except ValueError as error:
        state, said = Standing.VOID, str(error)
    return f"第 {row.line} 行 {row.cells['name']}：{said}" if state is Standing.VOID else ""


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
    Who is a student for the measures, the list of the department says, as of everybody.
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
        )
        for position, student in enumerate(students)
    ]
    _refuse_wrong(entries, actor, on)
    try:
        identities = read_members(entries, on=on)
        household = insert_household(
            division=division, on=on, address=f"{school} {name}"[:100], phone=""
        )
        people = insert_people(
            household=household,
            entries=entries,
            identities=identities,
            first_number=1,
            actor=actor,
        )
    except Refusal as refusal:
        raise _by_row(refusal, students) from None
    take_up([one.resident_id_index for one in people], area_code=division.county_code)
    row = SchoolClass.objects.create(household=household, school=school, name=name, contact=contact)
    cover = insert_enrollments(
        actor=actor,
        season=season,
        household=household,
        members={person: ("file",) for person in people},
        statuses=statuses_on([person.pk for person in people], on),
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


def _refuse_wrong(entries: Sequence[MemberEntry], actor: User, on: date) -> None:
    """Raises one Refusal that names every student who cannot be entered, not the first alone."""
    told, seen, index = [], dict[str, int](), dict[str, MemberEntry]()
    kept: list[Callable[[], object] | None] = []
    for entry in entries:
        try:
            number = read_members([entry], on=on)[entry.position].number
        except Refusal as refusal:
            told.append((entry, refusal.message))
            continue
        if number in seen:
            told.append((entry, f"与第 {seen[number] + 1} 名的身份证号相同，请删去一行或改正"))
            continue
        seen[number] = entry.position
        index[blind_index("resident_id", number)] = entry
    there = Person.objects.filter(resident_id_index__in=index)
    for one in there.values_list("resident_id_index", flat=True):
        try:
            refuse_registered({one: index[one].at("resident_id")}, actor)
        except Refusal as refusal:
            told.append((index[one], refusal.message))
            kept.append(refusal.kept)
    if told:
        told.sort(key=lambda pair: pair[0].position)
        lines = (f"第 {entry.position + 1} 名 {entry.name}：{what}" for entry, what in told)
        wrong = Refusal("；".join(lines), "file")
        wrong.kept = lambda: [keep() for keep in kept if keep]
        raise wrong


def _by_row(refusal: Refusal, students: Sequence[Student]) -> Refusal:
    """`("members", 3, "resident_id")` → the fourth student of the table."""
    place = refusal.at[1] if refusal.at[:1] == ("members",) and len(refusal.at) == 3 else None
    if isinstance(place, int) and place < len(students):
        text = f"第 {place + 1} 名 {students[place].name}：{refusal.message}"
        return refusal.told_as(text, ("file",))
    return refusal
