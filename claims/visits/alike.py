"""What a visit resembles: perhaps the same bill twice, or an outpatient bill of somebody in bed.

Nothing of it is wrong in itself, so it is not refused but asked about: the clerk says why it is
another visit, and the visit keeps the answer for whoever reviews it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounts.errors import Refusal
from claims.models import Settlement, Visit
from claims.stays import overlap
from desk.kept import Kept, among, given
from desk.reasons import MAX_REASON, MIN_REASON
from lib.money import told

FIELD = "alike_reason"


@dataclass(frozen=True)
class Around:
    """Another visit of the patient that shares a day with this one; `total`: yuan of its
    settlements that were not withdrawn, None where there are none."""

    visit: Visit
    total: Decimal | None


def visits_around(visit: Visit, *, replaces: Settlement | None = None) -> list[Around]:
    """The patient's other visits that share a day with this one. One statement.

    `replaces`: the draft that this entry is to take the place of, which then does not count.
    """
    own = {visit.pk} - {None}
    if replaces is not None and replaces.status == Settlement.Status.DRAFT:
        own.add(replaces.visit_id)
    until = visit.days.ends or date.max
    found = AROUND(people=[visit.person_id], since=visit.starts, until=until, own=list(own))
    return [Around(row, vars(row)["standing_total"]) for row in found]


def around(people: Any, since: date, until: date) -> QuerySet[Visit]:
    """The visits of these people that share a day with this time, those that count for nothing
    left out."""
    rows = Visit.objects.filter(among("person_id", people))
    rows = rows.exclude(status=Visit.Status.VOID).filter(
        Q(ends__gte=since) | Q(ends=None) | Q(status=Visit.Status.OPEN, bed=True),
        starts__lte=until,
    )
    # Of a visit whose payment turned out undue and is back, nothing stands.
    stands = Settlement.objects.exclude(status=Settlement.Status.WITHDRAWN).not_taken_back()
    stands = stands.filter(visit=OuterRef("pk")).order_by()
    return rows.filter(~Q(status=Visit.Status.SETTLED) | Exists(stands))


def _around() -> QuerySet[Visit]:
    rows = around(given("people"), given("since"), given("until"))
    standing = ~Q(settlements__status=Settlement.Status.WITHDRAWN)
    found = rows.filter(~Q(among("pk", given("own")))).annotate(
        standing_total=Sum("settlements__total_amount", filter=standing)
    )
    return found.order_by("starts", "pk")


AROUND = Kept(_around)


def refuse_second_bed(visit: Visit, around: Iterable[Around]) -> None:
    """Days in two beds (claims/stays.py). Raises Refusal that tells of the other stay."""
    if not visit.bed:
        return
    for other in (each.visit for each in around if each.visit.bed):
        # The same stay typed twice: of one day, so that the days alone do not show it.
        same = (other.starts, other.institution_name) == (visit.starts, visit.institution_name)
        if same or overlap(visit.days, other.days):
            told_of = f"与{_stay(other)}日期重叠，请核对入院、出院日期"
            raise Refusal(told_of + _way_out(other), "starts")


def _stay(other: Visit) -> str:
    if other.days.ends is None:
        return f"已登记的住院（{other.institution_name}，{other.starts} 入院，尚未出院）"
    return f"已录入的住院（{other.institution_name}，{other.starts} 至 {other.ends}）"


def _way_out(other: Visit) -> str:
    return "；已经出院的，请该院先办理出院登记" if other.days.ends is None else ""


def resembling(visit: Visit, around: Iterable[Around], total: Decimal | None) -> list[str]:
    """What the visit resembles, in words. `total`: yuan of its bill, None while it is not known."""
    found = []
    for each in around:
        other = each.visit
        if visit.bed != other.bed:
            bed, bill = (visit, other) if visit.bed else (other, visit)
            if visit.bed and other.alike_reason:
                continue  # that it lies in the stay was asked and answered
            if overlap(bed.days, bill.days):
                found.append(_inside(visit, other))
        elif not visit.bed and total is not None and each.total == total and _same(visit, other):
            found.append(
                f"{other.starts} 在{other.institution_name}已有总费用 {told(total)} 元的同样一笔"
            )
    return found


def _same(one: Visit, other: Visit) -> bool:
    return (one.starts, one.institution_name) == (other.starts, other.institution_name)


def _inside(visit: Visit, other: Visit) -> str:
    if visit.bed:
        own = visit.institution_id == other.institution_id and other.admission_number
        number = f"门诊号 {other.admission_number}，" if own else ""
        is_settled = other.status == Visit.Status.SETTLED
        what = "结算" if is_settled else f"登记（{number}还没有结算）"
        return f"住院期间 {other.starts} 在{other.institution_name}另有门诊{what}"
    until = f"至 {other.ends}" if other.days.ends else "入院，尚未出院"
    return f"就诊日在住院期间（{other.institution_name}，{other.starts} {until}）"


def ask_about(visit: Visit, around: Sequence[Around], total: Decimal | None) -> list[str]:
    """What it resembles, where the visit says why it is another. Raises Refusal where it does not.

    A reason that nothing asked for is kept as it is: it does no harm.
    """
    if visit.entry_key and any(each.visit.entry_key == visit.entry_key for each in around):
        return []  # the same page once more: the row itself says so when it is written
    found = resembling(visit, around, total)
    visit.alike_reason = visit.alike_reason.strip()[:MAX_REASON]
    if found and len(visit.alike_reason) < MIN_REASON:
        raise Refusal(
            f"{'；'.join(found)}。确属另一次就诊的，请填写说明后再提交；重复的，请不要再录入", FIELD
        )
    return found
