"""A hospital's day: many registered outpatient visits settled as one batch by the columnar engine.

The same locks, checks, fen and rows as one by one (`settle`), with as many statements for a
thousand visits as for two. What asks more than the bill and the balance is left to be settled by
itself: a bed, a filing, a part, another visit of the same day, another year or other measures;
and so is, to keep the order, what comes after it and shares a person or an account with it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet, Sum, Value

from accounts.audit import audited
from accounts.errors import Refusal
from accounts.models import AuditLine, User
from accounts.new_rows import insert
from claims.adjudication import BillItem, Case, Cases, Decision, adjudicate, asked_dimensions
from claims.adjudication.wire import write_case
from claims.assistance.models import AidApplication
from claims.computation import (
    aid_fen,
    carried,
    checked_case,
    funds_of,
    member_with,
    steps_of,
    usage_from,
    usage_of,
)
from claims.filings.services import given_by
from claims.models import (
    BillLine,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from claims.services.drawn import Drawn, count_in, tell_covers
from claims.services.lines import check_total
from claims.services.settling import (
    SERIALS,
    Prepared,
    refuse_impossible_life,
    refuse_outside_cover,
    settlement_number,
    settlement_row,
    submitted_columns,
)
from claims.visits.alike import around
from claims.visits.stopping import refuse_stopped
from claims.visits.workflow import VISITS
from claims.why.models import Determination
from claims.why.recomputing import kept_of
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from enrollment.cover.covering import cover_histories
from enrollment.models import AccountOpening, Enrollment, Household, IdentityStatus
from institutions.models import Institution
from policies.models import Pack
from policies.services import Measures

Sums = dict[int, list[tuple[str, int, int]]]
APART = "请单独结算"
DAYS = ("starts", "ends")


@dataclass(frozen=True)
class Day:
    """The settlements in the order of their visits; visit → why it was left."""

    settled: list[Settlement] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """A visit that may be settled with the others: what it is computed from."""

    prepared: Prepared
    cover: Enrollment
    case: Case
    items: list[BillItem]


@all_or_nothing()
def settle_day(*, actor: User, visits: Sequence[Visit], on: date) -> Day:
    """Settle and submit these visits in their order, as if one by one."""
    SETTLEMENTS.check(Settlement(), "entered", actor)
    held = _Held.of([visit.pk for visit in visits])
    day, ready, late = Day(), [], set[tuple[str, int]]()
    for visit in visits:
        owners = held.owners(visit.pk)
        try:
            if owners & late:
                raise Refusal(f"排在它前面的就诊没有一并结算，{APART}")
            ready.append(held.checked(visit.pk, actor))
        except Refusal as refusal:
            late |= owners
            day.left[visit.pk] = refusal.message
    if ready:
        day.settled.extend(_write(ready, _decide(ready, held), actor=actor, on=on))
    return day


@dataclass
class _Held:
    """The visits, their covers and households, locked in the order of the room; and what the
    checks and the engine ask of them, one statement each."""

    visits: dict[int, Visit]
    covers: dict[int, Enrollment]
    homes: dict[int, Household]
    parts: set[int]
    lines: dict[int, list[BillLine]]
    measures: Measures | None
    year: int
    others: dict[int, list[Visit]]
    statuses: dict[int, list[IdentityStatus]]
    free: dict[int, int]

    @classmethod
    def of(cls, keys: Sequence[int]) -> "_Held":
        asked = Visit.objects.filter(pk__in=keys).order_by()
        covers = {
            row.pk: row
            for row in Enrollment.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=asked.values("enrollment"))
            .select_related("person")
            .prefetch_related("division")
            .order_by("pk")
        }
        own = [cover.household_id for cover in covers.values()]
        accounts = Household.objects.filter(pk__in=own).values("account_into")
        homes = Household.objects.select_for_update(no_key=True)
        homes = homes.filter(Q(pk__in=own) | Q(pk__in=accounts)).order_by("pk")
        found = {row.pk: row for row in homes}
        rows = asked.select_for_update(no_key=True, of=("self",)).order_by("pk")
        # Few places and institutions are those of many: each is read once.
        places = Prefetch("institution", Institution.objects.select_related("division"))
        visits = {row.pk: row for row in rows.prefetch_related(places)}
        return cls._with(visits, covers, found)

    @classmethod
    def _with(
        cls, visits: dict[int, Visit], covers: dict[int, Enrollment], homes: dict[int, Household]
    ) -> "_Held":
        people = {visit.person_id for visit in visits.values()}
        days = [visit.starts for visit in visits.values()]
        first = next(iter(visits.values()), None)
        measures = _measures(first) if first is not None else None
        year = measures.terms.year.of(days[0]) if measures else 0
        standing = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN)
        lines: dict[int, list[BillLine]] = defaultdict(list)
        bills = BillLine.objects.filter(visit__in=visits, is_live=True, part=None)
        for line in bills.order_by("visit", "line_number"):
            lines[line.visit_id].append(line)
        others: dict[int, list[Visit]] = defaultdict(list)
        statuses: dict[int, list[IdentityStatus]] = defaultdict(list)
        if days:
            found = around(Value(list(people)), min(days), max(days))
            for other in found.only("person", "institution_name", "status", "bed", *DAYS):
                others[other.person_id].append(other)
        for status in IdentityStatus.objects.filter(person__in=people):
            statuses[status.person_id].append(status)
        free: dict[int, int] = {}
        if measures and "claim_free" in asked_dimensions(measures.terms):
            free = {pk: one.claim_free for pk, one in cover_histories(people, year).items()}
        return cls(
            visits=visits, covers=covers, homes=homes,
            parts=set(standing.filter(visit__in=visits).values_list("visit", flat=True)),
            lines=lines, measures=measures, year=year, others=others, statuses=statuses, free=free,
        )  # fmt: skip

    def owners(self, key: int) -> set[tuple[str, int]]:
        """Whose counters the visit moves."""
        visit = self.visits.get(key)
        cover = self.covers.get(visit.enrollment_id) if visit else None
        if visit is None or cover is None:
            return set()
        home = self.homes[cover.household_id]
        return {("person", visit.person_id), ("account", home.account_root)}

    def checked(self, key: int, actor: User) -> Ready:
        """The visit with its case. Raises Refusal: it is wrong, or it asks for more."""
        visit = self.visits.get(key)
        cover = self.covers.get(visit.enrollment_id) if visit else None
        if visit is None or cover is None or self.measures is None:
            raise Refusal(f"这次就诊的参保登记刚有变动，{APART}")
        self._check_visit(visit, actor)
        self._check_cover(visit, cover)
        self._check_plain(visit)
        lines = self.lines.get(key, [])
        if not lines:
            raise Refusal("没有可结算的费用明细，请先录入费用", "lines")
        check_total(lines)
        held = [
            one.code for one in self.statuses.get(visit.person_id, [])
            if one.first_day <= visit.starts <= (one.last_day or date.max)
        ]  # fmt: skip
        member = member_with(cover, frozenset(held), self.free.get(visit.person_id, 0))
        case, items = checked_case(member, visit, lines, self.measures.terms)
        prepared = Prepared(visit, lines, self.measures, Settlement.PayTo.INSTITUTION)
        return Ready(prepared, cover, case, items)

    def _check_visit(self, visit: Visit, actor: User) -> None:
        own = visit.institution is not None and visit.institution.code == actor.institution_code
        if not own or not visit.is_registered:
            raise Refusal("只能办理本机构登记的就诊，请用本机构的账号办理")
        VISITS.check(visit, "visit_settled", actor)
        refuse_stopped(visit, "visit_settled")
        if not visit.diagnosis:
            raise Refusal("请先在登记中填写诊断", "diagnosis")
        if visit.bed or visit.ends is None or visit.days.ends is None:
            raise Refusal(f"住院不能一并结算，{APART}")

    def _check_cover(self, visit: Visit, cover: Enrollment) -> None:
        assert visit.institution is not None and self.measures is not None
        home = self.homes[cover.household_id]
        as_written = (visit.household_id, visit.division_id, visit.person_id)
        if (
            cover.status != Enrollment.Status.ACTIVE
            or cover.year != self.year
            or as_written != (cover.household_id, cover.division_id, cover.person_id)
            or home.account_into_id is not None
        ):
            raise Refusal(f"参保登记或家庭账户有变动，{APART}")
        if not (
            self.measures.pack.area.code
            == visit.institution.division.county_code
            == cover.division.county_code
        ):
            raise Refusal("此人不在本县参保，请到其参保地办理", "person")
        cover.household = home
        refuse_outside_cover(cover, visit.starts, "starts")
        refuse_impossible_life(cover, visit)
        visit.enrollment, visit.household, visit.division = cover, home, cover.division

    def _check_plain(self, visit: Visit) -> None:
        assert self.measures is not None and visit.ends is not None
        pack, terms = self.measures.pack, self.measures.terms
        inside = pack.first_day <= visit.starts <= visit.ends <= pack.last_day
        if not inside or {terms.year.of(visit.starts), terms.year.of(visit.ends)} != {self.year}:
            raise Refusal(f"不在同一年度、同一办法之内，{APART}")
        if visit.referred_from_id is not None or visit.pk in self.parts:
            raise Refusal(f"这次就诊有转诊抵扣或已有结算，{APART}")
        if any(given_by(rule, visit) for rule in terms.filings.values()):
            raise Refusal(f"这次就诊要核对备案，{APART}")
        for other in self.others.get(visit.person_id, []):
            in_bed = other.ends is None or (other.status == Visit.Status.OPEN and other.bed)
            reaches = in_bed or (other.ends is not None and other.ends >= visit.starts)
            if other.pk != visit.pk and reaches and other.starts <= visit.ends:
                raise Refusal(f"同一天还有另一次就诊（{other.institution_name}），{APART}")


def _measures(visit: Visit) -> Measures | None:
    """Those in force on the first visit's day: of one day, nearly always those of all."""
    if visit.institution is None:
        return None
    rows = Pack.objects.in_force(visit.institution.division.county_code, visit.starts)
    pack = rows.select_related("area").first()
    return None if pack is None else Measures.of(pack)


