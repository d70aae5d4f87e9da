"""What happens to one person: birth, arrival, death, departure, return, new number, marriage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing, locked
from desk.reasons import given_reason
from enrollment.people.checking import as_member, refuse_odd, refuse_unseen
from enrollment.people.ethnicities import ETHNICITIES
from enrollment.people.events import (
    NUMBER_COLUMNS,
    Change,
    Happening,
    Kind,
    Told,
    key_of,
    refuse_date,
    replace_number,
    state_of,
)
from enrollment.people.listed import take_up
from enrollment.people.models import Household, Person, RegisterEvent
from enrollment.people.numbers import NumberKind, read_number
from enrollment.people.register import (
    MemberEntry,
    check_head,
    check_member,
    lock_household,
    next_member_number,
    person_of,
    refuse_closed,
    take_up_corrected,
)
from enrollment.people.registered import refuse_registered


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Who joins a household. Sex and birth date are read from a resident id, else told."""

    name: str
    relationship: str
    kind: str
    number: str
    sex: str = ""
    birth_date: date | None = None
    residence: str = Person.Residence.RURAL
    ethnicity: str = "01"
    # Why an improbable relation is true (people.relations).
    explained: str = ""


def lock_ending(home: Household, to: Household) -> tuple[Household, Household, list[Household]]:
    """Both rows locked, returned as given, and the households whose account `home` has by now: it
    would pass them on with its own. All in the order of the key."""
    before = Household.objects.filter(account_into=home).values_list("pk", flat=True)
    ids = sorted({home.pk, to.pk, *before})
    located = Household.objects.select_related("division")
    rows = {pk: locked(located, pk) for pk in ids}
    later = Household.objects.filter(account_into=home).exclude(pk__in=ids)
    if later.exists():
        raise Refusal("刚有另一户并入，请刷新后再办", "to")
    passed = [row for row in rows.values() if row.account_into_id == home.pk]
    return rows[home.pk], rows[to.pk], passed


def end_household(home: Household, to: Household, passed: Sequence[Household], day: date) -> None:
    """Nobody is left: the household closes, its account goes where its people went.

    大足办法第二十三条(一): the family uses its account until it is used up; 第二十六条(四): what is
    left carries over. Changes the rows in memory.
    """
    home.closed_on = day
    for one in (home, *passed):
        one.account_into_id = to.account_into_id or to.pk


def refuse_pending(people: Sequence[Person]) -> None:
    """Who is entered but has not paid must pay or be withdrawn first: the receipt names a house."""
    waiting = Person.objects.filter(pk__in=[person.pk for person in people]).awaiting_payment()
    person = waiting.order_by("household", "member_number").first()
    if person is not None:
        raise Refusal(f"{person.name}有待缴费的参保登记，请先收款或撤销后再办")


def name_head(remaining: Sequence[Person], new_head: int | None, leaving: Person) -> None:
    """When the head goes, one of those who stay follows. Changes the row in memory."""
    if leaving.relationship != Person.Relationship.HEAD or not remaining:
        return
    if any(person.relationship == Person.Relationship.HEAD for person in remaining):
        return
    chosen = [person for person in remaining if person.pk == new_head]
    if not chosen:
        raise Refusal("户主离开后由谁任户主？请在其他成员中选择", "new_head")
    chosen[0].relationship = Person.Relationship.HEAD


def members_of(household: Household) -> list[Person]:
    """Everybody of the household, with the locked household in hand."""
    people = list(household.members.select_for_update(no_key=True).order_by("pk"))
    for person in people:
        person.household = household
    return people


def among(members: Sequence[Person], person: Person) -> Person:
    """The person as they are now. Raises Refusal: another window has just moved them away."""
    for one in members:
        if one.pk == person.pk:
            return one
    raise Refusal(f"{person.name}刚由另一窗口转到别的户，请重新查询后再办")


def locked_member(person: Person) -> tuple[Household, Person, list[Person]]:
    """The person's household, the person and the others who are present, locked and fresh."""
    household = lock_household(Household.objects.get(members=person))
    members = members_of(household)
    here = among(members, person)
    if here.same_as is not None:
        raise Refusal(f"这是重复登记，已并入{here.same_as}（{here.same_as.certificate_number}）")
    others = [one for one in members if one.pk != person.pk and one.is_present]
    return household, here, others


def _left_by(person: Person, others: Sequence[Person], new_head: int | None, told: Told) -> Change:
    """The household without the person, watched, under a head of its own."""
    refuse_date(told.effective_on, told.on, since=[person.birth_date])
    change = Change([person, *others])
    name_head(others, new_head, person)
    return change


def with_explanation(reason: str, explained: str) -> str:
    """What the event keeps: why it happened, and why something improbable is true."""
    return "；".join(filter(None, (reason, explained.strip())))


