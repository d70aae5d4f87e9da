"""Writing what happened: a change is watched, saved and kept as one dated row that can be undone.

A row tells only the columns that changed, so that undoing it can see whether they still stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from enrollment.people.listed import take_up
from enrollment.people.models import (
    FormerCertificate,
    FormerNumber,
    Household,
    Person,
    RegisterEvent,
)
from enrollment.people.numbers import Number, NumberKind
from lib.resident_id import ResidentId
from lib.spelling import spell

Kind = RegisterEvent.Kind
HOUSEHOLD = ("number", "division_id", "closed_on", "account_into_id")
PERSON = ("household_id", "member_number", "relationship", "death_date", "departure_date")
State = dict[str, dict[str, Any] | None]


def key_of(row: Household | Person) -> str:
    """How an event names a row: person:5, household:12."""
    return f"{row._meta.model_name}:{row.pk}"


def columns_of(row: Household | Person) -> tuple[str, ...]:
    return HOUSEHOLD if isinstance(row, Household) else PERSON


def state_of(row: Household | Person) -> dict[str, Any]:
    """The watched columns as JSON values."""
    found = {}
    for name in columns_of(row):
        value = getattr(row, name)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


@dataclass(frozen=True)
class Told:
    """Who records a change, since when it is so, on which day it is recorded, and why."""

    actor: User
    effective_on: date
    on: date
    reason: str = ""


@dataclass(frozen=True)
class Happening:
    """What happened to whom; `undoes`: the event that this one corrects."""

    kind: str
    household: Household
    told: Told
    person: Person | None = None
    other_household: Household | None = None
    undoes: RegisterEvent | None = None


@dataclass
class Change:
    """Rows watched while a service changes them. `keep` saves them and writes the event.

    Rows given with `fresh` did not exist before; they are saved already.
    """

    rows: list[Household | Person]
    fresh: list[Household | Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._before = {key_of(row): state_of(row) for row in self.rows}
        self._certificates = {
            row.pk: (row, row.certificate_number) for row in self.rows if isinstance(row, Person)
        }

    def watch(self, *rows: Household | Person) -> None:
        """Rows made by the service itself."""
        self.fresh += rows

    def _differences(self) -> tuple[State, State]:
        before: State = {}
        after: State = {}
        for row in self.rows:
            key, now = key_of(row), state_of(row)
            then = self._before[key]
            changed = [name for name in now if now[name] != then[name]]
            if changed:
                before[key] = {name: then[name] for name in changed}
                after[key] = {name: now[name] for name in changed}
                row.save(update_fields=changed)
        for row in self.fresh:
            before[key_of(row)], after[key_of(row)] = None, state_of(row)
        return before, after

    def keep(self, happening: Happening) -> RegisterEvent:
        """Save every changed row and write the event, old certificate numbers and the trail."""
        before, after = self._differences()
        event = write_event(happening, before=before, after=after)
        self._keep_certificates(event)
        return event

    def _keep_certificates(self, event: RegisterEvent) -> None:
        FormerCertificate.objects.bulk_create(
            FormerCertificate(
                person=person, number=number, last_day=event.effective_on, event=event
            )
            for person, number in self._certificates.values()
            if person.certificate_number != number
        )


def write_event(happening: Happening, *, before: State, after: State) -> RegisterEvent:
    """One event and its audit line."""
    told = happening.told
    reason = told.reason[:200]
    event = RegisterEvent.objects.create(
        kind=happening.kind,
        division_id=happening.household.division_id,
        household=happening.household,
        other_household=happening.other_household,
        person=happening.person,
        effective_on=told.effective_on,
        before=before,
        after=after,
        reason=reason,
        undoes=happening.undoes,
        recorded_by=told.actor,
        recorded_on=told.on,
    )
    record(
        actor=told.actor,
        action=f"enrollment.event_{happening.kind}",
        subject=event,
        division_code=happening.household.division.code,
        before=before,
        after=after,
        reason=reason,
    )
    return event


def replace_number(
    told: Told,
    person: Person,
    number: Number,
    *,
    mistaken: bool,
    undoes: RegisterEvent | None = None,
) -> RegisterEvent:
    """Give the person another number and keep the old one. Does not save the person.

    The event names the kinds only; the old number itself stands sealed in FormerNumber.
    """
    key = key_of(person)
    kind = Kind.CORRECTION if undoes else Kind.NUMBER
    event = write_event(
        Happening(kind, person.household, told, person=person, undoes=undoes),
        before={key: {"number_kind": person.number_kind}},
        after={key: {"number_kind": number.kind, "mistaken": mistaken}},
    )
    known = FormerNumber.objects.filter(
        person=person, number_index=person.resident_id_index, mistaken=False
    )
    if person.number_kind != NumberKind.NONE and not known.exists():
        FormerNumber.objects.create(
            person=person,
            kind=person.number_kind,
            number=person.resident_id,
            number_index=person.resident_id_index,
            mistaken=mistaken,
            last_day=told.effective_on,
            event=event,
        )
    person.resident_id, person.number_kind = number.text, number.kind
    person.resident_id_index = number.index
    return event


NUMBER_COLUMNS = ("resident_id", "resident_id_index", "number_kind", "sex", "birth_date")


def correct_number(*, actor: User, person: Person, number: ResidentId, on: date) -> None:
    """A number that was typed wrongly, with the sex and birth date that follow from the right one.

    Saves the person's number; the wrong one may be borne by its true owner.
    """
    right = Number(NumberKind.RESIDENT_ID, number.number)
    replace_number(Told(actor, on, on, "证件号码录入有误"), person, right, mistaken=True)
    person.sex, person.birth_date = number.sex, number.birth_date
    person.save(update_fields=NUMBER_COLUMNS)


def correct_identity(
    *,
    actor: User,
    person: Person,
    number: Number | None,
    name: str,
    sex: str,
    birth_date: date | None,
    on: date,
    reason: str,
) -> None:
    """Somebody is found to be another than registered. Empty: as it was. Saves the person."""
    before = audited(person)
    if number is not None:
        replace_number(Told(actor, on, on, reason), person, number, mistaken=True)
    if name:
        spelling = spell(name)
        person.name, person.pinyin, person.initials = name, spelling.pinyin, spelling.initials
    person.sex, person.birth_date = sex or person.sex, birth_date or person.birth_date
    person.save(update_fields=[*NUMBER_COLUMNS, "name", "pinyin", "initials"])
    take_up([person.resident_id_index], area_code=person.household.division.county_code)
    record(
        actor=actor,
        action="enrollment.change_person",
        subject=person,
        division_code=person.household.division.code,
        before=before,
        after=audited(person),
        reason=reason[:200],
    )


def refuse_date(day: date, on: date, *, since: Iterable[date] = ()) -> None:
    """An event lies in the past, and not before those whom it concerns were born."""
    if day > on:
        raise Refusal("变动日期不能晚于今天", "effective_on")
    if any(day < one for one in since):
        raise Refusal("变动日期早于成员的出生日期，请核对", "effective_on")
