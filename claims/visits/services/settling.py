"""A registered visit is settled: tried out, whole, or in parts while the patient is in the bed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.errors import Refusal
from accounts.models import User
from claims.entries import VisitFacts
from claims.filings.services import check_filings, keep_filings
from claims.models import BillLine, Settlement, Visit
from claims.services.lines import check_total
from claims.services.settling import (
    Prepared,
    Preview,
    compute_locked,
    insert_settlement,
    lock_and_check_cover,
    submitted_columns,
)
from claims.visits.alike import ask_about, resembling
from claims.visits.holding import hold_visit
from claims.visits.parts import earlier_of, standing_and_gone
from claims.visits.services.registering import leave
from claims.visits.workflow import VISITS
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.kept import Kept, among, given
from policies.services import Measures

Status = Visit.Status


@all_or_nothing()
def pre_settle(
    *, actor: User, visit: Visit, on: date, to: date | None = None, ends: date | None = None
) -> Preview:
    """What the bill that is stored would come to (预结算): nothing is saved nor locked, no cap
    reserved.

    `to`: as an interim settlement to that day. `ends`: as if the patient left on that day; one who
    is in the bed and of whom neither is said, as if leaving on `on`.
    """
    event = "visit_part_settled" if to else "visit_settled"
    visit, _ = hold_visit(visit, actor=actor, event=event, locks=False)
    if visit.status == Status.OPEN and to is None:
        visit.ends = ends or (on if visit.bed else visit.ends)
    prepared = _prepare(visit, to=to, on=on)
    check_filings(visit, prepared.measures.terms, "")
    enrollment = lock_and_check_cover(prepared, replaces=None, locks=False)
    return Preview(
        decision=compute_locked(prepared, enrollment),
        visit=visit,
        lines=prepared.lines,
        enrollment=enrollment,
        measures=prepared.measures,
        alike=resembling(visit, prepared.around, prepared.total),
    )


@all_or_nothing()
def settle(
    *,
    actor: User,
    visit: Visit,
    on: date,
    facts: VisitFacts | None = None,
    alike_reason: str = "",
) -> Settlement:
    """Settle what no part has settled, and submit it. Where provinces tell the discharge with the
    settlement, `facts` are those of the discharge, which is then written first."""
    SETTLEMENTS.check(Settlement(), "entered", actor)
    visit, _ = hold_visit(visit, actor=actor, event="visit_settled")
    if facts is not None and visit.status == Status.OPEN:
        visit = leave(visit, facts, actor=actor, on=on)
    elif facts is not None and facts.ends != visit.ends:
        raise Refusal(f"已登记 {visit.ends} 出院，与结算所报的日期不符，请核对", "ends")
    if visit.days.ends is None:
        raise Refusal("病人还在住院，请先办理出院登记；住院时间长的可以中途结算", "ends")
    if not visit.diagnosis:
        raise Refusal("请先在登记中填写诊断", "diagnosis")
    return _settle(
        visit,
        "visit_settled",
        actor=actor,
        on=on,
        to=None,
        alike_reason=alike_reason,
        document=facts.filing_document if facts else "",
    )


@all_or_nothing()
def settle_interim(
    *, actor: User, visit: Visit, to: date, on: date, alike_reason: str = ""
) -> Settlement:
    """Settle what was charged up to the day `to` of a long stay (中途结算), and submit it."""
    SETTLEMENTS.check(Settlement(), "entered", actor)
    visit, _ = hold_visit(visit, actor=actor, event="visit_part_settled")
    return _settle(
        visit, "visit_part_settled", actor=actor, on=on, to=to, alike_reason=alike_reason
    )


@all_or_nothing()
def recall(*, actor: User, visit: Visit, reason: str) -> Visit:
    """What was paid is wholly back in the fund: the visit waits to be settled anew, its bill with
    it. What stands is taken back or recovered first."""
    visit, reason = hold_visit(visit, actor=actor, event="visit_recalled", reason=reason)
    gone = may_recall(visit)
    if not gone:
        raise Refusal("这次就诊的结算仍然有效：款项全部追回到账以后，才能重新结算")
    visit.lines.filter(part__in=gone).update(part=None)
    return VISITS.take(visit, "visit_recalled", actor=actor, reason=reason)


def may_recall(visit: Visit) -> list[int]:
    """The last parts of a settled visit of which all the money is back; none when one stands after
    them."""
    standing, gone = standing_and_gone(visit)
    last = max((one.part for one in standing), default=0)
    return [one.part for one in gone if one.part > last]


def _settle(
    visit: Visit,
    event: str,
    *,
    actor: User,
    on: date,
    to: date | None,
    alike_reason: str,
    document: str = "",
) -> Settlement:
    prepared = _prepare(visit, to=to, on=on)
    filings = check_filings(visit, prepared.measures.terms, document)
    enrollment = lock_and_check_cover(prepared, replaces=None)
    visit.alike_reason = alike_reason.strip() or visit.alike_reason
    ask_about(visit, prepared.around, prepared.total)
    decision = compute_locked(prepared, enrollment)
    settlement = insert_settlement(
        prepared,
        enrollment=enrollment,
        decision=decision,
        actor=actor,
        event="entered",
        columns=submitted_columns(actor, on),
    )
    keep_filings(visit, filings, document)
    _open_lines(visit, to).update(part=prepared.part)
    VISITS.take(
        visit,
        event,
        actor=actor,
        beside={"number": settlement.number},
        ends=visit.ends,
        enrollment=enrollment,
        household=enrollment.household,
        division=enrollment.division,
        alike_reason=visit.alike_reason,
    )
    return settlement


def _prepare(visit: Visit, *, to: date | None, on: date) -> Prepared:
    """The part that comes next, of the lines that no part took. Raises Refusal."""
    parts, gone = standing_and_gone(visit)
    if to is not None:
        _check_interim(visit, to, on, parts)
        visit.ends = to
    lines, settled = _lines_of(visit, to, parts)
    if not lines and (to is not None or not parts):
        raise Refusal("没有可结算的费用明细，请先录入费用", "lines")
    check_total(lines)
    assert visit.institution is not None and visit.ends is not None
    measures = Measures.of_visit(
        area_code=visit.institution.division.county_code, starts=visit.starts, ends=visit.ends
    )
    if to is not None and measures.terms.year.by == "discharge":
        raise Refusal("本地办法按出院日期确定待遇年度，出院前不能中途结算", "to")
    return Prepared(
        visit,
        lines,
        measures,
        Settlement.PayTo.INSTITUTION,
        part=max((one.part for one in (*parts, *gone)), default=0) + 1,
        charged_to=to,
        earlier=earlier_of(parts, settled),
    )


def _open_lines(visit: Visit, to: date | None) -> QuerySet[BillLine]:
    """The lines that no settlement took: all of them, or those charged up to a day."""
    return visit.lines.filter(_is_open(to))


def _is_open(to: Any) -> Q:
    rows = Q(is_live=True, part=None)
    return rows if to is None else rows & Q(charged_on__lte=to)


def _lines(to: Any) -> QuerySet[BillLine]:
    rows = BillLine.objects.filter(_is_open(to) | Q(among("part", given("parts"))))
    return rows.filter(visit_id=given("visit")).order_by("line_number")


LINES, LINES_TO = Kept(lambda: _lines(None)), Kept(lambda: _lines(given("to")))


def _lines_of(
    visit: Visit, to: date | None, parts: Sequence[Settlement]
) -> tuple[list[BillLine], list[BillLine]]:
    """The open lines and those of the parts that stand, in their order. One statement."""
    asked: dict[str, Any] = {"visit": visit.pk, "parts": [one.part for one in parts]}
    rows = LINES(**asked) if to is None else LINES_TO(**asked, to=to)
    return [one for one in rows if one.part is None], [one for one in rows if one.part is not None]


def _check_interim(visit: Visit, to: date, on: date, parts: Sequence[Settlement]) -> None:
    if not visit.bed:
        raise Refusal("只有住院可以中途结算，请直接结算", "to")
    last = parts[-1].charged_to if parts else None
    if not visit.starts <= to <= on:
        raise Refusal(f"截至日期应在入院 {visit.starts} 到今天 {on} 之间，请核对", "to")
    if last is not None and to <= last:
        raise Refusal(f"已中途结算到 {last}，这一次应截至更晚的日期", "to")
    undated = visit.lines.filter(is_live=True, part=None, charged_on=None).count()
    if undated:
        raise Refusal(
            f"有 {undated} 行费用没有计费日期，不知道该不该算进来；"
            "请撤销后补上日期重新录入，或到出院时一并结算",
            "to",
        )
