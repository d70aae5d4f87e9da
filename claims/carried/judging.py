"""Step one: every row of a file of usage is understood or refused; nothing counts yet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Max, Min, Q

from accounts.errors import Refusal
from claims.adjudication import Visit as EngineVisit
from claims.adjudication import asked_dimensions, subject_of
from claims.carried import accumulators
from claims.carried.accumulators import UnreadableError
from claims.carried.columns import LAYOUT
from claims.carried.models import CarriedFile, CarriedRow, CarriedUsage
from claims.computation import member_with
from claims.models import Settlement
from desk.copying import copy_rows
from enrollment.cover.covering import cover_histories
from enrollment.models import AccountOpening, Enrollment, Household, Person
from enrollment.people.register import statuses_on
from enrollment.people.search import bearers
from lib import typed_text
from lib.batches import chunked
from lib.periods import age_on
from lib.tables.reading import CUT
from policies.services import Measures
from policies.terms import Subject, Terms

Verdict = CarriedRow.Verdict
# People whose register, cover and settlements are read together: an array of that size is planned
# as an index scan.
TOGETHER = 2000
# In the order of `_line`.
COLUMNS = (
    "file_id", "line", "verdict", "person_id", "cover_id", "name", "title", "counter", "of_home",
    "amount", "shown", "note",
)  # fmt: skip
# What is asked of a cover and its household.
OF_COVER = (
    "person_id", "tier", "consecutive_years", "cover_first_day", "cover_last_day", "credit_amount",
    "household__account_into_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says was used, whoever did: many say the same."""

    item: str
    used: str
    counter: str = ""
    title: str = ""
    owner: str = ""
    amount: int = 0
    shown: str = ""
    problem: str = ""


@dataclass(slots=True)
class Row:
    """One row of the file."""

    line: int
    name: str
    number: str
    said: Said
    problem: str


@dataclass(slots=True)
class Someone:
    """All rows about one number."""

    rows: list[Row] = field(default_factory=list)
    person: Person | None = None
    cover: Enrollment | None = None
    problem: str = ""


def judge_file(upload: CarriedFile) -> Mapping[str, Any]:
    """Keep a verdict on every row; returns the counts. Raises Refusal or SpreadsheetError."""
    terms = Measures.on(area_code=upload.area.code, day=upload.counted_to).terms
    people = _read(upload, terms)
    seen: dict[tuple[int, str], Row] = {}
    for some in chunked(people, TOGETHER):
        _look_up(upload, {number: people[number] for number in some}, terms, seen)
    return _keep(upload, people.values())


def _read(upload: CarriedFile, terms: Terms) -> dict[str, Someone]:
    people: dict[str, Someone] = {}

    @lru_cache(maxsize=20_000)
    def said(*words: str) -> Said:
        return _said(words, terms, upload.counted_to)

    with upload.opened(LAYOUT) as sheet:
        for chunk in sheet.rows:
            for line, texts in chunk:
                name, number, *words = (text.strip() for text in texts)
                problem = _problem(name, number, texts)
                what = Said(words[0], words[3], problem=problem) if problem else said(*words)
                row = Row(line, name, number, what, what.problem)
                people.setdefault(typed_text.number(number), Someone()).rows.append(row)
    if not people:
        raise Refusal("文件里没有一行已用情况，请核对后重新上传", "file")
    return people


def _problem(name: str, number: str, texts: Sequence[str]) -> str:
    """What is wrong with a row by itself, whatever it says was used."""
    if problem := LAYOUT.odd(texts):
        return problem
    if any(text.endswith(CUT) for text in texts):
        return "单元格内容过长"
    if typed_text.LOST_DIGITS.fullmatch(number):
        return "身份证号存成了数字，末几位已丢失，请改为文本格式重新导出"
    return "" if number and name else "没有姓名或身份证号"


def _said(words: Sequence[str], terms: Terms, counted_to: date) -> Said:
    """Understands what was used."""
    item, part, period, used = words
    title = owner = key = ""
    try:
        counter = accumulators.find(item, terms)
        title, owner = counter.title, counter.owner
        key = accumulators.key_of(counter, part, period, terms, counted_to)
        amount = accumulators.amount_of(counter, used)
    except UnreadableError as error:
        return Said(item, used, key, title, owner, problem=str(error))
    if part or period:
        title = f"{title}（{'，'.join(filter(None, (part, period)))}）"[:120]
    shown = accumulators.shown(counter, amount)
    amount = -amount if counter.kind == "balance" else amount
    return Said(item, used, key, title, owner, amount, shown)