def _decide(ready: Sequence[Ready], held: _Held) -> list[Decision]:
    """All at once, from the counters as they stand; each with what it was decided from."""
    terms = ready[0].prepared.measures.terms
    opening = _opening(ready, terms)
    start: dict[str, dict[str, int]] = defaultdict(dict)
    for one in ready:
        start[one.case.member.person].update(opening[one.cover.pk])
        start[one.case.member.household].update(opening[one.cover.pk])
    cases = Cases.from_cases([one.case for one in ready], terms)
    decisions = adjudicate(cases, terms, start, keep_steps=True)
    moved: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    decided = []
    for at, one in enumerate(ready):
        owners = {"person": one.cover.person_id, "household": one.cover.household_id}
        used = dict(opening[one.cover.pk])
        for owner in owners.items():
            for counter, amount in moved[owner].items():
                used[counter] = used.get(counter, 0) + amount
        decision = decisions.one(at)
        for change in decision.changes:
            moved[change.owner, owners[change.owner]][change.counter] += change.delta
        decided.append(replace(decision, written=(write_case(one.case, one.items, used, terms),)))
    return decided


def _opening(ready: Sequence[Ready], terms: Any) -> dict[int, dict[str, int]]:
    """Cover → usage to date, as usage_to_date says it of one; five statements for all."""
    people = {one.cover.person_id for one in ready}
    homes = {one.cover.household_id for one in ready}
    passed = Household.objects.filter(account_into__in=homes).values_list("pk", "account_into")
    root: dict[Any, Any] = {home: home for home in homes} | dict(passed)
    aids = AidApplication.objects.standing().filter(person__in=people).exclude(counter="")
    of_people = _sums(_used("person", people))
    for person, rows in _sums(_by(aids, "person", aid_fen())).items():
        of_people[person] += rows
    of_homes: Sums = defaultdict(list)
    for home, rows in _sums(_used("household", root)).items():
        of_homes[root[home]] += rows
    granted: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    covers = Enrollment.objects.active().filter(household__in=root).order_by()
    years = covers.values_list("household", "year").annotate(total=Sum("account_amount"))
    opened = AccountOpening.objects.filter(household__in=root).order_by()
    brought = opened.values_list("household", "year").annotate(total=Sum("amount"))
    for home, year, amount in years.union(brought, all=True):
        granted[root[home]][year] += amount
    return {
        one.cover.pk: usage_from(
            one.cover,
            terms,
            [*of_people[one.cover.person_id], *of_homes[one.cover.household_id]],
            granted[one.cover.household_id].items,
        )
        for one in ready
    }


