"""The one way to find a person: by any number of theirs, of today or of former days, or by name.

Every door asks here: the window, both claim desks, lists, files of tax and departments, sponsors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from enrollment.people.models import FormerNumber
from enrollment.people.numbers import indexes_of

if TYPE_CHECKING:
    from enrollment.people.models import Person, PersonQuerySet


@dataclass(frozen=True)
class Bearer:
    """Who was found by a number; `former`: the number is one that they gave up."""

    person: "Person"
    former: FormerNumber | None = None

    @property
    def said(self) -> str:
        """That the number is a former one, in Chinese; "" where it is today's."""
        if self.former is None:
            return ""
        kind = "误录的" if self.former.mistaken else "原"
        return (
            f"所录号码是{self.person.name}{kind}{self.former.get_kind_display()}号码，"
            f"{self.former.last_day:%Y-%m-%d} 起停用，现用{self.person.get_number_kind_display()}"
        )


def bearers(texts: Iterable[str], people: "PersonQuerySet") -> dict[str, Bearer]:
    """Number as typed → who of `people` bears it, else who bore it before. Two statements.

    Numbers that were typed wrongly and belong to somebody else find nobody.
    """
    asked = {text: indexes_of(text) for text in texts}
    every = [index for indexes in asked.values() for index in indexes]
    now = {one.resident_id_index: Bearer(one) for one in people.filter(resident_id_index__in=every)}
    rows = FormerNumber.objects.filter(number_index__in=every, mistaken=False, person__in=people)
    before = {row.number_index: Bearer(row.person, row) for row in rows.select_related("person")}
    found = {}
    for text, indexes in asked.items():
        who = [known[index] for known in (now, before) for index in indexes if index in known]
        if who:
            found[text] = who[0]
    return found


def found_people(people: "PersonQuerySet", text: str, at_most: int) -> list[Bearer]:
    """Whom `people.search` finds, at most so many, and whether by a number of former days."""
    rows = list(people.search(text).order_by("household", "member_number")[:at_most])
    indexes = indexes_of(text)
    former = FormerNumber.objects.filter(person__in=rows, number_index__in=indexes)
    given_up = {row.person_id: row for row in former.order_by("mistaken", "-pk")} if indexes else {}
    return [
        Bearer(one, None if one.resident_id_index in indexes else given_up.get(one.pk))
        for one in rows
    ]


def found_households(people: "PersonQuerySet", text: str, at_most: int) -> list[int]:
    """Ids of the households of whom `people.search` finds, at most so many.

    Whole names and sounds are asked for first: among 3000 that begin with 王伟 the three who bear
    just this name are the ones that are meant. Two questions that stop early are faster than one
    that sorts all it finds.
    """
    typed = "".join(text.split())
    whole = Q(name=typed) | Q(initials=typed.lower()) | Q(pinyin=typed.lower())
    found: dict[int, None] = {}
    for some in (people.filter(whole), people.search(text)):
        ids = some.order_by().values_list("household", flat=True).distinct()
        found |= dict.fromkeys(ids[:at_most])
    return list(found)[:at_most]
