"""Step one: every row of a file of usage is understood or refused; nothing counts yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q

from accounts.errors import Refusal
from claims.adjudication import Visit as EngineVisit
from claims.adjudication import subject_of
from claims.carried import accumulators
from claims.carried.accumulators import UnreadableError
from claims.carried.columns import LAYOUT
from claims.carried.models import CarriedFile, CarriedRow, CarriedUsage
from claims.computation import member_with
from claims.models import Settlement
from enrollment.cover.covering import cover_histories
from enrollment.models import AccountOpening, Enrollment, Household, Person
from enrollment.people.register import statuses_on
from enrollment.people.search import bearers
from lib import typed_text
from lib.batches import chunked
from lib.tables.reading import CUT
from policies.services import Measures
from policies.terms import Subject, Terms

Verdict = CarriedRow.Verdict
# People whose register, cover and settlements are read together: an array of that size is planned
# as an index scan.
TOGETHER = 2000


@dataclass(slots=True)
class Row:
    """One row of the file."""

    line: int
    name: str
    number: str
    item: str
    part: str
    period: str
    used: str
    counter: str = ""
    title: str = ""
    owner: str = ""
    amount: int = 0
    shown: str = ""
    problem: str = ""


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
    with upload.opened(LAYOUT) as sheet:
        for chunk in sheet.rows:
            for line, texts in chunk:
                name, number, item, part, period, used = (text.strip() for text in texts)
                row = Row(line, name, number, item, part, period, used)
                row.problem = _problem(row, texts, terms, upload.counted_to)
                people.setdefault(typed_text.number(number), Someone()).rows.append(row)
    if not people:
        raise Refusal("文件里没有一行已用情况，请核对后重新上传", "file")
    return people


def _problem(row: Row, texts: Sequence[str], terms: Terms, counted_to: date) -> str:
    """What is wrong with a row by itself; understands it where nothing is."""
    if problem := LAYOUT.odd(texts):
        return problem
    if any(text.endswith(CUT) for text in texts):
        return "单元格内容过长"
    if typed_text.LOST_DIGITS.fullmatch(row.number):
        return "身份证号存成了数字，末几位已丢失，请改为文本格式重新导出"
    if not row.number or not row.name:
        return "没有姓名或身份证号"
    try:
        counter = accumulators.find(row.item, terms)
        row.title, row.owner = counter.title, counter.owner
        row.counter = accumulators.key_of(counter, row.part, row.period, terms, counted_to)
        used = accumulators.amount_of(counter, row.used)
    except UnreadableError as error:
        return str(error)
    if row.part or row.period:
        row.title = f"{counter.title}（{'，'.join(filter(None, (row.part, row.period)))}）"[:120]
    row.shown = accumulators.shown(counter, used)
    row.amount = -used if counter.kind == "balance" else used
    return ""


def _look_up(
    upload: CarriedFile,
    people: Mapping[str, Someone],
    terms: Terms,
    seen: dict[tuple[int, str], Row],
) -> None:
    """Who they are, whether they are covered, and what else stands against bringing it in."""
    register = Person.objects.filter(household__division__code__startswith=upload.area.code)
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
            one.problem = "登记中没有这个证件号码的人，请先带入人员"
    covers = Enrollment.objects.active().filter(
        person__in=known, year=upload.policy_year, division__code__startswith=upload.area.code
    )
    for cover in covers.select_related("person", "household", "division", "pack"):
        known[cover.person_id].cover = cover
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
                f"（已带入的截至 {brought[pk]}）" if pk in brought else ""
            )
        elif pk in brought and not upload.correction:
            one.problem = f"截至 {brought[pk]} 的已用情况已经带入，要改请按“更正”上传"


def _refuse_twice(
    upload: CarriedFile, people: Mapping[str, Someone], seen: dict[tuple[int, str], Row]
) -> None:
    """One accumulator once for its owner, whatever member it was told under."""
    for one in people.values():
        if one.cover is None:
            continue
        for row in one.rows:
            of_home = row.owner == "household"
            owner = -one.cover.household.account_root if of_home else one.cover.person_id
            first = seen.setdefault((owner, row.counter), row)
            if row.counter and first is not row:
                whose = "同一户" if of_home else "同一人"
                at = upload.said(first.line)
                row.problem = row.problem or f"{whose}的这一项在第 {at} 行已经填过"


def _refuse_beyond(upload: CarriedFile, covered: Mapping[int, Someone], terms: Terms) -> None:
    """More than the measures would ever have let somebody use is no usage of theirs."""
    limits = accumulators.limits_of(terms)
    subjects = _subjects(upload, covered, terms)
    for pk, one in covered.items():
        for row in one.rows:
            if row.problem or row.amount < 0:
                continue
            caps = limits.get(row.counter.partition("@")[0], [])
            most = accumulators.most_of(caps, subjects[pk])
            if most is not None and row.amount > most:
                counter = terms.counters[row.counter.partition("@")[0]]
                row.problem = (
                    f"{row.title} {row.shown}，超过办法的封顶 {accumulators.shown(counter, most)}"
                )
    _refuse_overdrawn(covered, terms)


def _subjects(
    upload: CarriedFile, covered: Mapping[int, Someone], terms: Terms
) -> dict[int, list[Subject]]:
    """Cover → who its person was on the first day of the year and on the last that counts."""
    first, _ = terms.year.bounds(upload.policy_year)
    people = [one.person.pk for one in covered.values() if one.person is not None]
    free = {pk: one.claim_free for pk, one in cover_histories(people, upload.policy_year).items()}
    found: dict[int, list[Subject]] = defaultdict(list)
    for day in (first, upload.counted_to):
        held = statuses_on(people, day)
        visit = EngineVisit(key="", care="", level="", starts=day, ends=day)
        for pk, one in covered.items():
            assert one.cover is not None
            who = one.cover.person_id
            member = member_with(one.cover, held[who], free.get(who, 0))
            found[pk].append(subject_of(member, visit, terms))
    return found


def _refuse_overdrawn(covered: Mapping[int, Someone], terms: Terms) -> None:
    """A balance pays no more than it was granted."""
    drawn = [
        (one, row)
        for one in covered.values()
        for row in one.rows
        if row.amount < 0 and not row.problem
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
        if row.owner == "household" and one.cover.household.account_root in left:
            row.problem = "这一户的账户余额已转入（期初转入），余额里已扣除用去的，请不要再填这一项"
            continue
        if row.owner == "household":
            years = granted[one.cover.household.account_root]
            balance = int(sum(years.values()) * 100)
        else:
            balance = int(one.cover.credit_amount * 100)
        if -row.amount > balance:
            counter = terms.counters[row.counter.partition("@")[0]]
            row.problem = (
                f"{row.title}已用 {row.shown}，多于划入的 {accumulators.shown(counter, balance)}"
            )


def _keep(upload: CarriedFile, people: Iterable[Someone]) -> Mapping[str, Any]:
    rows: list[CarriedRow] = []
    sums: dict[str, int] = defaultdict(int)
    counts = {"people_count": 0, "ready_count": 0, "refused_count": 0}
    for one in people:
        bad = next((row.problem for row in one.rows if row.problem), "")
        ready = not one.problem and not bad and one.person is not None
        counts["people_count"] += 1
        counts["ready_count" if ready else "refused_count"] += 1
        for row in one.rows:
            note = (
                row.problem
                or one.problem
                or ("" if ready else "同一人有另一行不能带入，整人不带入")
            )
            if ready:
                sums[row.title.partition("（")[0]] += abs(row.amount)
            rows.append(
                CarriedRow(
                    file=upload,
                    line=row.line,
                    verdict=Verdict.READY if ready else Verdict.REFUSED,
                    person=one.person,
                    cover=one.cover,
                    name=typed_text.name(row.name)[:40],
                    title=row.title or row.item[:120],
                    counter=row.counter,
                    of_home=row.owner == "household",
                    amount=row.amount,
                    shown=(row.shown or row.used)[:40],
                    note=note[:200],
                )
            )
    CarriedRow.objects.bulk_create(rows, batch_size=2000)
    return counts | {"sums": dict(sums)}
