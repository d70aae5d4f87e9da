"""Computing a claim under the lock of the patient's cover and writing it down, once for all ways.

Order of locks everywhere: settlement, enrolment, household. Two claims of one person or household
therefore wait for each other, and usage to date is never read twice before it is written.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Max, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.adjudication import Decision
from claims.computation import (
    amounts_of,
    compute,
    funds_of,
    steps_of,
    usage_of,
    usage_to_date,
)
from claims.models import (
    BillLine,
    Invoice,
    Settlement,
    SettlementFund,
    SettlementStep,
    UsageEntry,
    Visit,
)
from claims.services.drawn import draw
from claims.stays import overlap
from claims.workflow import SETTLEMENTS
from desk.numbers import Serial
from enrollment.cover.covering import cover_on, lock_cover
from enrollment.models import Enrollment
from policies.services import Measures

Status = Settlement.Status


@dataclass(frozen=True)
class Prepared:
    """A checked entry: unsaved rows and the measures that judge them."""

    visit: Visit
    lines: list[BillLine]
    measures: Measures
    pay_to: str
    invoices: list[Invoice] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """What a claim would come to (试算). Nothing is saved, no cap is reserved."""

    decision: Decision
    visit: Visit
    lines: list[BillLine]
    enrollment: Enrollment
    measures: Measures


def lock_and_check_cover(prepared: Prepared, *, replaces: Settlement | None) -> Enrollment:
    """The cover of the visit's year, locked, after the checks that need the patient's past."""
    visit = prepared.visit
    rule = prepared.measures.terms.year
    counted = rule.day(visit.starts, visit.ends)
    year = rule.of(counted)
    enrollment = lock_cover(person_id=visit.person_id, year=year)
    if enrollment.division.county_code != prepared.measures.pack.area.code:
        raise Refusal("此人不在本县参保，请到其参保地办理", "person")
    _refuse_outside_cover(enrollment, counted, "starts" if counted == visit.starts else "ends")
    if visit.starts != counted and cover_on(enrollment.person, visit.starts) is None:
        # Counted by its discharge, and yet nobody is in hospital before being insured at all.
        _refuse_outside_cover(enrollment, visit.starts, "starts")
    _refuse_impossible_life(enrollment, visit)
    if visit.pk and visit.enrollment_id != enrollment.pk:  # what is written stays on its cover
        raise Refusal("录入之后此人的参保登记已作废重办，请作废草稿后重新录入", "person")
    visit.enrollment = enrollment
    visit.household = enrollment.household
    visit.division = enrollment.division
    if visit.bed:
        _refuse_overlap(visit, replaces)
    if visit.referred_from_id is not None:
        _refuse_wrong_referral(visit, visit.referred_from_id, replaces)
    return enrollment


def _refuse_outside_cover(enrollment: Enrollment, day: date, at: str) -> None:
    if day < enrollment.cover_first_day:
        when = f"此人的待遇从 {enrollment.cover_first_day} 开始"
    elif day > enrollment.cover_last_day:
        when = f"此人的待遇到 {enrollment.cover_last_day} 为止"
    else:
        return
    raise Refusal(f"{when}，{day} 发生的医疗费不予支付，请核对日期", at)


def settled_stays(person_id: int) -> QuerySet[Visit]:
    """The person's stays whose settlement stands, the latest first."""
    return Visit.objects.filter(
        person=person_id, bed=True, settlements__in=Settlement.objects.effective()
    )


def _refuse_wrong_referral(visit: Visit, stay: int, replaces: Settlement | None) -> None:
    """Referred from a settled stay of the same person, over by then, that counts only once."""
    before = settled_stays(visit.person_id).filter(pk=stay).first()
    if before is None or not visit.bed:
        raise Refusal("转出的住院应是此人已经结算的住院，请重新选择", "referred_from")
    if before.ends > visit.starts:
        raise Refusal(
            f"转出的住院到 {before.ends} 才出院，晚于本次入院 {visit.starts}，请核对日期",
            "referred_from",
        )
    standing = Settlement.objects.exclude(status=Status.WITHDRAWN)
    if replaces is not None:
        standing = standing.exclude(pk=replaces.pk)
    other = standing.filter(visit__referred_from=before).exclude(visit=visit.pk).first()
    if other is not None:
        raise Refusal(
            f"这次转出的住院已在结算单 {other.number} 中抵过起付线，不能再抵，请核对",
            "referred_from",
        )


def _refuse_impossible_life(enrollment: Enrollment, visit: Visit) -> None:
    person = enrollment.person
    if visit.starts < person.birth_date:
        raise Refusal("就诊日期早于出生日期，请核对日期和参保人", "starts")
    if person.death_date and visit.ends > person.death_date:
        raise Refusal(f"登记的死亡日期是 {person.death_date}，此后的医疗费不能结算，请核对", "ends")


