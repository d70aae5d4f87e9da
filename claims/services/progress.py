"""The way of a settlement: submitted, reviewed, approved, or taken back. See claims/workflow.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.computation import amounts_of, usage_of
from claims.models import BillLine, Invoice, Settlement, UsageEntry
from claims.services.drawn import draw, hold_cover, take_back
from claims.services.settling import (
    Prepared,
    compute_locked,
    give_back_usage,
    insert_settlement,
    lock_and_check_cover,
    write_details,
)
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from lib.money import to_fen, told
from policies.services import Measures

Status = Settlement.Status


@dataclass(frozen=True)
class Cut:
    """What the reviewer allows of a line (yuan), and why not more."""

    approved_amount: Decimal
    reason: str


@all_or_nothing()
def submit(*, actor: User, settlement: Settlement, on: date) -> Settlement:
    """Hand a draft in: computed anew with the usage of this moment, which it then moves."""
    settlement = SETTLEMENTS.lock(settlement.pk)
    SETTLEMENTS.check(settlement, "submitted", actor)
    prepared = _from_rows(settlement)
    enrollment = lock_and_check_cover(prepared, replaces=settlement)
    decision = compute_locked(prepared, enrollment)
    settlement.steps.all().delete()
    settlement.funds.all().delete()
    write_details(settlement, prepared, decision)
    UsageEntry.objects.bulk_create(usage_of(settlement, enrollment, decision))
    settlement = SETTLEMENTS.take(
        settlement,
        "submitted",
        actor=actor,
        policy_year=enrollment.year,
        pack=prepared.measures.pack,
        tier=enrollment.tier,
        settled_on=on,
        submitted_at=timezone.now(),
        **amounts_of(decision),
    )
    draw(settlement, enrollment)
    return settlement


def _from_rows(settlement: Settlement) -> Prepared:
    visit = settlement.visit
    return Prepared(
        visit=visit,
        lines=list(visit.lines.all()),
        measures=Measures.of_visit(
            area_code=settlement.division.county_code, starts=visit.starts, ends=visit.ends
        ),
        pay_to=settlement.pay_to,
    )


@all_or_nothing()
def review(*, actor: User, settlement: Settlement) -> Settlement:
    """The reviewer agrees with every line (初审)."""
    return SETTLEMENTS.move(settlement.pk, "reviewed", actor=actor)


@all_or_nothing()
def cut_and_review(
    *, actor: User, settlement: Settlement, cuts: Mapping[int, Cut], on: date
) -> Settlement:
    """The reviewer allows less of some lines (line number → Cut): settled anew, and reviewed.

    The old settlement is withdrawn and gives its usage back; the new one, with a number of its
    own, keeps the clerk who entered the claim. Returns the new one.
    """
    settlement = SETTLEMENTS.lock(settlement.pk)
    SETTLEMENTS.check(settlement, "cut", actor)
    SETTLEMENTS.check(settlement, "resettled", actor)
    hold_cover(settlement)
    prepared = _from_rows(settlement)
    touched = _apply_cuts(prepared.lines, cuts)
    give_back_usage(settlement)
    SETTLEMENTS.take(
        settlement,
        "cut",
        actor=actor,
        reason="初审核减，另出结算单",
        withdrawn_reason="初审核减，另出结算单",
    )
    take_back(settlement)
    BillLine.objects.bulk_update(touched, ["approved_amount", "cut_reason"])
    enrollment = lock_and_check_cover(prepared, replaces=settlement)
    return insert_settlement(
        prepared,
        enrollment=enrollment,
        decision=compute_locked(prepared, enrollment),
        actor=actor,
        event="resettled",
        reason=f"原结算单 {settlement.number}",
        columns={
            "status": Status.REVIEWED,
            "entered_by_id": settlement.entered_by_id,
            "settled_on": on,
            "submitted_at": settlement.submitted_at,
            "reviewed_by": actor,
            "reviewed_at": timezone.now(),
        },
    )


def _apply_cuts(lines: list[BillLine], cuts: Mapping[int, Cut]) -> list[BillLine]:
    by_number = {line.line_number: line for line in lines}
    touched = []
    for number, cut in sorted(cuts.items()):
        line, at = by_number.get(number), ("cuts", number, "approved_amount")
        if line is None:
            raise Refusal(f"费用清单没有第 {number} 行", "cuts")
        try:
            approved = to_fen(cut.approved_amount)
        except ValueError:
            raise Refusal(f"第 {number} 行：认可金额最多两位小数", at=at) from None
        if not 0 <= approved < to_fen(line.amount):
            raise Refusal(f"第 {number} 行：认可金额应不小于 0、小于 {told(line.amount)} 元", at=at)
        line.cut_reason = given_reason(cut.reason, asks="核减原因", at=("cuts", number, "reason"))[
            :100
        ]
        line.approved_amount = cut.approved_amount
        touched.append(line)
    if not touched:
        raise Refusal("没有填写核减金额；全部认可请点“初审通过”", "cuts")
    return touched


@all_or_nothing()
def approve(*, actor: User, settlement: Settlement) -> Settlement:
    """A third person agrees (复核); from now on the cashier may pay."""
    return SETTLEMENTS.move(settlement.pk, "approved", actor=actor)


def withdraw(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The clerk takes the own claim back before review."""
    return _take_back(settlement, actor=actor, event="withdrawn", reason=reason)


