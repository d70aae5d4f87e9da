"""What a decision leads to: money back to the fund, the fine to the treasury, measures; closing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.audit import audited, record
from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.services import Proposal, propose
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from institutions.agreements.models import AgreementStep
from institutions.points.models import PointRecord
from lib.money import told
from lib.resident_id import people_masked
from supervision.cases.models import ZERO, Case, CaseClaim, CasePause, FineEntry, Measure
from supervision.cases.workflow import CASES, check_not_excused, lock_unarchived

# Measures that the register of agreements decides, each with what it is called there.
STATES: Mapping[str, AgreementStep.State] = {
    Measure.Kind.INSTITUTION: AgreementStep.State.SUSPENDED,
    Measure.Kind.AGREEMENT: AgreementStep.State.ENDED,
}


@all_or_nothing()
def recover_claim(*, actor: User, claim: CaseClaim, proposal: Proposal) -> Recovery:
    """Ask back what a decision found, by the way of every recovery: review, approval, cashier and
    the vouchers of this or an earlier year; no more than it found. Raises Refusal."""
    case = CASES.lock(claim.case_id)
    if case.status not in Case.DECISION_STANDS:
        raise Refusal("作出处理决定以后才能提出追回")
    named = replace(proposal, source=Recovery.Source.CASE, source_note=case.called)
    rest = rest_of(claim)
    debt = propose(actor=actor, settlement=claim.settlement, proposal=named)
    if debt.amount > rest:
        raise Refusal(f"本案还可追回 {told(rest)} 元，追回金额合计不能超过", "amounts")
    return debt


def recoveries_of(case: Case) -> Any:
    """Debts that stand on the case's settlements, of whatever source: what an alert had asked back
    before needs not be asked twice."""
    settlements = case.claims.filter(amount__gt=0).values("settlement")
    rows = Recovery.objects.standing().filter(settlement__in=settlements)
    return rows.with_received().select_related("settlement").order_by("pk")


def _asked(case: Case) -> list[Any]:
    """The case's settlements that may still cost the fund something, `asked` on each: what was
    asked back of it, and `is_whole`: whether that was all there was."""
    asked: dict[int, Decimal] = {}
    whole: set[int] = set()
    for debt in recoveries_of(case):
        asked[debt.settlement_id] = asked.get(debt.settlement_id, ZERO) + debt.amount
        whole |= {debt.settlement_id} if debt.is_whole else set()
    # What was refused or withdrawn has cost the fund nothing, and cannot be asked back.
    rows = case.claims.filter(amount__gt=0).exclude(settlement__status__in=Settlement.NOT_COUNTED)
    found: list[Any] = list(rows.select_related("settlement").order_by("pk"))
    for row in found:
        row.asked = asked.get(row.settlement_id, ZERO)
        row.is_whole = row.settlement_id in whole
    return found


def unasked_of(case: Case) -> list[CaseClaim]:
    """Settlements of which less was asked back than the case found, and not all there was."""
    return [row for row in _asked(case) if row.asked < row.amount and not row.is_whole]


def rest_of(claim: CaseClaim) -> Decimal:
    """Yuan that the case may still ask back of one of its settlements."""
    rows = _asked(claim.case)
    rest: Decimal = sum((row.amount - row.asked for row in rows if row.pk == claim.pk), ZERO)
    return max(rest, ZERO)


def _rest_beyond(case: Case) -> Decimal:
    """Yuan of the loss that lie in no settlement of the portal, where no recovery asks for them,
    and that no measure says to have come back."""
    claimed: Decimal = case.claims.aggregate(total=Sum("amount", default=ZERO))["total"]
    done = case.measures.filter(kind=Measure.Kind.OTHER, done_on__isnull=False)
    back: Decimal = done.aggregate(total=Sum("amount", default=ZERO))["total"]
    loss: Decimal = case.loss_amount
    return loss - claimed - back


def debt_still_open(case: Case) -> Recovery | None:
    """A debt that this case asked for, and that is neither back nor given up."""
    own = recoveries_of(case).filter(source=Recovery.Source.CASE, source_note=case.called)
    found: Recovery | None = own.filter(status__in=Recovery.UNSETTLED).first()
    return found


def problem_of_pauses(case: Case) -> str:
    """That days not counted, or their end, wait to be agreed to, in Chinese; nobody decides them of
    a case that is over."""
    status = CasePause.Status
    row = case.pauses.filter(status__in=[status.ASKED, status.ENDING]).order_by("pk").first()
    if row is None:
        return ""
    named = f"扣除期间“{row.get_kind_display()}”（自 {row.first_day}）"
    if row.status == status.ENDING:
        return f"{named}的结束还没有批准，请先由复核人员批准或者退回"
    return f"{named}还没有批准，请先由复核人员批准或者不批准"


def problem_of_held(case: Case) -> str:
    """Which evidence is still registered or sealed, in Chinese; "" when none is."""
    held = case.evidence.exclude(hold="").filter(released_on=None).first()
    return f"证据“{held.title}”仍在{held.get_hold_display()}，请先处理" if held else ""


@all_or_nothing()
def note_fine(
    *, actor: User, case: Case, kind: str, amount: Decimal, paid_on: date, number: str, on: date
) -> FineEntry:
    """The fine, or a part of it, was paid to the treasury; or the treasury gave it back after the
    decision fell. A register entry: nothing is posted to any fund. Raises Refusal."""
    row = lock_unarchived(case.pk)
    check_not_excused(row, actor)
    number = given_reason(number, asks="缴款书号", most=40, at=("number",))
    if paid_on > on or row.decided_on is None or paid_on < row.decided_on:
        raise Refusal("缴库日期应在决定以后、今天以前", "paid_on")
    if kind == FineEntry.Kind.RETURNED:
        if row.status != Case.Status.REVOKED or amount > fine_paid(row):
            raise Refusal("决定撤销以后才有退库，并且不超过已缴的罚款", "amount")
    elif row.status != Case.Status.DELIVERED:
        raise Refusal(f"案件现为“{row.get_status_display()}”，决定送达以后才登记缴款")
    elif amount > fine_rest(row):
        raise Refusal(f"还应缴罚款 {told(fine_rest(row))} 元，不能多登记", "amount")
    entry = FineEntry.objects.create(
        case=row,
        kind=kind,
        amount=amount,
        paid_on=paid_on,
        treasury_number=number,
        noted_by=actor,
    )
    record(actor=actor, action="supervision.note_fine", subject=entry)
    return entry


def fine_paid(case: Case) -> Decimal:
    """Yuan that lie in the treasury."""
    sums = dict(case.fines.order_by().values_list("kind").annotate(total=Sum("amount")))
    paid: Decimal = sums.get("paid", ZERO) - sums.get("returned", ZERO)
    return paid


def fine_rest(case: Case) -> Decimal:
    rest: Decimal = case.fine_amount - fine_paid(case)
    return rest


@all_or_nothing()
def order_measure(*, actor: User, case: Case, kind: str, on: date, **said: Any) -> Measure:
    """What is to be done beside money; named before the decision, or added to it. Raises
    Refusal."""
    row = CASES.lock(case.pk)
    check_not_excused(row, actor)
    if row.filed_on is None or row.is_over:
        raise Refusal("立案以后、结案以前才能登记处理措施", "kind")
    if (kind == Measure.Kind.POINTS) != bool(said.get("points")):
        raise Refusal("记分的填写 1 至 12 分，其他措施不填分数", "points")
    first, last = said.get("first_day"), said.get("last_day")
    if first and last and last < first:
        raise Refusal("截止日期不能早于起始日期", "last_day")
    target = given_reason(said["target"], asks="对象", most=120, at=("target",))
    said["target"] = people_masked(target)
    found = Measure.objects.create(case=row, kind=kind, added_by=actor, **said)
    record(actor=actor, action="supervision.order_measure", subject=found)
    return found


@all_or_nothing()
def carry_out(*, actor: User, measure: Measure, note: str, on: date) -> Measure:
    """The measure is carried out: by which paper or decision of its own register. Raises
    Refusal."""
    case = CASES.lock(measure.case_id)
    check_not_excused(case, actor)
    if case.status not in Case.DECISION_STANDS:
        raise Refusal("作出处理决定以后才能登记落实")
    row = Measure.objects.select_for_update(no_key=True).get(pk=measure.pk)
    if row.done_on is not None:
        raise Refusal("这项措施已经登记落实")
    note = given_reason(note, asks="落实的文号、情况", most=120)
    if row.kind == Measure.Kind.POINTS and not _points_given(row, case, note):
        raise Refusal(f"没有文号为“{note}”、记 {row.points} 分的已同意记分，请先在“记分决定”中办理")
    if row.kind in STATES and not _agreement_handled(row, case, note):
        raise Refusal(
            f"没有文号为“{note}”、已同意的协议{STATES[row.kind].label}，请先在“协议处理”中办理"
        )
    before = audited(row)
    row.done_on, row.done_by = on, actor
    row.done_note = people_masked(note)
    row.save(update_fields=["done_on", "done_by", "done_note"])
    record(actor=actor, action="supervision.carry_out", subject=row, before=before)
    return row


def _points_given(measure: Measure, case: Case, paper: str) -> bool:
    """Whether the county's register of points has this decision (institutions/points), of two
    people and with its effect on the eligibility. Not only of the case's own institution: who is
    given points may have gone to another since."""
    given = PointRecord.objects.filter(status=PointRecord.Status.APPROVED, evidence=paper)
    given = given.filter(
        practitioner__institution__division__code__startswith=case.area.county_code
    )
    return given.filter(points=measure.points or 0).exists()


def _agreement_handled(measure: Measure, case: Case, paper: str) -> bool:
    """Whether two people decided so about the agreement (institutions/agreements): the party's, or
    one of the county where the party is nobody who has one."""
    rows = AgreementStep.objects.decided().filter(evidence=paper, state=STATES[measure.kind])
    if case.institution_id:
        return rows.filter(agreement__institution=case.institution_id).exists()
    code = case.area.county_code
    return rows.filter(agreement__institution__division__code__startswith=code).exists()


def problem_of_closing(case: Case) -> str:
    """What is not carried out yet, in Chinese; "" when all is."""
    if wrong := _problem_of_money(case):
        return wrong
    enforced = case.measures.filter(kind=Measure.Kind.ENFORCE, done_on__isnull=False)
    if fine_rest(case) > 0 and not enforced.exists():
        return f"罚款还有 {told(fine_rest(case))} 元没有缴入国库，未缴的请先申请强制执行并登记"
    if waiting := case.measures.filter(done_on=None).first():
        return f"措施“{waiting.get_kind_display()}”（{waiting.target}）还没有登记落实"
    return problem_of_held(case)


def _problem_of_money(case: Case) -> str:
    """What of the loss is not back in the fund."""
    open_debt = recoveries_of(case).filter(status__in=Recovery.UNSETTLED).first()
    if open_debt is not None:
        return f"追回单 {open_debt} 还没有办结，请先办结"
    unasked = unasked_of(case)
    if unpaid := next((row for row in unasked if not row.settlement.is_paid), None):
        return f"结算单 {unpaid.settlement.number} 还没有支付，请先退回或停止支付"
    if unasked:
        return f"结算单 {unasked[0].settlement.number} 的涉案金额还没有提出追回"
    if (rest := _rest_beyond(case)) > 0:
        return (
            f"损失比涉案结算单多 {told(rest)} 元还没有退回：退回后登记“其他”措施，"
            "写明金额和收款凭证并落实"
        )
    return ""
