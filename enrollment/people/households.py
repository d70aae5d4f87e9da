"""What happens to households: split, merger, move; and the correction of any event."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing, locked
from desk.reasons import given_reason
from enrollment.people.checking import as_member, refuse_odd
from enrollment.people.events import (
    NUMBER_COLUMNS,
    Change,
    Happening,
    Kind,
    State,
    Told,
    columns_of,
    key_of,
    refuse_date,
    replace_number,
    state_of,
)
from enrollment.people.lifecycle import (
    end_household,
    lock_ending,
    locked_member,
    members_of,
    refuse_pending,
    with_explanation,
)
from enrollment.people.models import FormerNumber, Household, Person, RegisterEvent
from enrollment.people.numbers import Number, NumberKind
from enrollment.people.register import (
    SEX_OF,
    check_head,
    insert_household,
    lock_household,
    next_household_numbers,
    next_member_number,
    refuse_closed,
)
from enrollment.people.rooms import refuse_by_rooms


def _give_relationships(people: Iterable[Person], relationships: Mapping[int, str]) -> None:
    """Everybody's relationship to the head of the own household. Raises Refusal."""
    for person in people:
        at = ("relationship", person.pk)
        relationship = relationships.get(person.pk, "")
        if relationship not in Person.Relationship.values:
            raise Refusal(f"请选择{person.name}与户主关系", at=at)
        wanted = SEX_OF.get(Person.Relationship(relationship))
        if wanted and wanted != person.sex:
            raise Refusal(f"{person.name}的性别与所选关系不符，请核对", at=at)
        person.relationship = relationship


def _refuse_odd(people: Iterable[Person], on: date, explained: str) -> None:
    """Everybody's relation was just given, so everybody is asked about."""
    members = [as_member(one) for one in people]
    refuse_odd(
        members,
        on=on,
        asked={one.key for one in members},
        at=lambda key, _: ("relationship", cast(int, key)),
        explained=explained,
    )


def _refuse_place(division: Division, area: str, on: date) -> None:
    if division.county_code != area:
        raise Refusal("只能迁到本县的村组；迁到外县请办理迁出", "division")
    if division.first_day > on or (division.last_day and division.last_day < on):
        raise Refusal("这个村组已停用，请选择现行的村组", "division")


@all_or_nothing()
def split_household(
    *,
    actor: User,
    household: Household,
    leaving: Iterable[int],
    relationships: Mapping[int, str],
    division: Division,
    effective_on: date,
    on: date,
    reason: str,
    address: str = "",
    explained: str = "",
) -> Household:
    """Some members found a household of their own (分户). Returns the new one.

    `leaving`: ids of those who go; `relationships`: person id → to the head of the own household,
    for everybody present. The new household gets the next number of its village; cover that is
    paid stays where it was taken.
    """
    household = lock_household(household)
    refuse_closed(household)
    reason = given_reason(reason)
    _refuse_place(division, household.division.county_code, on)
    members = members_of(household)
    present = [one for one in members if one.is_present]
    chosen = set(leaving)
    going = [one for one in present if one.pk in chosen]
    staying = [one for one in present if one.pk not in chosen]
    if not going or len(going) != len(chosen):
        raise Refusal("请勾选要分出的成员", "leaving")
    if not staying:
        raise Refusal("至少留一位成员在原户；全户搬迁请办理“全户迁移”", "leaving")
    refuse_pending(going)
    refuse_date(effective_on, on, since=[one.birth_date for one in going])
    change = Change([*present])
    _give_relationships(present, relationships)
    check_head([one.relationship for one in going], "relationship", going[0].pk, least=1)
    check_head([one.relationship for one in staying], "relationship", staying[0].pk, least=1)
    for house in (going, staying):
        _refuse_odd(house, on, explained)
    new = insert_household(division=division, on=on, address=address, phone="")
    for number, person in enumerate(going, start=1):
        person.household, person.member_number = new, number
    change.watch(new)
    told = Told(actor, effective_on, on, with_explanation(reason, explained))
    change.keep(Happening(Kind.SPLIT, household, told, other_household=new))
    return new


