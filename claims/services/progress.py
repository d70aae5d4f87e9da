"""The way of a settlement: submitted, reviewed, approved, or taken back. See claims/workflow.py."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.computation import Place, amounts_of, answerable, usage_of
from claims.cuts import BY_CODE, CutReason
from claims.dependence import services as dependence
from claims.dependence.family import hold_family
from claims.models import BillLine, Invoice, Settlement, UsageEntry
from claims.paper_intake.checklist import paper_names
from claims.paper_intake.services import refuse_lacking
from claims.paying.payees import payee_of, payee_problem
from claims.paying.seen import digest_of
from claims.paying.services import call_off, hold_likewise
from claims.refunds.services import ask_refund, void_refund
from claims.services.drawn import draw, take_back
from claims.services.settling import (
    Prepared,
    compute_locked,
    give_back_usage,
    insert_settlement,
    lock_and_check_cover,
    prepared_of,
    write_details,
)
from claims.visits.parts import refuse_before_later
from claims.visits.standing import step_back
from claims.visits.workflow import VISITS
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from desk.seen import refuse_stale
from lib.money import to_fen, told
from policies.services import terms_of

Status = Settlement.Status


@dataclass(frozen=True)
class Cut:
    """What the reviewer allows of a line (yuan), and why not more: a code of claims/cuts.py, and
    words of one's own, which the codes for anything else ask for. Without a code it is one of
    those."""

    approved_amount: Decimal
    reason: str = ""
    code: str = ""


@all_or_nothing()
def submit(*, actor: User, settlement: Settlement, on: date) -> Settlement:
    """Hand a draft in: computed anew with the usage of this moment, which it then moves."""
    settlement = SETTLEMENTS.lock(settlement.pk)
    SETTLEMENTS.check(settlement, "submitted", actor)
    prepared = prepared_of(settlement)
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
    VISITS.take(settlement.visit, "draft_settled", actor=actor)
    draw(settlement, enrollment)
    return settlement


@all_or_nothing()
def review(*, actor: User, settlement: Settlement, seen: str | None = None) -> Settlement:
    """The reviewer agrees with every line, with the papers and with whom is paid (初审)."""
    settlement = SETTLEMENTS.lock(settlement.pk)
    SETTLEMENTS.check(settlement, "reviewed", actor)
    refuse_stale(seen, digest_of(settlement))
    refuse_lacking(settlement)
    if problem := payee_problem(settlement):
        raise Refusal(problem)
    return SETTLEMENTS.take(settlement, "reviewed", actor=actor, digest=digest_of(settlement))


@all_or_nothing()
def cut_and_review(
    *,
    actor: User,
    settlement: Settlement,
    cuts: Mapping[int, Cut],
    on: date,
    seen: str | None = None,
) -> Settlement:
    """The reviewer allows less of some lines (line number → Cut): settled anew, and reviewed.

    The old settlement is withdrawn and gives its usage back; the new one, with a number of its
    own, keeps the clerk who entered the claim and its place in the order, and what was computed
    after it is computed anew. Returns the new one.
    """
    family = hold_family(settlement.pk)
    settlement = family.head
    SETTLEMENTS.check(settlement, "cut", actor)
    SETTLEMENTS.check(settlement, "resettled", actor)
    refuse_stale(seen, digest_of(settlement))
    refuse_before_later(settlement)
    refuse_lacking(settlement)
    if problem := payee_problem(settlement):
        raise Refusal(problem)
    prepared = prepared_of(settlement)
    touched = apply_cuts(prepared, cuts)
    give_back_usage(settlement)
    SETTLEMENTS.take(
        settlement,
        "cut",
        actor=actor,
        reason="初审核减，另出结算单",
        withdrawn_reason="初审核减，另出结算单",
    )
    take_back(settlement)
    BillLine.objects.bulk_update(touched, CUT_COLUMNS)
    enrollment = lock_and_check_cover(prepared, replaces=settlement)
    anew = insert_settlement(
        prepared,
        enrollment=enrollment,
        decision=compute_locked(prepared, enrollment, Place.of(settlement)),
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
            **payee_of(settlement),
        },
    )
    anew.digest = digest_of(anew)
    anew.save(update_fields=["digest"])
    hold_likewise(anew, settlement)
    ask_refund(settlement, anew, actor=actor)
    dependence.follow(family, what="被核减", actor=actor)
    return anew


def try_cut(
    *, actor: User, settlement: Settlement, cuts: Mapping[int, Cut], on: date
) -> Settlement:
    """What a cut would come to: done by the same service, and undone before anybody sees it."""
    with transaction.atomic():
        done = cut_and_review(actor=actor, settlement=settlement, cuts=cuts, on=on)
        transaction.set_rollback(True)
    return done


CUT_COLUMNS = ("approved_amount", "cut_code", "cut_bearer", "cut_reason")


def apply_cuts(prepared: Prepared, cuts: Mapping[int, Cut]) -> list[BillLine]:
    """Put the cuts into the lines, unsaved; those that were touched. Raises Refusal at the input.

    Where nothing is said of the bearer the institution is, if it is under agreement and these
    measures know of costs that an institution bears.
    """
    answers = answerable(prepared.visit)
    usual = answers and bool(prepared.measures.class_of_kind("institution"))
    by_number = {line.line_number: line for line in prepared.lines}
    touched = []
    for number, cut in sorted(cuts.items()):
        line, at = by_number.get(number), ("cuts", number, "approved_amount")
        if line is None:
            raise Refusal(f"费用清单没有第 {number} 行", "cuts")
        try:
            approved = to_fen(cut.approved_amount)
        except ValueError:
            raise Refusal(f"第 {number} 行：认可金额最多两位小数", at=at) from None
        if approved == to_fen(line.amount) and line.cut_code:  # cut before it was sent back
            line.approved_amount, line.cut_code = line.amount, ""
            line.cut_bearer = line.cut_reason = ""
            touched.append(line)
            continue
        if not 0 <= approved < to_fen(line.amount):
            raise Refusal(f"第 {number} 行：认可金额应不小于 0、小于 {told(line.amount)} 元", at=at)
        code = cut.code or ("institution_other" if usual else "patient_other")
        reason = _reason_of(code, number, answers=answers)
        line.cut_code, line.cut_bearer = reason.code, reason.bearer
        line.cut_reason = _told_reason(cut, reason, number)
        line.approved_amount = cut.approved_amount
        touched.append(line)
    if not touched:
        raise Refusal("没有填写核减金额；全部认可请点“初审通过”", "cuts")
    return touched


def _reason_of(code: str, number: int, *, answers: bool) -> CutReason:
    """The reason for a cut. An institution without an agreement cannot be charged with it."""
    at = ("cuts", number, "code")
    reason = BY_CODE.get(code)
    if reason is None:
        raise Refusal(f"第 {number} 行：请选择核减原因", at=at)
    if reason.bearer == BillLine.Bearer.INSTITUTION and not answers:
        raise Refusal(
            f"第 {number} 行：就诊机构与本县没有协议，不能由其承担，请选由个人承担的原因", at=at
        )
    return reason


def _told_reason(cut: Cut, reason: CutReason, number: int) -> str:
    own = cut.reason.strip()
    if own or reason.asks_words:
        own = given_reason(own, asks="核减原因", at=("cuts", number, "reason"))
    if reason.asks_words:
        return own[:100]
    return f"{reason.name}：{own}"[:100] if own else reason.name


def withdraw(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The clerk takes the own claim back before review."""
    return _take_back(settlement, actor=actor, event="withdrawn", reason=reason)


