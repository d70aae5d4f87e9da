"""The register of households and people: who lives where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from accounts.audit import audited, record
from accounts.errors import Place, Refusal
from accounts.fields import blind_index
from accounts.models import Division, User
from accounts.new_rows import insert
from desk.changes import all_or_nothing, change, locked
from desk.kept import Kept, among, given
from desk.locks import lock_name
from desk.reasons import given_reason
from enrollment.people.checking import as_member, refuse_odd, refuse_unseen
from enrollment.people.ethnicities import ETHNICITIES
from enrollment.people.events import correct_number
from enrollment.people.listed import take_up
from enrollment.people.models import (
    FormerCertificate,
    Household,
    IdentityStatus,
    Person,
)
from enrollment.people.numbers import household_number, household_prefix
from enrollment.people.registered import refuse_registered
from enrollment.people.rooms import answers
from lib import typed_text
from lib.bank_numbers import SHAPE, is_account
from lib.resident_id import ResidentId, ResidentIdError, parse
from lib.spelling import spell

SHORTEST_NAME, LONGEST_NAME = 2, 40
SEX_OF = {
    Person.Relationship.SON: Person.Sex.MALE,
    Person.Relationship.DAUGHTER: Person.Sex.FEMALE,
}


@dataclass(frozen=True, kw_only=True)
class MemberEntry:
    """One row of the window form. `position` is the row on the form: refusals point at it.

    `person_id` names a member who is registered already; then `resident_id` stays empty.
    `joins`: enrols this year. Which statuses somebody holds is no entry (people.listed).
    """

    position: int
    name: str
    relationship: str
    residence: str = Person.Residence.RURAL
    resident_id: str = ""
    person_id: int | None = None
    joins: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", typed_text.name(self.name))

    def at(self, name: str) -> Place:
        """Where the row's input stands on the page."""
        return ("members", self.position, name)


def read_resident_id(text: str, *, on: date, at: Place = ("resident_id",)) -> ResidentId:
    """Check the number. Raises Refusal naming the input."""
    try:
        return parse(text, on)
    except ResidentIdError as error:
        raise Refusal(str(error), at=at) from None


def wrong_name(name: str) -> str:
    """What is wrong with a name in its one spelling; "" when it is one."""
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return f"姓名应为 {SHORTEST_NAME} 至 {LONGEST_NAME} 个汉字或字母，可含间隔点"
    problem = typed_text.name_problem(name)
    return f"姓名{problem}" if problem else ""


def check_member(entry: MemberEntry, sex: str) -> None:
    """Name, relationship and residence are possible. Raises Refusal."""
    if problem := wrong_name(entry.name):
        raise Refusal(problem, at=entry.at("name"))
    if entry.relationship not in Person.Relationship.values:
        raise Refusal("请选择与户主关系", at=entry.at("relationship"))
    if entry.residence not in Person.Residence.values:
        raise Refusal("请选择户籍", at=entry.at("residence"))
    wanted = SEX_OF.get(Person.Relationship(entry.relationship))
    if wanted and wanted != sex:
        relation = Person.Relationship(entry.relationship).label
        raise Refusal(
            f"与户主关系为“{relation}”，身份证号却是{Person.Sex(sex).label}性，请核对",
            at=entry.at("relationship"),
        )


def check_head(relationships: Iterable[str], *at: str | int, least: int = 0) -> None:
    """At most one head; a household that enrols has one (`least` 1)."""
    heads = sum(relationship == Person.Relationship.HEAD for relationship in relationships)
    if not least <= heads <= 1:
        raise Refusal(f"每户应有且只有一位户主，现为 {heads} 位，请改“与户主关系”", at=at)


def read_members(entries: Sequence[MemberEntry], *, on: date) -> dict[int, ResidentId]:
    """Check new members and their numbers among themselves. Position → identity."""
    identities: dict[int, ResidentId] = {}
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.person_id is not None:
            continue
        at = entry.at("resident_id")
        identity = read_resident_id(entry.resident_id, on=on, at=at)
        if identity.number in seen:
            earlier = seen[identity.number] + 1
            raise Refusal(f"与第 {earlier} 行的身份证号相同，请删去一行或改正", at=at)
        seen[identity.number] = entry.position
        identities[entry.position] = identity
        check_member(entry, identity.sex)
    return identities


def insert_household(*, division: Division, on: date, address: str, phone: str) -> Household:
    """A new household with the next number of its village or group. Inside a transaction."""
    if division.level not in {Division.Level.VILLAGE, Division.Level.GROUP}:
        raise Refusal("请选择到村或组", "division")
    if division.first_day > on or (division.last_day and division.last_day < on):
        raise Refusal("这个村组已停用，请选择现行的村组", "division")
    (number,) = next_household_numbers(division_code=division.code, count=1)
    household = Household(number=number, division=division, address=address, phone=phone)
    insert([household])
    return household


