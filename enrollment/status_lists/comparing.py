"""What a list would change: who is added, changed, dropped, unknown or held back."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q

from enrollment.cover.models import Enrollment
from enrollment.people.identities import category_names
from enrollment.people.models import FormerNumber, IdentityStatus, OtherCover, Person
from enrollment.status_lists.kinds import KINDS, Kind, ListKind
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.reading import Entry
from lib import typed_text
from lib.batches import chunked

Verdict = ListLine.Verdict
STATUS_NAMES = dict(IdentityStatus.Code.choices)


@dataclass(frozen=True, slots=True)
class Known:
    """A registered person as far as lists ask."""

    pk: int
    name: str
    birth_date: date
    death_date: date | None


@dataclass(slots=True)
class Line:
    """A ListLine to be. `entry` None: not on the list."""

    verdict: str
    entry: Entry | None = None
    person: Known | None = None
    index: str = ""
    before: str = ""
    after: str = ""
    note: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Comparison:
    """`state` digests what the register said, `holders` counts who holds what now."""

    lines: list[Line]
    holders: Mapping[str, int]
    state: str

    def count(self, verdict: str) -> int:
        return sum(line.verdict == verdict for line in self.lines)


def compare(status_list: StatusList, entries: Sequence[Entry]) -> Comparison:
    """The list against the register as it is now. A fixed number of statements per 5000 rows."""
    indexes = [index for entry in entries for index in (entry.index, *entry.others)]
    people = known_people(indexes, status_list.area.code)
    entries = [_as_known(entry, people) for entry in entries]
    if status_list.kind == Kind.DEATHS:
        return _compare_deaths(entries, people)
    if status_list.kind == Kind.EMPLOYEES:
        return _compare_employees(status_list, entries, people)
    return _compare_statuses(status_list, entries, people)


def _as_known(entry: Entry, people: Mapping[str, Known]) -> Entry:
    """The entry under the document by which the register knows the number."""
    known = next((index for index in entry.others if index in people), "")
    return replace(entry, index=known) if known and entry.index not in people else entry


def known_people(indexes: Sequence[str], area_code: str) -> dict[str, Known]:
    """Blind index → the person of the area who bears the number now or bore it before."""
    here = Q(household__division__code__startswith=area_code)
    columns = ("pk", "name", "birth_date", "death_date")
    found: dict[str, Known] = {}
    for chunk in chunked(dict.fromkeys(indexes)):
        former = FormerNumber.objects.filter(
            number_index__in=chunk,
            mistaken=False,
            person__household__division__code__startswith=area_code,
        )
        for index, *facts in former.values_list(
            "number_index", *(f"person__{name}" for name in columns)
        ):
            found[index] = Known(*facts)
        now = Person.objects.filter(here, resident_id_index__in=chunk)
        for index, *facts in now.values_list("resident_id_index", *columns):
            found[index] = Known(*facts)
    return found


def _digest(rows: Iterable[Sequence[Any]]) -> str:
    text = "\n".join(sorted("\t".join(map(str, row)) for row in rows))
    return hashlib.sha256(text.encode()).hexdigest()


def _held(entry: Entry, person: Known) -> str:
    """Why nothing is done about a listed person; "" when nothing is in the way."""
    if entry.name != typed_text.name(person.name):
        return f"系统中姓名为“{person.name}”，请核对"
    return ""


# -- statuses ----------------------------------------------------------------------------------


def said(code: str, category: str) -> str:
    """A status as lists show it: 低保（7019 低保中重残重病人员）."""
    name = STATUS_NAMES.get(code, code)
    return f"{name}（{category} {category_names().get(category, '')}）" if category else name


def holders_of(status_list: StatusList, about: ListKind) -> list[IdentityStatus]:
    """The statuses of the list's kind that hold on its day, in the area."""
    day = status_list.effective_on
    return list(
        IdentityStatus.objects.filter(
            Q(last_day=None) | Q(last_day__gte=day),
            code__in=about.codes,
            first_day__lte=day,
            person__household__division__code__startswith=status_list.area.code,
        ).order_by("pk")
    )


def state_of(rows: Iterable[IdentityStatus]) -> str:
    return _digest((row.person_id, row.code, row.category, row.first_day) for row in rows)


def counted(rows: Iterable[IdentityStatus]) -> dict[str, int]:
    """Status code → how many people hold it."""
    people: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        people[row.code].add(row.person_id)
    return {code: len(ids) for code, ids in sorted(people.items())}