def _refuse_overlap(visit: Visit, replaces: Settlement | None) -> None:
    """Days in a second bed (claims/stays.py)."""
    standing = Settlement.objects.exclude(status=Status.WITHDRAWN)
    if replaces is not None:  # not its visit: a cut leaves another settlement on that
        standing = standing.exclude(pk=replaces.pk)
    others = (
        Visit.objects.filter(person=visit.person_id, bed=True)
        .filter(starts__lte=visit.ends, ends__gte=visit.starts)
        .filter(settlements__in=standing)
    )
    for other in others:
        # The same stay typed twice: of one day, so that the days alone do not show it.
        same = (other.starts, other.institution_name) == (visit.starts, visit.institution_name)
        if same or overlap(visit, other):
            raise Refusal(
                f"与已录入的住院（{other.institution_name}，{other.starts} 至 {other.ends}）"
                "日期重叠，请核对入院、出院日期",
                "starts",
            )


def settle_new(
    prepared: Prepared, *, actor: User, on: date, event: str, replaces: Settlement | None
) -> Settlement:
    """Write visit, bill, settlement and steps; a submitted one also counts toward usage."""
    enrollment = lock_and_check_cover(prepared, replaces=replaces)
    decision = compute_locked(prepared, enrollment)
    visit = prepared.visit
    visit.entered_by = actor
    visit.save(force_insert=True)
    for line in prepared.lines:
        line.visit = visit
    for invoice in prepared.invoices:
        invoice.visit = visit
    BillLine.objects.bulk_create(prepared.lines)
    Invoice.objects.bulk_create(prepared.invoices)
    return insert_settlement(
        prepared,
        enrollment=enrollment,
        decision=decision,
        actor=actor,
        event=event,
        columns={
            "status": Status.DRAFT if event == "drafted" else Status.SUBMITTED,
            "entered_by": actor,
            "settled_on": on,
            "submitted_at": None if event == "drafted" else timezone.now(),
        },
    )


def compute_locked(prepared: Prepared, enrollment: Enrollment) -> Decision:
    """The decision with usage to date; the caller holds the lock of the cover."""
    return compute(
        enrollment=enrollment,
        visit=prepared.visit,
        lines=prepared.lines,
        measures=prepared.measures,
        used=usage_to_date(enrollment, prepared.measures.terms),
    )


def insert_settlement(
    prepared: Prepared,
    *,
    enrollment: Enrollment,
    decision: Decision,
    actor: User,
    event: str,
    columns: dict[str, Any],
    reason: str = "",
) -> Settlement:
    """One settlement with what each layer pays, its steps and, unless a draft, its usage; with the
    audit line."""
    area, year = prepared.measures.pack.area.code, enrollment.year
    settlement = Settlement.objects.create(
        number=settlement_number(area, year, SERIALS.next(area, year)),
        visit=prepared.visit,
        division=prepared.visit.division,
        policy_year=year,
        pack=prepared.measures.pack,
        tier=enrollment.tier,
        pay_to=prepared.pay_to,
        **amounts_of(decision),
        **columns,
    )
    write_details(settlement, prepared, decision)
    if settlement.status != Status.DRAFT:
        UsageEntry.objects.bulk_create(usage_of(settlement, enrollment, decision))
        draw(settlement, enrollment)
    SETTLEMENTS.note(settlement, event, actor=actor, reason=reason)
    return settlement


def write_details(settlement: Settlement, prepared: Prepared, decision: Decision) -> None:
    """What each layer pays, and the steps that led there."""
    SettlementFund.objects.bulk_create(funds_of(settlement, decision, prepared.measures))
    SettlementStep.objects.bulk_create(
        steps_of(settlement, prepared.visit, prepared.lines, decision, prepared.measures)
    )


def settlement_number(area_code: str, policy_year: int, serial: int) -> str:
    """The number on the settlement sheet: area 6, policy year 4, serial 8 digits."""
    return f"{area_code}{policy_year}{serial:08d}"


def _last_serial(area_code: str, policy_year: int) -> int:
    """Of the settlements there are. Before there was a counter, their ids gave the numbers."""
    serial = Cast(Substr("number", 11), BigIntegerField())
    of_year = Settlement.objects.filter(number__startswith=f"{area_code}{policy_year}")
    last: int | None = of_year.aggregate(last=Max(serial))["last"]
    return last or 0


SERIALS = Serial("claims_settlement_number", _last_serial)


def give_back_usage(settlement: Settlement) -> None:
    """Add the opposite of every row that the settlement put into usage."""
    sums: dict[tuple[int | None, int | None, int, str], int] = {}
    for row in UsageEntry.objects.filter(settlement=settlement):
        key = (row.person_id, row.household_id, row.policy_year, row.counter)
        sums[key] = sums.get(key, 0) + row.amount
    UsageEntry.objects.bulk_create(
        UsageEntry(
            settlement=settlement,
            person_id=person,
            household_id=household,
            policy_year=year,
            counter=counter,
            amount=-total,
        )
        for (person, household, year, counter), total in sums.items()
        if total
    )