@all_or_nothing()
def merge_households(
    *,
    actor: User,
    household: Household,
    into: Household,
    relationships: Mapping[int, str],
    effective_on: date,
    on: date,
    reason: str,
    explained: str = "",
) -> RegisterEvent:
    """Everybody of `household` joins `into` (并户) with the outpatient account; the empty household
    is closed.

    `relationships`: person id → to the head, for everybody present in both.
    """
    if household.pk == into.pk:
        raise Refusal("两户相同，请填写另一户的户编号", "to")
    household, into, passed = lock_ending(household, into)
    refuse_closed(household)
    refuse_closed(into)
    reason = given_reason(reason)
    if household.division.county_code != into.division.county_code:
        raise Refusal("只能并入本县的户", "to")
    coming, there = members_of(household), members_of(into)
    moving = [one for one in coming if one.is_present]
    refuse_pending(moving)
    refuse_date(effective_on, on, since=[one.birth_date for one in moving])
    present = moving + [one for one in there if one.is_present]
    change = Change([household, *passed, *present])
    _give_relationships(present, relationships)
    check_head([one.relationship for one in present], "relationships", least=1)
    _refuse_odd(present, on, explained)
    number = next_member_number(into, there)
    for person in moving:  # the dead and gone stay where they were known
        person.household, person.member_number = into, number
        number += 1
    end_household(household, into, passed, effective_on)
    told = Told(actor, effective_on, on, with_explanation(reason, explained))
    return change.keep(Happening(Kind.MERGE, household, told, other_household=into))


@all_or_nothing()
def move_household(
    *,
    actor: User,
    household: Household,
    division: Division,
    effective_on: date,
    on: date,
    reason: str,
    address: str = "",
) -> RegisterEvent:
    """The whole household moves within the county (全户迁移): a new number, new certificates.

    Enrolments keep the village where they were taken: what was collected there stays there.
    """
    household = lock_household(household)
    refuse_closed(household)
    reason = given_reason(reason)
    _refuse_place(division, household.division.county_code, on)
    if division.pk == household.division_id:
        raise Refusal("就在这个村组，无须迁移", "division")
    if division.level not in {Division.Level.VILLAGE, Division.Level.GROUP}:
        raise Refusal("请选择到村或组", "division")
    members = members_of(household)
    refuse_pending(members)
    refuse_date(effective_on, on)
    change = Change([household, *members])
    (household.number,) = next_household_numbers(division_code=division.code, count=1)
    household.division = division
    if address:
        household.address = address
        household.save(update_fields=["address"])
    told = Told(actor, effective_on, on, reason)
    return change.keep(Happening(Kind.MOVE, household, told))


def _rows_of(event: RegisterEvent) -> dict[str, Household | Person]:
    """The rows that an event tells of, locked: households first, each kind in one order."""
    ids: dict[str, list[int]] = {"household": [], "person": []}
    for key in event.after:
        kind, _, pk = key.partition(":")
        ids[kind].append(int(pk))
    people = Person.objects.filter(pk__in=ids["person"])
    homes = set(ids["household"]) | set(people.values_list("household", flat=True))
    located = Household.objects.select_related("division")
    households = {pk: locked(located, pk) for pk in sorted(homes)}  # one or two
    rows: dict[str, Household | Person] = {
        key_of(households[pk]): households[pk] for pk in ids["household"]
    }
    for person in people.select_for_update(no_key=True).order_by("pk"):
        person.household = households[person.household_id]
        rows[key_of(person)] = person
    return rows


def _refuse_changed(rows: Mapping[str, Household | Person], after: State) -> None:
    for key, columns in after.items():
        now = state_of(rows[key])
        if any(now[name] != value for name, value in (columns or {}).items()):
            raise Refusal("这次变动之后又有新的变动，请先撤销后面的变动")


@all_or_nothing()
def correct_event(
    *, actor: User, event: RegisterEvent, on: date, reason: str, by_two: bool = False
) -> RegisterEvent:
    """Undo an event that was recorded wrongly: everything is as before, both rows stay.

    Raises Refusal when something newer builds on it. `by_two`: a second person has agreed, without
    whom records that were made one stay one (people/same.py).
    """
    reason = given_reason(reason)
    # An event is corrected once; its households and people are locked after it.
    event = RegisterEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if event.kind == Kind.CORRECTION:
        raise Refusal("更正不能再撤销，请重新登记正确的变动")
    if event.kind == Kind.SAME and not by_two:
        raise Refusal("重复登记合并由两人办理，请在“重复登记”里申请撤销")
    if RegisterEvent.objects.filter(undoes=event).exists():
        raise Refusal("这次变动已经撤销")
    if event.kind == Kind.NUMBER:
        return _correct_number_event(actor, event, on, reason)
    rows = _rows_of(event)
    _refuse_changed(rows, event.after)
    _refuse_joined(event, rows)
    _refuse_enrolled(event, rows)
    _refuse_account_used(event, rows)
    change = Change([*rows.values(), *_renumbered(event, rows)])
    for key, columns in event.before.items():
        _put_back(actor, rows[key], columns, event, on)
    _refuse_taken_number(rows)
    home = Household.objects.select_related("division").get(pk=event.household_id)
    told = Told(actor, event.effective_on, on, reason)
    undone = Happening(
        Kind.CORRECTION, home, told, event.person, event.other_household, undoes=event
    )
    return change.keep(undone)


