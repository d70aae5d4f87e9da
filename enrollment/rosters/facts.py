"""What the portal knows about the people and households of a register, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.fields import sealer
from accounts.models import Division
from enrollment.collection.models import BookEvent, Receipt, ReceiptBook
from enrollment.cover.covering import CoverHistory, cover_histories
from enrollment.cover.models import Enrollment
from enrollment.people.elsewhere import cover_elsewhere
from enrollment.people.listed import listed_on
from enrollment.people.listed_models import ListedStatus
from enrollment.people.models import HOUSEHOLD_BANK, HOUSEHOLD_PHONE, OtherCover
from enrollment.people.old_numbers import OldNumber
from enrollment.people.register import statuses_on
from enrollment.people.registered import place_of
from lib.batches import chunked
from lib.typed_text import plain


@dataclass(frozen=True, slots=True)
class Cover:
    """An enrolment that is not withdrawn. `personal`: what the person owes or paid, fen."""

    pk: int
    household_id: int
    division_id: int
    year: int
    tier: str
    status: str
    consecutive_years: int
    personal: int

    @property
    def is_active(self) -> bool:
        return self.status == Enrollment.Status.ACTIVE

    @property
    def is_pending(self) -> bool:
        return self.status == Enrollment.Status.PENDING


@dataclass(slots=True)
class KnownPerson:
    pk: int
    household_id: int
    household_number: str
    division_id: int
    name: str
    relationship: str
    residence: str
    death_date: date | None
    departure_date: date | None
    sex: str
    birth_date: date
    statuses: frozenset[str] = frozenset()
    this_year: Cover | None = None
    last_year: Cover | None = None
    # Asked for only where last year was not covered: who may have to wait.
    history: CoverHistory | None = None


@dataclass(slots=True)
class KnownHousehold:
    """`living`: person id → relationship. `covers`: (year, tier, paid) of its enrolments."""

    pk: int
    number: str
    division_id: int
    division_code: str
    phone: str
    bank_account: str
    closed_on: date | None
    living: dict[int, str] = field(default_factory=dict)
    covers: list[tuple[int, str, bool]] = field(default_factory=list)


@dataclass
class Facts:
    """People by blind index, households by id and number, receipt books by code."""

    people: dict[str, KnownPerson]
    households: dict[int, KnownHousehold]
    numbers: dict[str, int]
    books: dict[str, ReceiptBook]
    used_receipts: frozenset[tuple[int, int]]
    # Book → numbers that no receipt is to be written on: reported lost, or written ahead.
    gone: dict[int, set[int]]
    # Blind index → cover by another insurance.
    elsewhere: dict[str, OtherCover]
    # Blind index → what lists say of people who are not registered yet.
    listed: dict[str, list[ListedStatus]]
    # Number of the old system → household and person that bear it.
    old_homes: dict[str, int]
    old_people: dict[str, int]

    def household(self, number: str) -> KnownHousehold | None:
        pk = self.numbers.get(number)
        return self.households[pk] if pk is not None else None


def _select(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


# By the number borne now or by one given up; two look-ups in an index each, where OR would scan.
# `mistaken`: a number that was typed wrong finds nobody.
PEOPLE = """
    SELECT p.resident_id_index, p.id, p.household_id, h.number, h.division_id, p.name,
           p.relationship, p.residence, p.death_date, p.departure_date,
           p.sex, p.birth_date
    FROM enrollment_person p JOIN enrollment_household h ON h.id = p.household_id
    WHERE p.resident_id_index = ANY(%s)
    UNION ALL
    SELECT f.number_index, p.id, p.household_id, h.number, h.division_id, p.name,
           p.relationship, p.residence, p.death_date, p.departure_date,
           p.sex, p.birth_date
    FROM enrollment_formernumber f JOIN enrollment_person p ON p.id = f.person_id
        JOIN enrollment_household h ON h.id = p.household_id
    WHERE f.number_index = ANY(%s) AND NOT f.mistaken
"""
# By the number that the roster names, or found through a person.
HOUSEHOLDS = """
    SELECT h.id, h.number, h.division_id, d.code, h.phone, h.bank_account, h.closed_on
    FROM enrollment_household h JOIN accounts_division d ON d.id = h.division_id
    WHERE (h.number = ANY(%s) AND h.closed_on IS NULL) OR h.id = ANY(%s)
