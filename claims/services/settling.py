"""Computing a claim under the lock of the patient's cover and writing it down, once for all ways.

Order of locks everywhere: settlement, enrolment, household, and of a stay the person. Two claims of
one person or household therefore wait for each other, and usage to date is never read twice before
it is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, QuerySet
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from accounts.new_rows import insert
from claims.adjudication import Decision
from claims.carried.models import OldSettlement
from claims.computation import (
    Place,
    amounts_of,
    funds_of,
    steps_of,
    usage_of,
    usage_to_date,
)
from claims.models import (
    BillLine,
    Invoice,
    Settlement,
    UsageEntry,
    Visit,
)
from claims.paying.payees import first_payee
from claims.services.drawn import draw
from claims.stays import Days, overlap
from claims.unpaid.models import OldClaim
from claims.visits.alike import Around, ask_about, refuse_second_bed, visits_around
from claims.visits.parts import Earlier, compute_part, earlier_than
from claims.visits.workflow import VISITS
from claims.why.recomputing import keep
from claims.workflow import SETTLEMENTS
from desk.numbers import Serial, last_numbered
from enrollment.cover.covering import cover_on, lock_cover, read_cover
from enrollment.models import Enrollment, Person
from lib.money import to_yuan, told
from policies.services import Measures

Status = Settlement.Status


@dataclass(frozen=True)
class Prepared:
    """A checked entry: unsaved rows and the measures that judge them.

    `part`, `charged_to`, `earlier`: of a stay that is settled in parts (claims/visits/parts.py).
    `around`: the patient's other visits of these days, once the cover is locked.
    """

    visit: Visit
    lines: list[BillLine]
    measures: Measures
    pay_to: str
    invoices: list[Invoice] = field(default_factory=list)
    part: int = 1
    charged_to: date | None = None
    earlier: Earlier | None = None
    around: list[Around] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """Yuan of the lines."""
        return sum((Decimal(line.amount) for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Preview:
    """What a claim would come to (试算). Nothing is saved, no cap is reserved."""

    decision: Decision
    visit: Visit
    lines: list[BillLine]
    enrollment: Enrollment
    measures: Measures
    # What the visit resembles, in words: to be explained before it is settled.
    alike: list[str] = field(default_factory=list)

    @property
    def question(self) -> str:
        """What is asked before it is settled: for whom, and what it comes to."""
        made = self.decision
        return (
            f"{self.visit.person.name}：总费用 {told(to_yuan(made.total))} 元，"
            f"基金支付 {told(to_yuan(made.fund_pay))} 元，个人现金 {told(to_yuan(made.cash))} 元。"
            "提交后金额不能再改，确认提交？"
        )


def lock_and_check_cover(
    prepared: Prepared, *, replaces: Settlement | None, locks: bool = True
) -> Enrollment:
    """The cover of the visit's year, locked, after the checks that need the patient's past.
    `locks`: not for who only looks what it would come to."""
    visit = prepared.visit
    rule = prepared.measures.terms.year
    counted = rule.day(visit.starts, visit.ends or visit.starts)
    year = rule.of(counted)
    enrollment = (lock_cover if locks else read_cover)(person_id=visit.person_id, year=year)
    if enrollment.division.county_code != prepared.measures.pack.area.code:
        raise Refusal("此人不在本县参保，请到其参保地办理", "person")
    refuse_outside_cover(enrollment, counted, "starts" if counted == visit.starts else "ends")
    if visit.starts != counted and cover_on(enrollment.person, visit.starts) is None:
        # Counted by its discharge, and yet nobody is in hospital before being insured at all.
        refuse_outside_cover(enrollment, visit.starts, "starts")
    refuse_impossible_life(enrollment, visit)
    if _is_held(prepared) and visit.enrollment_id != enrollment.pk:
        raise Refusal("录入之后此人的参保登记已作废重办，请作废草稿后重新录入", "person")
    visit.enrollment = enrollment
    visit.household = enrollment.household
    visit.division = enrollment.division
    if visit.bed and locks:
        # Stays on both sides of New Year stand on two covers: only the person is the same. Whether
        # the old system settled anything of theirs is told by the way.
        there = OldSettlement.objects.live().filter(person=OuterRef("pk")).order_by()
        owed = OldClaim.objects.decided_before().filter(person=OuterRef("pk")).order_by()
        held = Person.objects.select_for_update(no_key=True, of=("self",))
        seen_there = ExpressionWrapper(Exists(there) | Exists(owed), BooleanField())
        (was_there,) = held.values_list(seen_there).get(pk=visit.person_id)
        if was_there:
            refuse_stay_paid_before(visit, prepared.measures)
    prepared.around[:] = visits_around(visit, replaces=replaces)
    refuse_second_bed(visit, prepared.around)
    if visit.referred_from_id is not None:
        _refuse_wrong_referral(visit, visit.referred_from_id, replaces)
    return enrollment


def refuse_stay_paid_before(visit: Visit, measures: Measures) -> None:
    """Days in a bed that the old system paid, before the county moved in."""
    beds = [code for code, care in measures.terms.cares.items() if care.bed]
    paid = OldSettlement.objects.live().filter(
        person=visit.person_id, care__in=beds, ends__gte=visit.starts
    )
    owed = OldClaim.objects.decided_before().filter(
        person=visit.person_id, care__in=beds, ends__gte=visit.starts
    )
    for old in (*paid.order_by("pk"), *owed.order_by("pk")):
        if overlap(visit.days, Days(old.starts, old.ends)):
            raise Refusal(
                f"与原系统已结算的住院（{old.institution_name}，{old.starts} 至 {old.ends}，"
                f"原结算单 {old.number}）日期重叠，不能再结算，请核对入院、出院日期",
                "starts",
            )


def _is_held(prepared: Prepared) -> bool:
    """What is written stays on its cover, unless it was registered and nothing is settled yet."""
    visit = prepared.visit
    return visit.pk is not None and (not visit.is_registered or prepared.earlier is not None)


def refuse_outside_cover(enrollment: Enrollment, day: date, at: str) -> None:
    if day < enrollment.cover_first_day:
        when = f"此人的待遇从 {enrollment.cover_first_day} 开始"
    elif day > enrollment.cover_last_day:
        when = f"此人的待遇到 {enrollment.cover_last_day} 为止"
    else:
        return
    raise Refusal(f"{when}，{day} 发生的医疗费不予支付，请核对日期", at)


def settled_stays(person_id: int) -> QuerySet[Visit]:
    """The person's stays whose settlement stands, the latest first."""
    standing = Settlement.objects.counted().filter(visit=OuterRef("pk"))
    return Visit.objects.filter(
        Exists(standing.order_by()), person=person_id, bed=True, status=Visit.Status.SETTLED
    )