def return_to_clerk(
    *, actor: User, settlement: Settlement, reason: str = "", missing: Collection[str] = ()
) -> Settlement:
    """The reviewer sends the claim back; the clerk corrects it as a new entry. `missing`: codes of
    the papers that it lacks (claims/missing.py), which are named first."""
    said = _with_missing(settlement, reason, missing)
    return _take_back(settlement, actor=actor, event="returned", reason=said)


def reject(
    *, actor: User, settlement: Settlement, reason: str = "", missing: Collection[str] = ()
) -> Settlement:
    """The approver sends a reviewed claim back to who entered it."""
    said = _with_missing(settlement, reason, missing)
    return _take_back(settlement, actor=actor, event="rejected", reason=said)


def _with_missing(settlement: Settlement, reason: str, missing: Collection[str]) -> str:
    papers = paper_names(terms_of(settlement.pack))
    if unknown := set(missing) - papers.keys():
        raise Refusal(f"没有“{min(unknown)}”这种材料，请重新选择", "missing")
    names = "、".join(name for code, name in papers.items() if code in missing)
    return "；".join(filter(None, [f"请补：{names}" if names else "", reason.strip()]))


def reopen(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """A complaint against a refusal was right: the claim may be handed in anew."""
    return _take_back(settlement, actor=actor, event="reopened", reason=reason)


def stop(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """The approver stops an approved claim before it is paid."""
    return _take_back(settlement, actor=actor, event="stopped", reason=reason)


def unclose(*, actor: User, settlement: Settlement, reason: str) -> Settlement:
    """What was closed since nothing was to be paid was wrong: the claim may be handed in anew."""
    return _take_back(settlement, actor=actor, event="unclosed", reason=reason)


def discard(*, actor: User, settlement: Settlement) -> Settlement:
    """The clerk throws the own draft away."""
    return _take_back(settlement, actor=actor, event="discarded", reason="作废草稿")


@all_or_nothing()
def _take_back(settlement: Settlement, *, actor: User, event: str, reason: str) -> Settlement:
    """Withdraw: usage is given back by opposite rows, the invoices may be handed in again, and
    what was computed after it is computed anew."""
    family = hold_family(settlement.pk)
    settlement = family.head
    reason = SETTLEMENTS.check(settlement, event, actor, reason)
    refuse_before_later(settlement)
    call_off(settlement, actor=actor, reason=reason)
    give_back_usage(settlement)
    Invoice.objects.filter(visit=settlement.visit_id, is_live=True).update(is_live=False)
    counted = settlement.status != Status.DRAFT
    settlement = SETTLEMENTS.take(
        settlement, event, actor=actor, reason=reason, withdrawn_reason=reason
    )
    if counted:
        take_back(settlement)
    void_refund(settlement, actor=actor)
    step_back(settlement, actor=actor, reason=reason)
    if counted:
        dependence.follow(family, what="已撤回", actor=actor)
    return settlement


def standing_on(settlement: Settlement) -> Settlement | None:
    """Another settlement of the same visit that is not withdrawn: what a cut leaves standing, or
    what was entered anew before."""
    others = Settlement.objects.of_visit(settlement.visit).exclude(pk=settlement.pk)
    return others.exclude(status=Status.WITHDRAWN).first()


def set_aside(settlement: Settlement, *, actor: User) -> None:
    """Make way for a corrected entry: the actor's draft is discarded, a withdrawn claim stays."""
    current = SETTLEMENTS.lock(settlement.pk)
    if current.entered_by_id != actor.pk:
        raise Refusal("只能改录自己录入的结算单")
    if current.visit.is_registered:
        raise Refusal("这次就诊是先登记后结算的，请在就诊页面更正费用后重新结算")
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