def _look_up(
    upload: CarriedFile,
    people: Mapping[str, Someone],
    terms: Terms,
    seen: dict[tuple[int, str], Row],
) -> None:
    """Who they are, whether they are covered, and what else stands against bringing it in."""
    register = Person.objects.filter(household__division__code__startswith=upload.area.code)
    register = register.only("name", "resident_id_index", "birth_date", "sex", "residence")
    found = bearers(people, register)
    known: dict[int, Someone] = {}
    for number, one in people.items():
        if number in found:
            one.person = found[number].person
            other = known.setdefault(one.person.pk, one)
            if other is not one:
                at = upload.said(other.rows[0].line)
                one.problem = f"与第 {at} 行是同一人，请并在现用号码下"
        elif number:
            one.problem = "登记中没有这个证件号码的人，请先转入人员"
    covers = Enrollment.objects.active().filter(
        person__in=known, year=upload.policy_year, division__code__startswith=upload.area.code
    )
    # Not with all that a cover hangs on: each would bring the text of its measures along.
    for cover in covers.select_related("household").only(*OF_COVER):
        one = known[cover.person_id]
        assert one.person is not None
        one.cover, cover.person = cover, one.person
    covered = {one.cover.pk: one for one in known.values() if one.cover is not None}
    for one in known.values():
        if one.cover is None:
            one.problem = f"此人没有 {upload.policy_year} 年度的有效参保"
    _refuse_order(upload, covered)
    _refuse_twice(upload, people, seen)
    _refuse_beyond(upload, covered, terms)
    for one in people.values():
        one.problem = one.problem or _name_problem(one)


def _name_problem(one: Someone) -> str:
    if one.person is None:
        return ""
    others = {typed_text.name(row.name) for row in one.rows} - {one.person.name}
    return f"姓名与登记（{one.person.name}）不一致，请核对号码" if others else ""


def _refuse_order(upload: CarriedFile, covered: Mapping[int, Someone]) -> None:
    """What was used before must have been used before: no settlement of ours stands up to that
    day, and nobody's usage is brought in twice unless it corrects what was."""
    people = {one.person.pk: one for one in covered.values() if one.person is not None}
    first = (
        Settlement.objects.counted()
        .filter(visit__person__in=people, policy_year=upload.policy_year)
        .order_by()
        .values_list("visit__person")
        .annotate(first=Min("settled_on"))
    )
    settled: dict[int, date] = dict(first)
    live = CarriedUsage.objects.filter(
        person__in=people, policy_year=upload.policy_year, is_live=True
    )
    brought: dict[int, date] = dict(
        live.order_by().values_list("person").annotate(Max("counted_to"))
    )
    for pk, one in people.items():
        if pk in settled and settled[pk] <= upload.counted_to:
            one.problem = (
                f"此人 {settled[pk]} 已在本系统结算，已用情况只能算到这一天之前，请核对“算到哪一天”"
            )
        elif upload.correction and brought.get(pk) != upload.counted_to:
            one.problem = f"没有截至 {upload.counted_to} 的已用情况可以更正" + (
                f"（已转入的截至 {brought[pk]}）" if pk in brought else ""
            )
        elif pk in brought and not upload.correction:
            one.problem = f"截至 {brought[pk]} 的已用情况已经转入，要改请按“更正”上传"


def _refuse_twice(
    upload: CarriedFile, people: Mapping[str, Someone], seen: dict[tuple[int, str], Row]
) -> None:
    """One accumulator once for its owner, whatever member it was told under."""
    for one in people.values():
        if one.cover is None:
            continue
        for row in one.rows:
            of_home = row.said.owner == "household"
            owner = -one.cover.household.account_root if of_home else one.cover.person_id
            first = seen.setdefault((owner, row.said.counter), row)
            if row.said.counter and first is not row:
                whose = "同一户" if of_home else "同一人"
                at = upload.said(first.line)
                row.problem = row.problem or f"{whose}的这一项在第 {at} 行已经填过"


def _refuse_beyond(upload: CarriedFile, covered: Mapping[int, Someone], terms: Terms) -> None:
    """More than the measures would ever have let somebody use is no usage of theirs."""
    limits = accumulators.limits_of(terms)
    subjects = _subjects(upload, covered, terms)
    mosts: dict[tuple[str, object], int | None] = {}
    for pk, one in covered.items():
        kind, of_kind = subjects[pk]
        for row in one.rows:
            if row.problem or row.said.amount < 0:
                continue
            counter = row.said.counter.partition("@")[0]
            asked = (counter, kind)
            if asked not in mosts:
                mosts[asked] = accumulators.most_of(limits.get(counter, []), of_kind)
            most = mosts[asked]
            if most is not None and row.said.amount > most:
                told = accumulators.shown(terms.counters[counter], most)
                row.problem = f"{row.said.title} {row.said.shown}，超过办法的封顶 {told}"
    _refuse_overdrawn(covered, terms)