# Numbers that households gave up by moving are not given again: old certificates show them.
LAST_NUMBER = """
    SELECT max(number) FROM (
        SELECT max(number) AS number FROM enrollment_household WHERE number LIKE %(like)s
        UNION ALL
        SELECT left(max(number), 16) FROM enrollment_formercertificate WHERE number LIKE %(like)s
    ) AS numbers
"""


def next_household_numbers(*, division_code: str, count: int) -> list[str]:
    """The next free numbers of a village or group, held until the commit. Raises Refusal.

    Other windows of the village wait here, so take them late.
    """
    prefix = household_prefix(division_code)
    # A statement of its own: the question below has a snapshot taken once the lock is held.
    lock_name(prefix[:6], f"household number {prefix}")
    with connection.cursor() as cursor:
        cursor.execute(LAST_NUMBER, {"like": f"{prefix}%"})
        (last,) = cursor.fetchone()
    first = int(last[12:]) + 1 if last else 1
    if first + count > 10_000:
        raise Refusal("这个村组的户编号已用完（9999 户），请先划分村民小组", "division")
    return [household_number(prefix, serial) for serial in range(first, first + count)]


def next_member_number(household: Household, members: Iterable[Person]) -> int:
    """One more than anybody of the household ever had, also those who have moved out."""
    gone = FormerCertificate.objects.filter(number__startswith=household.number)
    last = gone.aggregate(last=Max("number"))["last"]
    numbers = [member.member_number for member in members]
    return max([*numbers, int(last[16:]) if last else 0], default=0) + 1


def person_of(entry: MemberEntry, household: Household, number: int, **papers: Any) -> Person:
    """Somebody new, not yet written, under a member number; `papers`: the columns that identify."""
    return Person(
        household=household,
        member_number=number,
        name=entry.name,
        **asdict(spell(entry.name)),
        relationship=entry.relationship,
        residence=entry.residence,
        **papers,
    )


def insert_people(
    *,
    household: Household,
    entries: Sequence[MemberEntry],
    identities: Mapping[int, ResidentId],
    first_number: int,
    actor: User,
) -> list[Person]:
    """New members in one statement after one search for duplicates. Inside a transaction.

    The caller lets them take up what departments' lists say of them (people.listed.take_up).
    """
    new = [entry for entry in entries if entry.person_id is None]
    if not new:
        return []
    index = {e.position: blind_index("resident_id", identities[e.position].number) for e in new}
    refuse_registered({index[e.position]: e.at("resident_id") for e in new}, actor)
    people = []
    for number, entry in enumerate(new, start=first_number):
        identity = identities[entry.position]
        papers = {"sex": identity.sex, "birth_date": identity.birth_date}
        papers |= {"resident_id": identity.number, "resident_id_index": index[entry.position]}
        people.append(person_of(entry, household, number, **papers))
    insert(people)
    return people


def statuses_on(person_ids: Iterable[int], day: date) -> dict[int, frozenset[str]]:
    """Person id → status codes that hold on the day."""
    found: dict[int, set[str]] = {person_id: set() for person_id in person_ids}
    for person_id, code in HELD(people=list(found), day=day):
        found[person_id].add(code)
    return {person_id: frozenset(codes) for person_id, codes in found.items()}


HELD = Kept(
    lambda: (
        IdentityStatus.objects.filter(among("person_id", given("people")))
        .filter(Q(last_day=None) | Q(last_day__gte=given("day")), first_day__lte=given("day"))
        .order_by()
        .values_list("person_id", "code")
    )
)


def lock_household(household: Household) -> Household:
    """The household's row, locked until the commit; another window waits."""
    return locked(Household.objects.select_related("division"), household.pk)


def refuse_closed(household: Household) -> None:
    """Nobody joins, moves or enrols in a household that a merger dissolved."""
    if household.closed_on:
        raise Refusal(f"户编号 {household.number} 已于 {household.closed_on} 销户")


@all_or_nothing()
def register_household(
    *, actor: User, division: Division, on: date, address: str = "", phone: str = ""
) -> Household:
    """A new, still empty household of a village or group."""
    household = insert_household(division=division, on=on, address=address, phone=phone)
    record(
        actor=actor,
        action="enrollment.register_household",
        subject=household,
        after=audited(household),
    )
    return household


@all_or_nothing()
def change_household(
    *,
    actor: User,
    household: Household,
    address: str,
    phone: str | None = None,
    bank_account: str | None = None,
    bank_account_name: str = "",
) -> Household:
    """Address, phone and bank account; None leaves the sealed column as it is."""
    rows = Household.objects.select_related("division")
    frame = change(rows, household.pk, actor=actor, action="enrollment.change_household")
    with frame as row:
        row.address = address
        if phone is not None:
            row.phone = phone
        if bank_account is not None:
            _give_account(row, bank_account, bank_account_name)
    return row


def account_problem(bank_account: str, bank_account_name: str) -> tuple[str, str] | None:
    """(field, message) of what is wrong with an account for payments; None when it may be kept."""
    if bank_account and not is_account(bank_account):
        return "bank_account", f"银行账号应为 {SHAPE}，请核对存折或卡面"
    if bank_account and not bank_account_name:
        return "bank_account_name", "填写银行账号时请同时填写开户人"
    return None