"""
LIVING = """
    SELECT household_id, id, relationship FROM enrollment_person
    WHERE household_id = ANY(%s) AND death_date IS NULL AND departure_date IS NULL
"""
# In fen, as everything that judges counts.
COVERS = """
    SELECT person_id, id, household_id, division_id, year, tier, status, consecutive_years,
        (personal_amount * 100)::int
    FROM enrollment_enrollment
    WHERE person_id = ANY(%s) AND year BETWEEN %s AND %s AND status <> 'cancelled'
"""
HOUSEHOLD_COVERS = """
    SELECT DISTINCT household_id, year, tier, status = 'active' FROM enrollment_enrollment
    WHERE household_id = ANY(%s) AND year <= %s AND status <> 'cancelled'
"""


def gather(
    *,
    indexes: Sequence[str],
    numbers: Sequence[str],
    receipts: Mapping[str, set[int]],
    township: Division,
    year: int,
    on: date,
    olds: Sequence[str] = (),
) -> Facts:
    """Everything that the verdicts ask. `receipts`: book code → numbers in the register."""
    people: dict[str, KnownPerson] = {}
    for chunk in chunked(indexes):
        for index, *facts in _select(PEOPLE, chunk, chunk):
            people[index] = KnownPerson(*facts)
    elsewhere: dict[str, OtherCover] = {}
    for chunk in chunked(indexes):
        elsewhere |= cover_elsewhere(chunk, on)
    listed: dict[str, list[ListedStatus]] = {}
    for chunk in chunked(index for index in indexes if index not in people):
        listed |= listed_on(chunk, on, area_code=township.county_code)
    old_homes, old_people = _old_numbers(township, olds)
    homes = {person.household_id for person in people.values()} | set(old_homes.values())
    households = _households(numbers, homes, year)
    _add_covers(people, year)
    for chunk in chunked(people.values()):
        held = statuses_on([person.pk for person in chunk], on)
        for person in chunk:
            person.statuses = held[person.pk]
    books = {
        book.code: book
        for book in ReceiptBook.objects.filter(
            code__in=list(receipts),
            year=year,
            township=township,
            status=ReceiptBook.Status.IN_USE,
        )
    }
    lost = BookEvent.objects.lost_numbers(book.pk for book in books.values())
    gone = {pk: set(numbers) for pk, numbers in lost.items()}
    # Where numbers were found again, some behind the next one bear receipts already.
    ahead = Receipt.objects.filter(book__in=gone, number__gte=F("book__next_number"))
    for pk, number in ahead.values_list("book", "number"):
        gone[pk].add(number)
    used: set[tuple[int, int]] = set()
    for code, book in books.items():
        used |= {(book.pk, number) for number in receipts[code] if number in lost[book.pk]}
        for chunk in chunked(sorted(receipts[code])):
            rows = Receipt.objects.filter(book=book, number__in=chunk)
            used |= {(book.pk, number) for number in rows.values_list("number", flat=True)}
    return Facts(
        people=people,
        households=households,
        numbers={one.number: one.pk for one in households.values()},
        books=books,
        used_receipts=frozenset(used),
        gone=gone,
        elsewhere=elsewhere,
        listed=listed,
        old_homes=old_homes,
        old_people=old_people,
    )


def _old_numbers(township: Division, olds: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Who bears these numbers of the old system: households and people."""
    homes: dict[str, int] = {}
    people: dict[str, int] = {}
    for chunk in chunked(olds):
        rows = OldNumber.objects.filter(area__code=township.county_code, number__in=chunk)
        for number, household, person in rows.values_list("number", "household", "person"):
            if household is not None:
                homes[number] = household
            elif person is not None:
                people[number] = person
    return homes, people