def _compare_statuses(
    status_list: StatusList, entries: Sequence[Entry], people: Mapping[str, Known]
) -> Comparison:
    rows = holders_of(status_list, KINDS[status_list.kind])
    held: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        held[row.person_id][row.code] = row.category
    listed: dict[int, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.index in people and entry.code:
            listed[people[entry.index].pk].add(entry.code)
    lines = []
    kept: set[int] = set()  # held back: they keep what they have
    replaced: set[tuple[int, str]] = set()
    for entry in entries:
        line = _status_line(entry, people.get(entry.index), held, listed, replaced)
        line.facts |= {"code": entry.code, "category": entry.category}
        if line.verdict == Verdict.HELD and line.person and entry.code:
            kept.add(line.person.pk)
        lines.append(line)
    lines += _dropped(held, listed, kept, replaced)
    return Comparison(lines, counted(rows), state_of(rows))


def _status_line(
    entry: Entry,
    person: Known | None,
    held: Mapping[int, Mapping[str, str]],
    listed: Mapping[int, set[str]],
    replaced: set[tuple[int, str]],
) -> Line:
    after = said(entry.code, entry.category) if entry.code else entry.word
    if person is None:
        return Line(Verdict.UNKNOWN, entry, index=entry.index, after=after)
    problem = _held(entry, person)
    if person.death_date:
        problem = f"已登记死亡（{person.death_date}）"
    if not entry.code:
        problem = "本县办法没有这类身份，不产生待遇"
    if problem:
        return Line(Verdict.HELD, entry, person, after=after, note=problem)
    mine = held.get(person.pk, {})
    if entry.code in mine:
        category = mine[entry.code]
        if not entry.category or entry.category == category:
            return Line(Verdict.SAME, entry, person, before=said(entry.code, category), after=after)
        facts = {"ends": [entry.code]}
        before = said(entry.code, category)
        return Line(Verdict.CHANGED, entry, person, before=before, after=after, facts=facts)
    ends = [
        code for code in sorted(set(mine) - listed[person.pk]) if (person.pk, code) not in replaced
    ]
    if ends:
        replaced |= {(person.pk, code) for code in ends}
        before = "、".join(said(code, mine[code]) for code in ends)
        return Line(
            Verdict.CHANGED, entry, person, before=before, after=after, facts={"ends": ends}
        )
    return Line(Verdict.ADDED, entry, person, after=after)


def _dropped(
    held: Mapping[int, Mapping[str, str]],
    listed: Mapping[int, set[str]],
    kept: set[int],
    replaced: set[tuple[int, str]],
) -> list[Line]:
    gone = {
        pk: ends
        for pk, mine in held.items()
        if pk not in kept
        and (
            ends := [
                code
                for code in sorted(set(mine) - listed.get(pk, set()))
                if (pk, code) not in replaced
            ]
        )
    }
    lines = []
    for chunk in chunked(gone):
        columns = ("pk", "name", "birth_date", "death_date")
        for facts in Person.objects.filter(pk__in=chunk).order_by("pk").values_list(*columns):
            person = Known(*facts)
            ends = gone[person.pk]
            before = "、".join(said(code, held[person.pk][code]) for code in ends)
            note = "已登记死亡" if person.death_date else ""
            lines.append(
                Line(Verdict.DROPPED, None, person, before=before, note=note, facts={"ends": ends})
            )
    return lines


# -- deaths ------------------------------------------------------------------------------------


def death_state(people: Iterable[Known]) -> str:
    return _digest((one.pk, one.death_date) for one in people)


def _compare_deaths(entries: Sequence[Entry], people: Mapping[str, Known]) -> Comparison:
    lines = []
    for entry in entries:
        person = people.get(entry.index)
        after = str(entry.day)
        facts = {"day": after}
        if person is None:
            lines.append(Line(Verdict.UNKNOWN, entry, after=after, facts=facts))
            continue
        before = str(person.death_date) if person.death_date else ""
        problem = _held(entry, person)
        if entry.day and entry.day < person.birth_date:
            problem = f"死亡日期早于登记的出生日期（{person.birth_date}）"
        verdict = Verdict.CHANGED if before else Verdict.ADDED
        if problem:
            verdict = Verdict.HELD
        elif before == after:
            verdict = Verdict.SAME
        lines.append(Line(verdict, entry, person, before=before, after=after, note=problem,
                          facts=facts))  # fmt: skip
    dead = sum(1 for one in people.values() if one.death_date)
    return Comparison(lines, {"dead": dead}, death_state(people.values()))


# -- cover by another insurance ----------------------------------------------------------------


def open_covers(status_list: StatusList) -> list[OtherCover]:
    """What earlier lists of the area say and has not ended."""
    return list(OtherCover.objects.filter(area=status_list.area, last_day=None).order_by("pk"))


def cover_state(rows: Iterable[OtherCover]) -> str:
    return _digest((row.number_index, row.insurance, row.place) for row in rows)


def _double(people: Mapping[str, Known], day: date) -> dict[int, int]:
    """Person id → the latest year of resident cover that is not over: covered twice."""
    found: dict[int, int] = {}
    ids = {one.pk for one in people.values()}
    for chunk in chunked(ids):
        rows = Enrollment.objects.filter(person__in=chunk, cover_last_day__gte=day)
        live = rows.exclude(status=Enrollment.Status.CANCELLED)
        for pk, year in live.values_list("person", "year"):
            found[pk] = max(year, found.get(pk, 0))
    return found


def _compare_employees(
    status_list: StatusList, entries: Sequence[Entry], people: Mapping[str, Known]
) -> Comparison:
    rows = open_covers(status_list)
    current = {row.number_index: row for row in rows}
    double = _double(people, status_list.effective_on)
    lines = []
    for entry in entries:
        person, now = people.get(entry.index), current.get(entry.index)
        after = f"{entry.place} {entry.insurance}"
        before = f"{now.place} {now.insurance}" if now else ""
        day = entry.day or status_list.effective_on
        facts = {"insurance": entry.insurance, "place": entry.place, "day": str(day)}
        note = ""
        if person and person.pk in double:
            note = f"已参加 {double[person.pk]} 年度居民医保，属重复参保，请核对"
        verdict = Verdict.CHANGED if now else Verdict.ADDED
        if person is None:
            verdict = Verdict.UNKNOWN
        elif problem := _held(entry, person):
            verdict, note = Verdict.HELD, problem
        elif before == after:
            verdict = Verdict.SAME
        lines.append(Line(verdict, entry, person, entry.index, before, after, note, facts))
    listed = {entry.index for entry in entries}
    gone = [row for row in rows if row.number_index not in listed]
    known = known_people([row.number_index for row in gone], status_list.area.code)
    lines += [
        Line(
            Verdict.DROPPED,
            None,
            known.get(row.number_index),
            row.number_index,
            before=f"{row.place} {row.insurance}",
        )
        for row in gone
    ]
    return Comparison(lines, {"insured_elsewhere": len(rows)}, cover_state(rows))