def _give_account(household: Household, bank_account: str, bank_account_name: str) -> None:
    if problem := account_problem(bank_account, bank_account_name):
        raise Refusal(problem[1], problem[0])
    household.bank_account = bank_account
    household.bank_account_name = bank_account_name if bank_account else ""


@all_or_nothing()
def add_person(
    *, actor: User, household: Household, entry: MemberEntry, on: date, explained: str = ""
) -> Person:
    """One more member. Sex and birth date come from the resident id.

    `explained`: why an improbable relation is true (people.relations).
    """
    household = lock_household(household)
    refuse_closed(household)
    identities = read_members([entry], on=on)
    members = list(household.members.all())
    living = [member.relationship for member in members if member.is_present]
    check_head([*living, entry.relationship], *entry.at("relationship"))
    (person,) = insert_people(
        household=household,
        entries=[entry],
        identities=identities,
        first_number=next_member_number(household, members),
        actor=actor,
    )
    take_up([person.resident_id_index], area_code=household.division.county_code)
    refuse_odd(
        map(as_member, [*members, person]),
        on=on,
        asked={person.pk},
        at=lambda _, field: entry.at(field),
        explained=explained,
    )
    record(
        actor=actor,
        action="enrollment.add_person",
        subject=person,
        after=audited(person),
        reason=explained,
    )
    return person


@all_or_nothing()
def change_person(
    *,
    actor: User,
    person: Person,
    on: date,
    name: str,
    relationship: str,
    residence: str,
    resident_id: str | None = None,
    phone: str | None = None,
    ethnicity: str | None = None,
    actual_residence: str | None = None,
    explained: str = "",
) -> Person:
    """Correct a member; None leaves a column as it is.

    `explained`: why an improbable relation is true (people.relations).

    A changed number is an event of its own; the wrong number stays findable. A death is recorded
    as what happened (people.lifecycle.record_death), not as a correction.
    """
    household = lock_household(person.household)
    with change(
        Person.objects.all(),
        person.pk,
        actor=actor,
        action="enrollment.change_person",
        reason=explained,
    ) as row:
        row.household, born = household, row.birth_date
        if name != row.name:
            refuse_unseen(row, on, at="name")
        _renumber(actor, row, resident_id, on)
        if ethnicity is not None and ethnicity not in ETHNICITIES:
            raise Refusal("请在列表中选择民族", "ethnicity")
        entry = MemberEntry(
            position=0,
            name=name,
            relationship=relationship,
            residence=residence,
        )
        check_member(entry, row.sex)
        others = household.members.present().exclude(pk=row.pk)
        relationships = list(others.values_list("relationship", flat=True))
        if row.death_date is None:
            check_head([*relationships, relationship], "relationship")
        spelling = spell(entry.name)
        row.name, row.pinyin, row.initials = entry.name, spelling.pinyin, spelling.initials
        if (relationship, row.birth_date) != (row.relationship, born):
            row.relationship = relationship
            refuse_odd(
                map(as_member, [*household.members.exclude(pk=row.pk), row]),
                on=on,
                asked={row.pk},
                at=lambda _, field: (field,),
                explained=explained,
            )
        row.residence = residence
        if ethnicity is not None:
            row.ethnicity = ethnicity
        if actual_residence is not None:
            row.actual_residence = actual_residence
        if phone is not None:
            row.phone = phone
    take_up_corrected(actor, row, on)
    return row


def take_up_corrected(actor: User, person: Person, on: date) -> None:
    """Somebody registered got another name or number: what the lists say of it is theirs now.

    Rooms above do what follows from a new status (`status_taken`). Inside a transaction.
    """
    area = person.household.division.county_code
    if take_up([person.resident_id_index], area_code=area):
        for _ in answers("status_taken", actor, [person.pk], on):
            pass


def _renumber(actor: User, person: Person, resident_id: str | None, on: date) -> None:
    """A corrected number of a member under lock."""
    number = read_resident_id(resident_id, on=on) if resident_id else None
    if number is None:
        return
    index = blind_index("resident_id", number.number)
    if index != person.resident_id_index:
        refuse_unseen(person, on, at="resident_id")
        refuse_registered({index: ("resident_id",)}, actor)
        correct_number(actor=actor, person=person, number=number, on=on)


@dataclass(frozen=True)
class Revealed:
    """Sealed values in the clear, to be shown once."""

    resident_ids: Mapping[int, str]
    phone: str
    bank_account: str


@all_or_nothing()
def reveal_household(*, actor: User, household: Household, reason: str) -> Revealed:
    """Unmask a household's numbers for a stated reason; the trail keeps who and why."""
    reason = given_reason(reason, asks="查看完整证件号的事由")
    people = list(household.members.all())
    record(
        actor=actor,
        action="enrollment.reveal",
        subject=household,
        after={"people": [person.pk for person in people], "what": "resident_id, phone, account"},
        reason=reason,
    )
    return Revealed(
        {person.pk: person.resident_id for person in people},
        household.phone,
        household.bank_account,
    )