def _refuse_wrong_referral(visit: Visit, stay: int, replaces: Settlement | None) -> None:
    """Referred from a settled stay of the same person, over by then, that counts only once."""
    before = settled_stays(visit.person_id).filter(pk=stay).first()
    if before is None or not visit.bed:
        raise Refusal("转出的住院应是此人已经结算的住院，请重新选择", "referred_from")
    if before.ends is None or before.ends > visit.starts:
        raise Refusal(
            f"转出的住院到 {before.ends} 才出院，晚于本次入院 {visit.starts}，请核对日期",
            "referred_from",
        )
    standing = Settlement.objects.exclude(status=Status.WITHDRAWN).not_taken_back()
    if replaces is not None:
        standing = standing.exclude(pk=replaces.pk)
    other = standing.filter(visit__referred_from=before).exclude(visit=visit.pk).first()
    if other is not None:
        raise Refusal(
            f"这次转出的住院已在结算单 {other.number} 中抵过起付线，不能再抵，请核对",
            "referred_from",
        )


def refuse_impossible_life(enrollment: Enrollment, visit: Visit) -> None:
    person = enrollment.person
    if visit.starts < person.birth_date:
        raise Refusal("就诊日期早于出生日期，请核对日期和参保人", "starts")
    last = visit.ends or visit.starts
    if person.death_date and last > person.death_date:
        at = "ends" if visit.ends else "starts"
        raise Refusal(f"登记的死亡日期是 {person.death_date}，此后的医疗费不能结算，请核对", at)


def settle_new(
    prepared: Prepared, *, actor: User, on: date, event: str, replaces: Settlement | None
) -> Settlement:
    """Write visit, bill, settlement and steps; a submitted one also counts toward usage."""
    enrollment = lock_and_check_cover(prepared, replaces=replaces)
    decision = compute_locked(prepared, enrollment)
    visit = prepared.visit
    ask_about(visit, prepared.around, prepared.total)
    visit.entered_by = actor
    VISITS.begun(visit, "visit_drafted" if event == "drafted" else "visit_entered")
    insert([visit])
    for line in prepared.lines:
        line.visit = visit
    for invoice in prepared.invoices:
        invoice.visit = visit
    insert(prepared.lines)
    insert(prepared.invoices)
    return insert_settlement(
        prepared,
        enrollment=enrollment,
        decision=decision,
        actor=actor,
        event=event,
        columns=submitted_columns(actor, on)
        if event != "drafted"
        else {"status": Status.DRAFT, "entered_by": actor, "settled_on": on},
    )


def submitted_columns(actor: User, on: date) -> dict[str, Any]:
    """What is said of a settlement that is handed in as it is entered."""
    return {
        "status": Status.SUBMITTED,
        "entered_by": actor,
        "settled_on": on,
        "submitted_at": timezone.now(),
    }