def _used(owner: str, keys: Collection[int]) -> QuerySet[Any, Any]:
    """By what was settled here, and before the county moved in."""
    asked = {f"{owner}__in": keys}
    here = _by(UsageEntry.objects.filter(**asked), owner, Sum("amount"))
    return here.union(_by(carried().filter(**asked), owner, Sum("amount")), all=True)


def _by(rows: QuerySet[Any], owner: str, total: Any) -> QuerySet[Any, Any]:
    by = rows.order_by().values_list(owner, "counter", "policy_year").annotate(total=total)
    return cast("QuerySet[Any, Any]", by)


def _sums(rows: QuerySet[Any, Any]) -> Sums:
    found: Sums = defaultdict(list)
    for key, counter, year, amount in rows:
        found[key].append((counter, year, int(amount)))
    return found


def _write(
    ready: Sequence[Ready], decisions: Sequence[Decision], *, actor: User, on: date
) -> list[Settlement]:
    """The rows of all of them, table by table."""
    prepared = ready[0].prepared
    area, year = prepared.measures.pack.area.code, ready[0].cover.year
    numbers = SERIALS.several(area, year, len(ready))
    together = list(zip(ready, decisions, strict=True))
    settlements = [
        settlement_row(
            settlement_number(area, year, number), one.prepared, one.cover, decision,
            submitted_columns(actor, on),
        )
        for number, (one, decision) in zip(numbers, together, strict=True)
    ]  # fmt: skip
    insert(settlements)
    funds: list[SettlementFund] = []
    steps: list[SettlementStep] = []
    kept: list[Determination] = []
    usage: list[UsageEntry] = []
    drawn: dict[int, Drawn] = {}
    for settlement, (one, decision) in zip(settlements, together, strict=True):
        funds += funds_of(settlement, decision, one.prepared.measures)
        steps += steps_of(settlement, one.prepared.lines, decision)
        kept.append(kept_of(settlement, decision, one.prepared.measures.pack))
        usage += usage_of(settlement, one.cover, decision)
        if settlement.payable_amount:
            count_in(settlement, one.cover)
            drawn[one.cover.pk] = (
                one.cover.drawn_claims,
                one.cover.drawn_amount,
                one.cover.drawn_first,
            )
    insert(funds)
    insert(steps)
    insert(kept)
    insert(usage)
    tell_covers(drawn)
    _end_visits([one.prepared.visit for one in ready], settlements, actor)
    return settlements


def _end_visits(visits: Sequence[Visit], settlements: Sequence[Settlement], actor: User) -> None:
    """Lines and visits are settled; two lines of the trail for each, as one by one."""
    bills = BillLine.objects.filter(visit__in=visits, is_live=True, part=None)
    bills.update(part=1)
    before = [audited(visit) for visit in visits]
    VISITS.take_many(visits, "visit_settled", actor=actor)
    trail: list[AuditLine] = []
    for visit, was, settlement in zip(visits, before, settlements, strict=True):
        trail.append(SETTLEMENTS.line(settlement, "entered", actor=actor))
        beside = {"number": settlement.number}
        trail.append(VISITS.line(visit, "visit_settled", actor=actor, before=was, beside=beside))
    insert(trail)
