"""What is known of the numbers on the window's form the moment they are typed.

Somebody who is registered, dead, or covered elsewhere is told of before anything else is typed,
and is quoted no price.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from enrollment.people.elsewhere import cover_elsewhere, elsewhere_refusal
from enrollment.people.listed import borne_by, listed_on, named_otherwise
from enrollment.people.listed_models import ListedStatus
from enrollment.people.models import Person
from enrollment.people.numbers import indexes_of
from enrollment.people.register import MemberEntry, read_resident_id
from enrollment.people.registered import WITH_PLACE, is_near, note_told, told
from enrollment.people.search import bearers


@dataclass(frozen=True)
class Known:
    """Why the person of a row cannot join; `household`: the own one to open instead, or None."""

    text: str
    household: int | None = None


def look_up(
    *, actor: User, entries: Sequence[MemberEntry], known: Mapping[int, Person], on: date
) -> dict[int, Known]:
    """Position on the form → what stands in the way. Three statements, however many rows.

    `known`: the registered members of the form's own household by id.
    """
    numbers = {entry.position: _number(entry, on) for entry in entries if not entry.person_id}
    typed = {position: number for position, number in numbers.items() if number}
    found = bearers(typed.values(), Person.objects.select_related(WITH_PLACE)) if typed else {}
    answers = {}
    for position, number in typed.items():
        if number not in found:
            continue
        person = found[number].person
        near = is_near(person.household.division.code, actor.division_code)
        text = note_told(person, actor) or told(person, actor)
        if near and found[number].said:
            text = f"{found[number].said}；{text}"
        answers[position] = Known(text, person.household_id if near else None)
    return answers | _covered_elsewhere(entries, typed, known, on, answers)


def listed_statuses(
    entries: Sequence[MemberEntry], *, on: date, area_code: str
) -> dict[int, tuple[list[ListedStatus], str]]:
    """Position on the form → what lists say of a number not registered yet, and what is wrong.

    One statement. A number alone tells nothing: the name must be that of the list.
    """
    indexes = {
        entry.position: indexes_of(number)[0]
        for entry in entries
        if not entry.person_id and entry.name and (number := _number(entry, on))
    }
    listed = listed_on(set(indexes.values()), on, area_code=area_code) if indexes else {}
    names = {entry.position: entry.name for entry in entries}
    found = {}
    for position, index in indexes.items():
        if rows := listed.get(index):
            held = borne_by(rows, names[position])
            found[position] = held, "" if held else named_otherwise(names[position])
    return found


def _number(entry: MemberEntry, on: date) -> str:
    try:
        return read_resident_id(entry.resident_id, on=on).number if entry.resident_id else ""
    except Refusal:  # told beside the field
        return ""


def _covered_elsewhere(
    entries: Sequence[MemberEntry],
    typed: Mapping[int, str],
    known: Mapping[int, Person],
    on: date,
    told_already: Mapping[int, Known],
) -> dict[int, Known]:
    indexes = {
        entry.position: known[entry.person_id].resident_id_index
        for entry in entries
        if entry.person_id is not None and entry.person_id in known and entry.joins
    }
    indexes |= {position: indexes_of(number)[0] for position, number in typed.items()}
    covers = cover_elsewhere(set(indexes.values()), on) if indexes else {}
    names = {entry.position: entry.name or "此人" for entry in entries}
    return {
        position: Known(elsewhere_refusal(names[position], covers[index]))
        for position, index in indexes.items()
        if index in covers and position not in told_already
    }