@all_or_nothing()
def record_newcomer(
    *,
    actor: User,
    household: Household,
    newcomer: Newcomer,
    kind: str,
    on: date,
    effective_on: date | None = None,
    reason: str = "",
) -> Person:
    """A birth, on the day of birth, or somebody who moves in from outside the county.

    Raises Refusal. A newborn may bear a birth certificate's number until there is a resident id.
    """
    household = lock_household(household)
    refuse_closed(household)
    number = read_number(newcomer.kind, newcomer.number, on=on)
    sex = number.sex or newcomer.sex
    birth_date = number.birth_date or newcomer.birth_date
    if sex not in Person.Sex.values:
        raise Refusal("请选择性别", "sex")
    if birth_date is None or birth_date > on:
        raise Refusal("请填写出生日期，不能晚于今天", "birth_date")
    day = birth_date if kind == Kind.BIRTH else effective_on
    if day is None:
        raise Refusal("请填写变动日期", "effective_on")
    refuse_date(day, on, since=[birth_date])
    if newcomer.ethnicity not in ETHNICITIES:
        raise Refusal("请在列表中选择民族", "ethnicity")
    entry = MemberEntry(
        position=0,
        name=newcomer.name,
        relationship=newcomer.relationship,
        residence=newcomer.residence,
    )
    check_member(entry, sex)
    members = members_of(household)
    present = [member.relationship for member in members if member.is_present]
    check_head([*present, newcomer.relationship], "relationship")
    refuse_registered({number.index: ("number",)}, actor)
    person = person_of(
        entry,
        household,
        next_member_number(household, members),
        sex=sex,
        birth_date=birth_date,
        resident_id=number.text,
        resident_id_index=number.index,
        number_kind=number.kind,
        ethnicity=newcomer.ethnicity,
    )
    refuse_odd(
        [*map(as_member, members), as_member(person, "new")],
        on=on,
        asked={"new"},
        at=lambda _, field: (field,),
        explained=newcomer.explained,
    )
    person.save()
    take_up([number.index], area_code=household.division.county_code)
    change = Change([])
    change.watch(person)
    told = Told(actor, day, on, with_explanation(reason, newcomer.explained))
    change.keep(Happening(kind, household, told, person=person))
    return person


@all_or_nothing()
def record_death(
    *,
    actor: User,
    person: Person,
    effective_on: date,
    on: date,
    new_head: int | None = None,
    reason: str = "",
) -> RegisterEvent:
    """A death ends the use of cover: claims refuse what is billed after the day."""
    household, person, others = locked_member(person)
    if person.death_date:
        raise Refusal(f"{person.name}已登记死亡（{person.death_date}）")
    told = Told(actor, effective_on, on, reason)
    change = _left_by(person, others, new_head, told)
    person.death_date = effective_on
    return change.keep(Happening(Kind.DEATH, household, told, person=person))


@all_or_nothing()
def record_departure(
    *,
    actor: User,
    person: Person,
    effective_on: date,
    on: date,
    reason: str,
    new_head: int | None = None,
) -> RegisterEvent:
    """Somebody leaves the county for good and is no longer counted as one to enrol (应参)."""
    household, person, others = locked_member(person)
    if not person.is_present:
        raise Refusal(f"{person.name}已登记死亡或迁出，不能再办迁出")
    reason = given_reason(reason)
    refuse_pending([person])
    told = Told(actor, effective_on, on, reason)
    change = _left_by(person, others, new_head, told)
    person.departure_date = effective_on
    return change.keep(Happening(Kind.DEPARTURE, household, told, person=person))


@all_or_nothing()
def record_return(
    *,
    actor: User,
    person: Person,
    effective_on: date,
    on: date,
    relationship: str,
    reason: str = "",
    explained: str = "",
) -> RegisterEvent:
    """Somebody who had left is back in the household."""
    household, person, others = locked_member(person)
    refuse_closed(household)
    if person.departure_date is None:
        raise Refusal(f"{person.name}没有迁出登记")
    if person.number_kind == NumberKind.NONE:
        raise Refusal(f"{person.name}的登记已注销，请按迁入重新登记")
    refuse_date(effective_on, on, since=[person.departure_date])
    check_head([one.relationship for one in others] + [relationship], "relationship")
    change = Change([person])
    person.departure_date, person.relationship = None, relationship
    _refuse_odd_one(person, others, on, explained)
    told = Told(actor, effective_on, on, with_explanation(reason, explained))
    return change.keep(Happening(Kind.RETURN, household, told, person=person))