def return_to_clerk(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The reviewer sends the claim back; the clerk corrects it as a new entry."""
    return _take_back(settlement, actor=actor, event="returned", reason=reason)


def reject(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The approver sends a reviewed claim back."""
    return _take_back(settlement, actor=actor, event="rejected", reason=reason)


def stop(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The approver stops an approved claim before it is paid."""
    return _take_back(settlement, actor=actor, event="stopped", reason=reason)


def discard(*, actor: User, settlement: Settlement) -> Settlement:
    """The clerk throws the own draft away."""
    return _take_back(settlement, actor=actor, event="discarded", reason="作废草稿")


@all_or_nothing()
def _take_back(settlement: Settlement, *, actor: User, event: str, reason: str) -> Settlement:
    """Withdraw: usage is given back by opposite rows, the invoices may be handed in again."""
    settlement = SETTLEMENTS.lock(settlement.pk)
    reason = SETTLEMENTS.check(settlement, event, actor, reason)
    hold_cover(settlement)
    give_back_usage(settlement)
    Invoice.objects.filter(visit=settlement.visit_id, is_live=True).update(is_live=False)
    counted = settlement.status != Status.DRAFT
    settlement = SETTLEMENTS.take(
        settlement, event, actor=actor, reason=reason, withdrawn_reason=reason
    )
    if counted:
        take_back(settlement)
    return settlement


def standing_on(settlement: Settlement) -> Settlement | None:
    """Another settlement of the same visit that is not withdrawn: what a cut leaves standing."""
    others = Settlement.objects.filter(visit=settlement.visit_id).exclude(pk=settlement.pk)
    return others.exclude(status=Status.WITHDRAWN).first()


def set_aside(settlement: Settlement, *, actor: User) -> None:
    """Make way for a corrected entry: the actor's draft is discarded, a withdrawn claim stays."""
    current = SETTLEMENTS.lock(settlement.pk)
    if current.entered_by_id != actor.pk:
        raise Refusal("只能改录自己录入的结算单")
    standing = standing_on(current)
    if standing is not None:
        raise Refusal(
            f"这次就诊另有结算单 {standing.number}（{standing.get_status_display()}），"
            "不能重复结算；要改录请先请初审、复核退回那一张"
        )
    if current.status == Status.DRAFT:
        discard(actor=actor, settlement=current)
    elif current.status != Status.WITHDRAWN:
        raise Refusal(
            f"结算单 {current.number} 现为“{current.get_status_display()}”，"
            "要改录请先撤回，或请初审退回"
        )
