"""Numbers that households and people bore in the system that the county had before.

They stand in old papers and in people's heads; whoever types one finds the household or the person
(`PersonQuerySet.ways`). Nothing new is ever given such a number.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, models
from django.db.models import Q

from accounts.models import Division
from desk.carrying import Given
from desk.fields import once
from enrollment.people.numbers import indexes_of, plain
from lib import typed_text

MAX_OLD_NUMBER = 40


class OldNumber(models.Model):
    """One number of the old system (原系统编号): of a household, or of a person."""

    area = models.ForeignKey(
        Division, models.PROTECT, related_name="+", db_index=False, verbose_name="统筹区"
    )
    household = models.ForeignKey(
        "enrollment.Household", models.PROTECT, null=True, related_name="old_numbers"
    )
    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, null=True, related_name="old_numbers"
    )
    # As it is compared: without blanks and dashes, letters large.
    number = models.CharField("原系统编号", max_length=MAX_OLD_NUMBER)

    class Meta:
        constraints = [
            once(
                "area",
                "number",
                name="old_number_of_one_person",
                where=Q(household=None),
                told="这个原系统个人编号已属于另一人，请核对",
            ),
            once(
                "area",
                "number",
                name="old_number_of_one_household",
                where=Q(person=None),
                told="这个原系统户号已属于另一户，请核对",
            ),
            models.CheckConstraint(
                condition=Q(household=None) ^ Q(person=None), name="old_number_is_of_one_thing"
            ),
        ]
        indexes = [models.Index(fields=["number"], name="old_number_number")]

    def __str__(self) -> str:
        return self.number


def old_number(text: str) -> str:
    """As it is kept and compared; "" for an empty cell."""
    return plain(text)


@dataclass(frozen=True, slots=True)
class Registered:
    """Who stands in the register, as files that are carried in ask for them."""

    pk: int
    name: str
    household_id: int
    division_id: int
    birth_date: date
    death_date: date | None


# By the number borne now, by one given up, by the old system's: three look-ups in an index each.
_FACTS = "p.id, p.name, p.household_id, h.division_id, p.birth_date, p.death_date"
_FROM = "JOIN enrollment_household h ON h.id = p.household_id"
FOUND = f"""
SELECT p.resident_id_index, '', {_FACTS} FROM enrollment_person p {_FROM}
WHERE p.resident_id_index = ANY(%(indexes)s)
UNION ALL
SELECT f.number_index, '', {_FACTS}
FROM enrollment_formernumber f JOIN enrollment_person p ON p.id = f.person_id {_FROM}
WHERE f.number_index = ANY(%(indexes)s) AND NOT f.mistaken
UNION ALL
SELECT '', o.number, {_FACTS}
FROM enrollment_oldnumber o JOIN enrollment_person p ON p.id = o.person_id {_FROM}
WHERE o.number = ANY(%(olds)s) AND o.area_id = %(area)s
"""  # noqa: S608 - constants


class Register:
    """Whom the rows of a file mean: by document, else by the old system's number of the person."""

    def __init__(self, area: Division) -> None:
        self.area = area
        self._by_index: dict[str, Registered] = {}
        self._by_old: dict[str, Registered] = {}

    def meet(self, rows: Sequence[Given]) -> Iterator[tuple[Given, Registered]]:
        """A portion of the rows, looked up in one statement: each that is `about` somebody, with
        that person. The others are blamed."""
        self._look(rows)
        for row in rows:
            cells = row.cells
            row.name = typed_text.name(cells["name"])
            found = self._find(cells["number"], cells["old"], row.name)
            if isinstance(found, str):
                row.blame(found)
            else:
                row.about = found.pk
                yield row, found

    def _look(self, rows: Sequence[Given]) -> None:
        # Once for each number: a person's years stand in rows of their own.
        self._indexes = {number: indexes_of(number) if number else []
                         for number in {row.cells["number"] for row in rows}}  # fmt: skip
        self._olds = {old: old_number(old) for old in {row.cells["old"] for row in rows}}
        self._by_index, self._by_old = {}, {}
        indexes = [index for found in self._indexes.values() for index in found]
        olds = [old for old in self._olds.values() if old]
        with connection.cursor() as cursor:
            cursor.execute(FOUND, {"indexes": indexes, "olds": olds, "area": self.area.pk})
            for index, old, *facts in cursor.fetchall():
                if index:
                    self._by_index[index] = Registered(*facts)
                else:
                    self._by_old[old] = Registered(*facts)

    def _find(self, number: str, old: str, name: str) -> Registered | str:
        """The person, or what is wrong in Chinese, with the remedy."""
        indexes, key = self._indexes[number], self._olds[old]
        by_number = next((self._by_index[one] for one in indexes if one in self._by_index), None)
        by_old = self._by_old.get(key)
        if not number and not key:
            return "证件号码和原个人编号都没有填写，请至少填一个"
        if by_number and by_old and by_number.pk != by_old.pk:
            return "证件号码和原个人编号不是同一人，请核对"
        person = by_number or by_old
        if person is None:
            return "户籍登记中没有此人，请先转入其户，或更正号码"
        if not name:
            return "没有填写姓名"
        if person.name != name:
            return f"这个号码登记的姓名不是“{name[:20]}”，请核对姓名和号码"
        return person


def households_of(area: Division, olds: Collection[str]) -> dict[str, tuple[int, int]]:
    """Old number → (household id, division id) of those that stand. One statement."""
    rows = OldNumber.objects.filter(area=area, number__in=olds, household__closed_on=None)
    return {
        number: (household, division)
        for number, household, division in rows.exclude(household=None).values_list(
            "number", "household", "household__division"
        )
    }