def _households(numbers: Sequence[str], ids: Iterable[int], year: int) -> dict[int, KnownHousehold]:
    found: dict[int, KnownHousehold] = {}
    for chunk in chunked(numbers):
        for row in _select(HOUSEHOLDS, chunk, []):
            found[row[0]] = _household(*row)
    for chunk in chunked(pk for pk in ids if pk not in found):
        for row in _select(HOUSEHOLDS, [], chunk):
            found[row[0]] = _household(*row)
    for chunk in chunked(list(found)):
        for household_id, person_id, relationship in _select(LIVING, chunk):
            found[household_id].living[person_id] = relationship
        for household_id, *cover in _select(HOUSEHOLD_COVERS, chunk, year):
            found[household_id].covers.append(tuple(cover))
    return found


def _household(*facts: Any) -> KnownHousehold:
    """A row of HOUSEHOLDS, opened."""
    pk, number, division_id, code, phone, bank, closed_on = facts
    phone = sealer().open(phone, HOUSEHOLD_PHONE) if phone else ""
    bank = sealer().open(bank, HOUSEHOLD_BANK) if bank else ""
    return KnownHousehold(pk, number, division_id, code, phone, bank, closed_on)


def _add_covers(people: Mapping[str, KnownPerson], year: int) -> None:
    by_id = {person.pk: person for person in people.values()}
    for chunk in chunked(by_id):
        for person_id, *facts in _select(COVERS, chunk, year - 1, year):
            cover = Cover(*facts)
            if cover.year == year:
                by_id[person_id].this_year = cover
            else:
                by_id[person_id].last_year = cover
    lapsed = [pk for pk, one in by_id.items() if not (one.last_year and one.last_year.is_active)]
    for chunk in chunked(lapsed):
        for person_id, history in cover_histories(chunk, year).items():
            by_id[person_id].history = history


class Places:
    """The villages and groups of a township by the names that registers give them."""

    def __init__(self, township: Division, on: date) -> None:
        self.township = township
        rows = list(
            Division.objects.valid_on(on)
            .filter(code__startswith=township.code)
            .exclude(pk=township.pk)
            .order_by("code")
        )
        self.villages = [one for one in rows if one.level == Division.Level.VILLAGE]
        self.groups: dict[int, dict[str, Division]] = defaultdict(dict)
        for one in rows:
            if one.level == Division.Level.GROUP and one.parent_id is not None:
                self.groups[one.parent_id][self._short(one.name)] = one
        self._names: dict[str, Division] = {one.code: one for one in self.villages}
        for one in self.villages:
            for name in self._names_of(one.name):
                self._names.setdefault(name, one)
        self._known: dict[int, tuple[str, str]] = {}

    def _names_of(self, name: str) -> set[str]:
        full = plain(name)
        town = plain(self.township.name)
        short = full.removeprefix(town)
        names = {full, short, town + short}
        return names | {one[:-1] for one in names if one.endswith("村") and len(one) > 2}

    @staticmethod
    def _short(name: str) -> str:
        word = plain(name).removeprefix("第").removesuffix("村民小组").removesuffix("组")
        word = word.removesuffix("社")
        digits = {c: str(i) for i, c in enumerate("一二三四五六七八九十", start=1)}
        if word.startswith("十") and len(word) == 2:
            word = "1" + digits.get(word[1], word[1])
        word = digits.get(word, word)
        return word.lstrip("0") or word

    def find(self, village: str, group: str) -> Division | str:
        """The village or group; else what to say to the clerk."""
        if not village:
            if len(self.villages) != 1:
                return "新户没有填写村，请在“村”列填写村名"
            place = self.villages[0]
        else:
            found = self._names.get(plain(village))
            if found is None:
                for name in sorted(self._names, key=len, reverse=True):
                    if plain(village).startswith(name):  # 桥亭村3组 in one cell
                        found, group = self._names[name], group or plain(village)[len(name) :]
                        break
            if found is None:
                return f"{self.township.name}没有“{village[:20]}”，请核对村名"
            place = found
        groups = self.groups.get(place.pk)
        if not groups:
            return place
        if not group:
            return f"{place.name}分了村民小组，请在“组”列填写组"
        return groups.get(self._short(group)) or f"{place.name}没有“{group[:20]}”，请核对组"

    def of(self, division_id: int) -> tuple[str, str]:
        """Code of any division, and its township and village."""
        if division_id not in self._known:
            division = Division.objects.select_related("parent__parent__parent").get(pk=division_id)
            self._known[division_id] = (division.code, place_of(division))
        return self._known[division_id]
