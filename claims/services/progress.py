"""The way of a settlement: submitted, reviewed, approved, or taken back. See claims/workflow.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.audit import snapshot
from accounts.errors import Refusal
from accounts.models import User
from claims import workflow
from claims.computation import Measures, amounts_of, usage_of
from claims.models import BillLine, Invoice, Settlement, UsageEntry
from claims.services.frame import all_or_nothing
from claims.services.settling import (
    AUDITED,
    Prepared,
    compute_locked,
    give_back_usage,
    insert_settlement,
    lock_and_check_cover,
    note,
    write_steps,
)
from lib.money import to_fen

Status = Settlement.Status


@dataclass(frozen=True)
class Cut:
    """What the reviewer allows of a line (yuan), and why not more."""

    approved_amount: Decimal
    reason: str


def lock(settlement: Settlement) -> Settlement:
    """The settlement's row as it is now, locked until the commit."""
    return (
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("division", "visit")
        .get(pk=settlement.pk)
    )


def move(
    settlement: Settlement,
    *,
    actor: User,
    event: str,
    reason: str = "",
    **columns: Any,
) -> Settlement:
    """One step along the table, on a locked row, with its audit line."""
    transition = workflow.check(settlement, event, actor, reason)
    before = snapshot(settlement, AUDITED)
    columns["status"] = transition.target
    for name, value in columns.items():
        setattr(settlement, name, value)
    settlement.save(update_fields=list(columns))
    note(settlement, actor=actor, event=event, before=before, reason=reason)
    return settlement


@all_or_nothing()
def submit(*, actor: User, settlement: Settlement, on: date) -> Settlement:
    """Hand a draft in: computed anew with the usage of this moment, which it then moves."""
    settlement = lock(settlement)
    workflow.check(settlement, "submitted", actor)
    prepared = _from_rows(settlement)
    enrollment = lock_and_check_cover(prepared, replaces=settlement)
    decision = compute_locked(prepared, enrollment)
    settlement.steps.all().delete()
    write_steps(settlement, prepared, decision)
    UsageEntry.objects.bulk_create(usage_of(settlement, enrollment, decision))
    return move(
        settlement,
        actor=actor,
        event="submitted",
        policy_year=enrollment.year,
        pack=prepared.measures.pack,
        tier=enrollment.tier,
        settled_on=on,
        submitted_at=timezone.now(),
        **amounts_of(decision),
    )


def _from_rows(settlement: Settlement) -> Prepared:
    visit = settlement.visit
    return Prepared(
        visit=visit,
        lines=list(visit.lines.all()),
        measures=Measures.on(area_code=settlement.division.county_code, day=visit.starts),
        pay_to=settlement.pay_to,
    )


@all_or_nothing()
def review(*, actor: User, settlement: Settlement) -> Settlement:
    """The reviewer agrees with every line (初审)."""
    return move(
        lock(settlement),
        actor=actor,
        event="reviewed",
        reviewed_by=actor,
        reviewed_at=timezone.now(),
    )


@all_or_nothing()
def cut_and_review(
    *, actor: User, settlement: Settlement, cuts: Mapping[int, Cut], on: date
) -> Settlement:
    """The reviewer allows less of some lines (line number → Cut): settled anew, and reviewed.

    The old settlement is withdrawn and gives its usage back; the new one, with a number of its
    own, keeps the clerk who entered the claim. Returns the new one.
    """
    settlement = lock(settlement)
    workflow.check(settlement, "cut", actor)
    workflow.check(settlement, "resettled", actor)
    prepared = _from_rows(settlement)
    touched = _apply_cuts(prepared.lines, cuts)
    give_back_usage(settlement)
    move(
        settlement,
        actor=actor,
        event="cut",
        reason="初审核减，另出结算单",
        withdrawn_reason="初审核减，另出结算单",
    )
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
        line, field = by_number.get(number), f"cuts-{number}-approved_amount"
        if line is None:
            raise Refusal(f"费用清单没有第 {number} 行", "cuts")
        try:
            approved = to_fen(cut.approved_amount)
        except ValueError:
            raise Refusal(f"第 {number} 行：认可金额最多两位小数", field) from None
        if not 0 <= approved < to_fen(line.amount):
            raise Refusal(f"第 {number} 行：认可金额应不小于 0、小于 {line.amount:.2f} 元", field)
        if not cut.reason.strip():
            raise Refusal(f"第 {number} 行：请写明核减原因", f"cuts-{number}-reason")
        line.approved_amount, line.cut_reason = cut.approved_amount, cut.reason.strip()[:100]
        touched.append(line)
    if not touched:
        raise Refusal("没有填写核减金额；全部认可请点“初审通过”", "cuts")
    return touched


@all_or_nothing()
def approve(*, actor: User, settlement: Settlement) -> Settlement:
    """A third person agrees (复核); from now on the cashier may pay."""
    return move(
        lock(settlement),
        actor=actor,
        event="approved",
        approved_by=actor,
        approved_at=timezone.now(),
    )


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
    settlement = lock(settlement)
    workflow.check(settlement, event, actor, reason)
    give_back_usage(settlement)
    Invoice.objects.filter(visit=settlement.visit_id, is_live=True).update(is_live=False)
    reason = reason.strip()[:200]
    return move(settlement, actor=actor, event=event, reason=reason, withdrawn_reason=reason)


def standing_on(settlement: Settlement) -> Settlement | None:
    """Another settlement of the same visit that is not withdrawn: what a cut leaves standing."""
    others = Settlement.objects.filter(visit=settlement.visit_id).exclude(pk=settlement.pk)
    return others.exclude(status=Status.WITHDRAWN).first()


def set_aside(settlement: Settlement, *, actor: User) -> None:
    """Make way for a corrected entry: the actor's draft is discarded, a withdrawn claim stays."""
    current = lock(settlement)
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
