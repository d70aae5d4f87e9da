"""Writing down which papers were handed in; a late claim; what a corrected claim takes over."""

from collections.abc import Mapping
from datetime import date

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement, Visit
from claims.paper_intake.checklist import asked_of, lacks_of
from claims.paper_intake.models import HandedPaper, LateClaim, Scan
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason

OPEN = (Settlement.Status.DRAFT, Settlement.Status.SUBMITTED)


def locked_open(settlement: Settlement, actor: User) -> Settlement:
    """The claim, locked, while its papers may still change. Raises Refusal."""
    if not actor.may("claims.keep_papers"):
        raise Refusal("材料由乡镇经办或初审核对，请用其账号办理")
    if not Settlement.objects.visible_to(actor).filter(pk=settlement.pk).exists():
        raise Refusal("这张结算单不属于您的范围")
    settlement = SETTLEMENTS.lock(settlement.pk)
    if settlement.visit.source != Visit.Source.PAPER:
        raise Refusal("即时结算由医院留存材料，这里只核对手工报销的材料")
    if settlement.status not in OPEN:
        raise Refusal(
            f"结算单 {settlement.number} 现为“{settlement.get_status_display()}”，"
            "材料不能再改；有出入请退回"
        )
    return settlement


@all_or_nothing()
def note_papers(*, actor: User, settlement: Settlement, states: Mapping[str, str]) -> Settlement:
    """What was found of each paper: code → 原件, 复印件 or 缺."""
    settlement = locked_open(settlement, actor)
    asked = {one.rule.code: one for one in asked_of(settlement)}
    told = {code: state for code, state in states.items() if state}
    for code, state in told.items():
        if code not in asked:
            raise Refusal(f"这张单不要“{code}”这种材料，请刷新后再核对", code)
        if state not in HandedPaper.State.values:
            raise Refusal(f"{asked[code].rule.name}：请选择原件、复印件或缺", code)
    if not told:
        raise Refusal("一项材料也没有核对，请逐项选择")
    before = {code: one.state for code, one in asked.items() if one.state}
    for code, state in told.items():
        if state != before.get(code):
            HandedPaper.objects.update_or_create(
                visit=settlement.visit,
                code=code,
                defaults={"state": state, "noted_by": actor},
            )
    record(
        actor=actor,
        action="claims.note_papers",
        subject=settlement,
        before=before,
        after=before | told,
    )
    return settlement


def refuse_lacking(settlement: Settlement) -> None:
    """Who reviews does not pass a claim that is known to lack a paper; it goes back, or the paper
    comes. Raises Refusal naming the papers."""
    lacks = lacks_of(settlement)
    if lacks:
        raise Refusal(
            f"材料不齐：{'、'.join(lacks)}；请退回补齐，补来后在“材料”页改为原件或复印件再初审"
        )


def note_lateness(settlement: Settlement, *, due_on: date, until: date, reason: str) -> None:
    """A claim that was let in after its last day; in the transaction that enters it."""
    LateClaim.objects.create(
        visit=settlement.visit,
        due_on=due_on,
        until=until,
        handed_on=settlement.settled_on,
        reason=given_reason(reason, asks="逾期原因", at=("late_reason",))[:200],
    )


def take_over(old: Visit, new: Visit) -> None:
    """A corrected claim keeps the papers and pages of the one it replaces: they lie there still."""
    for paper in HandedPaper.objects.filter(visit=old):
        paper.pk, paper.visit = None, new
        paper.save(force_insert=True)
    for scan in Scan.objects.of(old):
        scan.pk, scan.visit = None, new
        scan.save(force_insert=True)