def _renumbered(event: RegisterEvent, rows: Mapping[str, Household | Person]) -> list[Person]:
    """Members whose certificates change with their household's number."""
    found = []
    for key, columns in event.before.items():
        row = rows[key]
        if isinstance(row, Household) and columns and "number" in columns:
            found += [one for one in members_of(row) if key_of(one) not in rows]
    return found


def _put_back(
    actor: User,
    row: Household | Person,
    columns: dict[str, object] | None,
    event: RegisterEvent,
    on: date,
) -> None:
    """The row as it was; what the event itself made is closed, not erased."""
    if columns is None:
        if isinstance(row, Household):
            row.closed_on = event.effective_on
        else:
            row.departure_date = event.effective_on
            nothing = Number(NumberKind.NONE, f"注销{row.pk}")
            replace_number(Told(actor, on, on, "登记有误，已注销"), row, nothing, mistaken=True)
            row.save(update_fields=NUMBER_COLUMNS)
        return
    for name in columns_of(row):
        if name not in columns:
            continue
        value = columns[name]
        if name in {"death_date", "departure_date", "closed_on"} and isinstance(value, str):
            value = date.fromisoformat(value)
        setattr(row, name, value)
    if isinstance(row, Household) and row.closed_on is None:
        # Mergers of before accounts went along do not name the column.
        row.account_into_id = cast("int | None", columns.get("account_into_id"))
    if isinstance(row, Person) and "household_id" in columns:
        row.household = Household.objects.select_related("division").get(pk=row.household_id)


def _refuse_joined(event: RegisterEvent, rows: Mapping[str, Household | Person]) -> None:
    """A household that is undone has nobody and no account but what the event brought."""
    for key, columns in event.before.items():
        row = rows[key]
        if columns is not None or isinstance(row, Person):
            continue
        if any(key_of(one) not in rows for one in row.members.all()):
            raise Refusal("新户之后又有人加入，请先办理转户或撤销后面的变动")
        if Household.objects.filter(account_into=row).exists():
            raise Refusal("之后又有别的户并入新户，请先撤销后面的变动")


def _refuse_account_used(event: RegisterEvent, rows: Mapping[str, Household | Person]) -> None:
    """Accounts that were one part only as long as each can pay for what was used in its name."""
    parted = [
        row
        for key, columns in event.before.items()
        if isinstance(row := rows[key], Household) and row.account_into_id
        if columns and {"closed_on", "account_into_id"} & columns.keys()
    ]
    if parted:
        going = {one.pk for one in parted}
        shared = Household.objects.sharing_account_with(parted[0]).values_list("pk", flat=True)
        refuse_by_rooms("parting_problem", sorted(going), sorted({*shared} - going))


def _refuse_enrolled(event: RegisterEvent, rows: Mapping[str, Household | Person]) -> None:
    """What has been built on the new rows must go first."""
    moved: list[Person] = []
    for key, columns in event.before.items():
        row = rows[key]
        if isinstance(row, Person):
            if columns is None and Person.objects.filter(pk=row.pk).entered().exists():
                raise Refusal(f"{row.name}已办理参保，请先作废收据、撤销参保后再撤销登记")
            if columns and "household_id" in columns:
                moved.append(row)
        elif columns is None and Household.objects.filter(pk=row.pk).entered().exists():
            raise Refusal("新户已办理参保，请先作废收据、撤销参保后再撤销分户")
    refuse_pending(moved)


def _refuse_taken_number(rows: Mapping[str, Household | Person]) -> None:
    for row in rows.values():
        if not isinstance(row, Person):
            continue
        others = Person.objects.filter(
            household=row.household_id, member_number=row.member_number
        ).exclude(pk=row.pk)
        if others.exists():
            raise Refusal(f"{row.name}原来的成员序号已被使用，请改办转户")


def _correct_number_event(
    actor: User, event: RegisterEvent, on: date, reason: str
) -> RegisterEvent:
    person = event.person
    if person is None:
        raise Refusal("这次变动没有写明成员，不能撤销")
    _, person, _ = locked_member(person)
    later = RegisterEvent.objects.filter(person=person, kind=Kind.NUMBER, pk__gt=event.pk)
    if later.filter(undone_by=None).exists():
        raise Refusal("这次变动之后又有新的变动，请先撤销后面的变动")
    former = FormerNumber.objects.filter(event=event).first()
    if former is None:  # an old number of the same person, kept by an earlier event
        raise Refusal("原来的证件号码已有其他登记，请重新办理换证")
    back = Number(former.kind, former.number)
    correction = replace_number(
        Told(actor, event.effective_on, on, reason), person, back, mistaken=True, undoes=event
    )
    person.save(update_fields=NUMBER_COLUMNS)
    return correction