def prepared_of(settlement: Settlement, measures: Measures | None = None) -> Prepared:
    """What is written of a settlement, to be computed once more: by the measures that judge its
    visit today, or by these."""
    visit = settlement.visit
    visit.ends = settlement.charged_to or visit.ends  # as it was settled; it is not saved here
    assert visit.ends is not None
    return Prepared(
        visit=visit,
        lines=list(settlement.bill_lines()),
        measures=measures
        or Measures.of_visit(
            area_code=settlement.division.county_code, starts=visit.starts, ends=visit.ends
        ),
        pay_to=settlement.pay_to,
        part=settlement.part,
        charged_to=settlement.charged_to,
        earlier=earlier_than(visit, settlement.part),
    )


def compute_locked(
    prepared: Prepared, enrollment: Enrollment, before: Place | None = None
) -> Decision:
    """The decision with usage to date, or up to a place in the order; the caller holds the lock of
    the cover."""
    return compute_part(
        enrollment=enrollment,
        visit=prepared.visit,
        lines=prepared.lines,
        measures=prepared.measures,
        used=usage_to_date(enrollment, prepared.measures.terms, before),
        earlier=prepared.earlier,
    )


def insert_settlement(
    prepared: Prepared,
    *,
    enrollment: Enrollment,
    decision: Decision,
    actor: User | None,
    event: str,
    columns: dict[str, Any],
    reason: str = "",
) -> Settlement:
    """One settlement with what each layer pays, its steps and, unless a draft, its usage; with the
    audit line."""
    area, year = prepared.measures.pack.area.code, enrollment.year
    number = settlement_number(area, year, SERIALS.next(area, year))
    settlement = settlement_row(number, prepared, enrollment, decision, columns)
    insert([settlement])
    write_details(settlement, prepared, decision)
    if settlement.status != Status.DRAFT:
        insert(usage_of(settlement, enrollment, decision))
        draw(settlement, enrollment)
    SETTLEMENTS.note(settlement, event, actor=actor, reason=reason)
    return settlement


def settlement_row(
    number: str,
    prepared: Prepared,
    enrollment: Enrollment,
    decision: Decision,
    columns: dict[str, Any],
) -> Settlement:
    """The unsaved settlement of a decision."""
    if "payee_name" not in columns:  # else it replaces another one, and pays whom that one paid
        columns = columns | first_payee(prepared.visit, prepared.pay_to)
    return Settlement(
        number=number,
        visit=prepared.visit,
        part=prepared.part,
        charged_to=prepared.charged_to,
        division=prepared.visit.division,
        policy_year=enrollment.year,
        pack=prepared.measures.pack,
        tier=enrollment.tier,
        pay_to=prepared.pay_to,
        **amounts_of(decision),
        **columns,
    )


def write_details(settlement: Settlement, prepared: Prepared, decision: Decision) -> None:
    """What each layer pays, the steps that led there, and what they were decided from."""
    insert(funds_of(settlement, decision, prepared.measures))
    lines = [*(prepared.earlier.lines if prepared.earlier else ()), *prepared.lines]
    insert(steps_of(settlement, lines, decision))
    keep(settlement, decision, prepared.measures.pack)


def settlement_number(area_code: str, policy_year: int, serial: int) -> str:
    """The number on the settlement sheet: area 6, policy year 4, serial 8 digits."""
    return f"{area_code}{policy_year}{serial:08d}"


# Before there was a counter, the ids of settlements gave the numbers.
SERIALS = Serial("claims_settlement_number", last_numbered(Settlement))


UsageKey = tuple[int | None, int | None, int, str]


def _usage_sums(rows: Iterable[UsageEntry]) -> dict[UsageKey, int]:
    sums: dict[UsageKey, int] = {}
    for row in rows:
        key = (row.person_id, row.household_id, row.policy_year, row.counter)
        sums[key] = sums.get(key, 0) + row.amount
    return sums


def _usage_rows(settlement: Settlement, sums: Mapping[UsageKey, int]) -> list[UsageEntry]:
    return [
        UsageEntry(
            settlement=settlement,
            person_id=person,
            household_id=household,
            policy_year=year,
            counter=counter,
            amount=total,
        )
        for (person, household, year, counter), total in sums.items()
        if total
    ]


def give_back_usage(settlement: Settlement) -> None:
    """Add the opposite of every row that the settlement put into usage."""
    sums = _usage_sums(UsageEntry.objects.filter(settlement=settlement))
    insert(_usage_rows(settlement, {key: -total for key, total in sums.items()}))


def usage_moves(
    settlement: Settlement, enrollment: Enrollment, decision: Decision
) -> list[UsageEntry]:
    """Unsaved rows that bring the settlement's usage, as computed, to what the decision uses. What
    came back of it stays given back."""
    computed = UsageEntry.objects.filter(settlement=settlement, receipt=None)
    moves = _usage_sums(usage_of(settlement, enrollment, decision))
    for key, total in _usage_sums(computed).items():
        moves[key] = moves.get(key, 0) - total
    return _usage_rows(settlement, moves)