@all_or_nothing()
def change_number(
    *, actor: User, person: Person, kind: str, number: str, effective_on: date, on: date
) -> RegisterEvent:
    """Another document: a newborn's resident id, a new passport. The old number stays findable."""
    _, person, _ = locked_member(person)
    new = read_number(kind, number, on=on)
    refuse_date(effective_on, on, since=[person.birth_date])
    if new.index == person.resident_id_index:
        raise Refusal("新证件号码与现在的相同", "number")
    if new.birth_date and (new.birth_date, new.sex) != (person.birth_date, person.sex):
        raise Refusal(
            f"身份证号与登记的出生日期（{person.birth_date}）或性别不符，请核对证件；"
            "登记有误的先撤销出生登记重新办理，已缴费参保的请申请更正姓名、证件",
            "number",
        )
    if person.number_kind == new.kind == NumberKind.RESIDENT_ID:
        refuse_unseen(person, on, at="number")  # a resident id stays for life
    own = person.former_numbers.filter(number_index=new.index).exists()
    if not own:
        refuse_registered({new.index: ("number",)}, actor)
    event = replace_number(Told(actor, effective_on, on), person, new, mistaken=False)
    person.save(update_fields=NUMBER_COLUMNS)
    take_up_corrected(actor, person, on)
    return event


@all_or_nothing()
def transfer_person(
    *,
    actor: User,
    person: Person,
    to: Household,
    relationship: str,
    effective_on: date,
    on: date,
    reason: str,
    new_head: int | None = None,
    explained: str = "",
) -> RegisterEvent:
    """Marriage or another move into an existing household of the county (婚嫁、转户).

    Cover that is paid stays where it was taken; the certificate number is the new household's.
    """
    home = Household.objects.get(members=person)
    if home.pk == to.pk:
        raise Refusal("就在这一户，无须转户", "to")
    home, to, passed = lock_ending(home, to)
    refuse_closed(to)
    members = members_of(home)
    person = among(members, person)
    others = [one for one in members if one.pk != person.pk and one.is_present]
    gone = [one for one in members if one.death_date is None and one.departure_date]
    _transferable(home, to, person, reason)
    refuse_pending([person])
    refuse_date(effective_on, on, since=[person.birth_date])
    there = members_of(to)
    present = [one.relationship for one in there if one.is_present]
    check_head([*present, relationship], "relationship")
    entry = MemberEntry(
        position=0, name=person.name, relationship=relationship, residence=person.residence
    )
    check_member(entry, person.sex)
    change = Change([person, *others, home, *passed])
    name_head(others, new_head, person)
    if not others and not gone and home.closed_on is None:  # who left the county may come back
        end_household(home, to, passed, effective_on)
    person.household, person.relationship = to, relationship
    person.member_number = next_member_number(to, there)
    _refuse_odd_one(person, there, on, explained)
    told = Told(actor, effective_on, on, with_explanation(reason, explained))
    return change.keep(Happening(Kind.TRANSFER, home, told, other_household=to, person=person))


def _refuse_odd_one(person: Person, others: Sequence[Person], on: date, explained: str) -> None:
    """The relation in which somebody joins the others."""
    refuse_odd(
        map(as_member, [*others, person]),
        on=on,
        asked={person.pk},
        at=lambda _, field: (field,),
        explained=explained,
    )


def _transferable(home: Household, to: Household, person: Person, reason: str) -> None:
    if home.division.county_code != to.division.county_code:
        raise Refusal("只能转到本县的户；转到外县请办理迁出", "to")
    if not person.is_present:
        raise Refusal(f"{person.name}已登记死亡或迁出，不能转户")
    given_reason(reason)


@dataclass(frozen=True)
class Death:
    """One line of a deaths list."""

    person_id: int
    day: date


def record_deaths(*, actor: User, deaths: Sequence[Death], on: date, reason: str) -> int:
    """Deaths from a list, in a fixed number of statements. Inside a transaction.

    Heads are not replaced here: the household names a new one at its next enrolment.
    Returns how many people changed.
    """
    days = {death.person_id: death.day for death in deaths}
    people = list(
        # In the order of the key: a list of deaths meets windows that lock one person each.
        # Without a join: a row that is transferred meanwhile would fall out of it.
        Person.objects.select_for_update(no_key=True).filter(pk__in=list(days)).order_by("pk")
    )
    homes = Household.objects.in_bulk({person.household_id for person in people})
    events, changed = [], []
    for person in people:
        before = state_of(person)["death_date"]
        day = days[person.pk]
        if person.death_date == day:
            continue
        person.death_date = day
        changed.append(person)
        events.append(
            RegisterEvent(
                kind=Kind.DEATH,
                division_id=homes[person.household_id].division_id,
                household=homes[person.household_id],
                person=person,
                effective_on=day,
                before={key_of(person): {"death_date": before}},
                after={key_of(person): {"death_date": day.isoformat()}},
                reason=reason[:200],
                recorded_by=actor,
                recorded_on=on,
            )
        )
    Person.objects.bulk_update(changed, ["death_date"], batch_size=1000)
    RegisterEvent.objects.bulk_create(events, batch_size=1000)
    return len(changed)