def _subjects(
    upload: CarriedFile, covered: Mapping[int, Someone], terms: Terms
) -> dict[int, tuple[object, list[Subject]]]:
    """Cover → who its person was on the first day of the year and on the last that counts, made
    once for all of a kind, and what makes the kind."""
    first, _ = terms.year.bounds(upload.policy_year)
    people = [one.person.pk for one in covered.values() if one.person is not None]
    free: dict[int, int] = {}
    if "claim_free" in asked_dimensions(terms):
        histories = cover_histories(people, upload.policy_year)
        free = {pk: one.claim_free for pk, one in histories.items()}
    visits = [
        EngineVisit(key="", care="", level="", starts=day, ends=day)
        for day in (first, upload.counted_to)
    ]
    held = [statuses_on(people, visit.starts) for visit in visits]
    kinds: dict[object, list[Subject]] = {}
    found: dict[int, tuple[object, list[Subject]]] = {}
    for pk, one in covered.items():
        assert one.cover is not None
        who = one.cover.person_id
        members = [member_with(one.cover, statuses[who], free.get(who, 0)) for statuses in held]
        # All that a `Subject` says of somebody.
        kind = tuple(
            (
                member.tier, member.residence, member.sex, member.statuses,
                max(0, age_on(member.birth_date, visit.starts)),
                member.consecutive_years, member.claim_free_years,
            )
            for member, visit in zip(members, visits, strict=True)
        )  # fmt: skip
        if kind not in kinds:
            pairs = zip(members, visits, strict=True)
            kinds[kind] = [subject_of(member, visit, terms) for member, visit in pairs]
        found[pk] = (kind, kinds[kind])
    return found


def _refuse_overdrawn(covered: Mapping[int, Someone], terms: Terms) -> None:
    """A balance pays no more than it was granted."""
    drawn = [
        (one, row)
        for one in covered.values()
        for row in one.rows
        if row.said.amount < 0 and not row.problem
    ]
    roots = {one.cover.household.account_root for one, row in drawn if one.cover}
    shared = Household.objects.filter(Q(pk__in=roots) | Q(account_into__in=roots))
    root_of = {pk: into or pk for pk, into in shared.values_list("pk", "account_into")}
    granted: dict[int, dict[int, Any]] = defaultdict(lambda: defaultdict(int))
    rows = Enrollment.objects.active().filter(household__in=root_of).order_by()
    for home, year, amount in rows.values_list("household", "year", "account_amount"):
        granted[root_of[home]][year] += amount
    opened = AccountOpening.objects.filter(household__in=root_of).values_list("household")
    left = {root_of[pk] for (pk,) in opened}
    for one, row in drawn:
        assert one.cover is not None
        if row.said.owner == "household" and one.cover.household.account_root in left:
            row.problem = "这一户的账户余额已转入（期初转入），余额里已扣除用去的，请不要再填这一项"
            continue
        if row.said.owner == "household":
            years = granted[one.cover.household.account_root]
            balance = int(sum(years.values()) * 100)
        else:
            balance = int(one.cover.credit_amount * 100)
        if -row.said.amount > balance:
            counter = terms.counters[row.said.counter.partition("@")[0]]
            granted_to = accumulators.shown(counter, balance)
            row.problem = f"{row.said.title}已用 {row.said.shown}，多于划入的 {granted_to}"


def _keep(upload: CarriedFile, people: Iterable[Someone]) -> Mapping[str, Any]:
    sums: dict[str, int] = defaultdict(int)
    counts = {"people_count": 0, "ready_count": 0, "refused_count": 0}

    def lines() -> Iterator[Sequence[Any]]:
        for one in people:
            bad = any(row.problem for row in one.rows)
            ready = not one.problem and not bad and one.person is not None
            counts["people_count"] += 1
            counts["ready_count" if ready else "refused_count"] += 1
            for row in one.rows:
                if ready:
                    sums[row.said.title.partition("（")[0]] += abs(row.said.amount)
                yield _line(upload.pk, one, row, ready=ready)

    copy_rows(CarriedRow, COLUMNS, lines())
    return counts | {"sums": dict(sums)}


def _line(file_id: int, one: Someone, row: Row, *, ready: bool) -> Sequence[Any]:
    """In the order of COLUMNS."""
    said = row.said
    note = row.problem or one.problem or ("" if ready else "同一人有另一行不能转入，整人不转入")
    return (
        file_id,
        row.line,
        Verdict.READY.value if ready else Verdict.REFUSED.value,
        one.person.pk if one.person else None,
        one.cover.pk if one.cover else None,
        typed_text.name(row.name)[:40],
        said.title or said.item[:120],
        said.counter,
        "t" if said.owner == "household" else "f",
        said.amount,
        (said.shown or said.used)[:40],
        note[:200],
    )
