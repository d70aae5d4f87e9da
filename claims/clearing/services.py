"""Writes of a clearing: declared, checked, stated, confirmed or disputed, called back.

Order of locks: settlements in the order of their key, clearing, orders (standing.py).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.clearing.accounts import area_of, debts_of, prepaid_left, prepaid_shown
from claims.clearing.breakdown import (
    Breakdown,
    breakdown,
    is_counted,
    live_claims,
    of_deduction,
)
from claims.clearing.clock import pay_by
from claims.clearing.models import (
    Clearing,
    ClearingClaim,
    ClearingRule,
    Deduction,
    PaymentMethod,
)
from claims.clearing.standing import back_key_of, drop, key_of, unstated
from claims.clearing.workflow import CLEARINGS, DEDUCTIONS
from claims.clearing.worth import carried_by_none, give
from claims.cuts import BY_CODE, INSTITUTION
from claims.models import Settlement
from claims.paying.against import held_settlements, standing_against
from claims.paying.services import key_of as claim_key
from claims.shares import all_asked_back
from desk.changes import all_or_nothing
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.seen import fingerprint, refuse_stale
from desk.workdays import calendar
from funds.payments.institutions import institution_payee
from funds.payments.models import PaymentOrder
from funds.payments.services import Part, cancel_order, order_payment
from institutions.agreements.reading import promised
from institutions.agreements.terms import DEPOSIT, HUNDREDTHS
from institutions.models import Institution
from lib.money import to_fen, to_yuan, told
from lib.periods import Month

Status = Clearing.Status
SERIES = "claims_clearing"
DECEMBER = 12


def candidates(institution: Institution, month: Month) -> Any:
    """Claims that the institution may declare with this month: approved, paid to it, settled by
    its last day, in no other clearing. Older ones that were approved late are among them."""
    taken = ClearingClaim.objects.live().values("settlement")
    return (
        Settlement.objects.awaiting_payment()
        .filter(
            visit__institution=institution,
            division__code__startswith=institution.division.county_code,
            pay_to=Settlement.PayTo.INSTITUTION,
            settled_on__lte=month.last,
        )
        .exclude(pk__in=taken)
    )


def unfinished(institution: Institution, month: Month) -> int:
    """How many of the month are still being reviewed: they go with a later month."""
    waits = (Settlement.Status.SUBMITTED, Settlement.Status.REVIEWED)
    return Settlement.objects.filter(
        visit__institution=institution,
        pay_to=Settlement.PayTo.INSTITUTION,
        settled_on__lte=month.last,
        status__in=waits,
    ).count()


def rule_for(area_code: str, month: Month) -> ClearingRule:
    """Raises Refusal where the county does not clear this month."""
    rule = ClearingRule.objects.in_force(area_code)
    if rule is None or month.first < rule.first_month:
        raise Refusal("县里还没有对这个月采用月结规程，结算单逐笔支付，不用申报", "month")
    return rule


@all_or_nothing()
def declare(*, actor: User, institution: Institution, month: Month, on: date) -> Clearing:
    """Hand the institution's month in. Payments that were asked for singly are called off; what is
    in a batch or held stays out. Raises Refusal."""
    area = area_of(institution)
    rule_for(area.code, month)
    if on <= month.last:
        raise Refusal(f"{month.words}还没有结束，请从次月 1 日起申报", "month")
    if Clearing.objects.standing().filter(institution=institution, month=month.first).exists():
        raise Refusal(f"{month.words}已经申报，后来通过的结算单请随下一个月申报", "month")
    ids = list(candidates(institution, month).values_list("pk", flat=True))
    rows = [row for row in held_settlements(ids) if not standing_against(row, on)]
    there = set(
        ClearingClaim.objects.live()
        .filter(settlement__in=rows)
        .values_list("settlement", flat=True)
    )
    rows = [row for row in rows if row.pk not in there and _is_free(row, actor)]
    ways = PaymentMethod.objects.in_force(institution, month.first)
    if not rows:
        heads = "".join(f"；{words}" for words in carried_by_none(ways.values()))
        raise Refusal(
            f"{month.words}没有可以申报的结算单：须已复核通过、支付给本机构、未在途{heads}", "month"
        )
    claims = [
        ClearingClaim(settlement=row, amount=row.payable_amount, method=ways.get(row.visit.care))
        for row in rows
    ]
    give(claims, None)
    claimed = sum((one.amount for one in claims), Decimal(0))
    gain = sum((one.gain for one in claims), Decimal(0))
    clearing: Clearing = Clearing.objects.create(
        number=f"{area.code}{on.year}Q{next_number(SERIES, area.code, on.year):05d}",
        area=area,
        institution=institution,
        month=month.first,
        claims_count=len(rows),
        claimed_amount=claimed,
        gain_amount=gain,
        paid_amount=claimed + gain,
        declared_by=actor,
        declared_on=on,
        pay_by=pay_by(month, on, calendar(on).after),
    )
    for one in claims:
        one.clearing = clearing
    ClearingClaim.objects.bulk_create(claims)
    CLEARINGS.begin(clearing, "declare_clearing", actor=actor)
    return clearing


def _is_free(row: Settlement, actor: User) -> bool:
    """Its own payment, if any was asked for, is called off; False when that is under way."""
    order = PaymentOrder.objects.filter(key=claim_key(row)).first()
    if order is None or order.status == PaymentOrder.Status.CANCELLED:
        return True
    if order.status != PaymentOrder.Status.WAITING:
        return False
    cancel_order(actor=actor, key=claim_key(row), reason="列入机构月结")
    return True


@all_or_nothing()
def withdraw(*, actor: User, clearing: Clearing, reason: str) -> Clearing:
    """The institution takes its declaration back; the claims wait for another."""
    held = _held(clearing)
    held.claims.live().update(is_live=False, fell_reason="撤回申报")
    return CLEARINGS.take(held, "withdraw_clearing", actor=actor, reason=reason)


def _held(clearing: Clearing) -> Clearing:
    """The clearing, locked after its settlements."""
    ids = clearing.claims.live().values_list("settlement", flat=True)
    list(Settlement.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    return CLEARINGS.lock(clearing.pk)


# -- checking ----------------------------------------------------------------------------------


@all_or_nothing()
def deduct(
    *, actor: User, claim: ClearingClaim, code: str, amount: Decimal, words: str = ""
) -> Deduction:
    """Take something off a claim while its month is checked. Raises Refusal at the input."""
    clearing = CLEARINGS.lock(claim.clearing_id)
    if clearing.status != Status.DECLARED:
        raise Refusal(f"清算单现为“{clearing.get_status_display()}”，只能在核对时扣减")
    claim = clearing.claims.select_for_update().get(pk=claim.pk)
    reason = BY_CODE.get(code)
    if reason is None or reason.bearer != INSTITUTION:
        raise Refusal("请选择扣减原因", "code")
    words = words.strip()
    if reason.asks_words or words:
        words = given_reason(words, asks="扣减原因", most=60, at=("words",))
    told_words = words if reason.asks_words else "：".join(filter(None, [reason.name, words]))
    already = sum((one.amount for one in claim.deductions.counted()), Decimal(0))
    try:
        fen = to_fen(amount)
    except ValueError:
        raise Refusal("扣减金额最多两位小数", "amount") from None
    left = claim.worth - already
    if not claim.is_live or not 0 < fen <= to_fen(left):
        raise Refusal(f"扣减金额应大于 0、不超过这笔还剩的 {told(left)} 元", "amount")
    return DEDUCTIONS.create(
        "deduct",
        actor=actor,
        claim=claim,
        code=code,
        words=told_words[:100],
        amount=amount,
        found_by=actor,
    )


@all_or_nothing()
def undo_deduction(*, actor: User, deduction: Deduction) -> Deduction:
    """It was wrong: nothing is taken off."""
    clearing = CLEARINGS.lock(deduction.claim.clearing_id)
    if clearing.status != Status.DECLARED:
        raise Refusal("清算单已核对完毕，请先退回核对")
    return DEDUCTIONS.move(deduction.pk, "undo_deduction", actor=actor)


@all_or_nothing()
def check(*, actor: User, clearing: Clearing, on: date) -> Clearing:
    """Every claim and deduction was looked at. Raises Refusal."""
    held = _only_payable(clearing, actor, on)
    CLEARINGS.check(held, "check_clearing", actor)
    columns = unstated(held)
    _refuse_beyond(live_claims(held))
    return CLEARINGS.take(held, "check_clearing", actor=actor, **columns)


def _refuse_beyond(claims: Sequence[ClearingClaim]) -> None:
    """A claim that fell may have left the others a fen less: nothing is taken off that is not
    there. Raises Refusal."""
    for claim in claims:
        off = sum((one.amount for one in claim.deductions.all() if is_counted(one)), Decimal(0))
        if off > claim.worth:
            raise Refusal(
                f"结算单 {claim.settlement.number} 的扣减合计 {told(off)} 元，"
                f"多于本月给付的 {told(claim.worth)} 元，请在核对时取消后重新扣减"
            )


def _only_payable(clearing: Clearing, actor: User, on: date) -> Clearing:
    """Locked with its settlements; what may not be paid any more has fallen out of it."""
    claims = list(clearing.claims.live().select_related("settlement").order_by("settlement_id"))
    now = {row.pk: row for row in held_settlements([one.settlement_id for one in claims])}
    held = CLEARINGS.lock(clearing.pk)
    gone, reasons = [], []
    for claim in claims:
        if words := standing_against(now[claim.settlement_id], on):
            gone.append(claim)
            reasons.append(words)
    return drop(held, gone, actor=actor, reasons=reasons) if gone else held


@all_or_nothing()
def send_back(*, actor: User, clearing: Clearing, reason: str) -> Clearing:
    """Who should issue it wants it checked once more."""
    held = CLEARINGS.lock(clearing.pk)
    return CLEARINGS.take(held, "send_back_clearing", actor=actor, reason=reason,
                          checked_by=None, checked_at=None)  # fmt: skip


# -- the statement -----------------------------------------------------------------------------


def stated(clearing: Clearing) -> Breakdown:
    """What a statement that is out says, computed anew from its rows."""
    return breakdown(
        clearing,
        live_claims(clearing),
        percent=clearing.deposit_percent,
        debt=to_fen(clearing.set_off_amount),
        prepaid=to_fen(clearing.prepaid_amount),
    )


@all_or_nothing()
def issue(*, actor: User, clearing: Clearing, on: date, seen: str | None = None) -> Clearing:
    """The statement goes to the institution, with the deposit of the county's rule, its debts and,
    in December, its advance. Raises Refusal; what may not be paid any more falls out of it."""
    held = _only_payable(clearing, actor, on)
    CLEARINGS.check(held, "issue_clearing", actor)
    claims = live_claims(held)
    _refuse_beyond(claims)
    rule = rule_for(held.area.code, Month.of(held.month))
    columns = _statement(held, rule, claims, prepaid_left)
    refuse_stale(seen, sums_shown(held, columns))
    answer_by = on + timedelta(days=rule.days_to_answer)
    return CLEARINGS.take(held, "issue_clearing", actor=actor, answer_by=answer_by, **columns)


SUMS = ("claimed_amount", "gain_amount", "deducted_amount", "deposit_amount", "set_off_amount",
        "prepaid_amount", "paid_amount")  # fmt: skip


def sums_shown(clearing: Clearing, instead: Mapping[str, Any] | None = None) -> str:
    """The fingerprint of the sums that a page shows of a clearing: those of its row, or `instead`
    what its statement will say."""
    facts = instead or {}
    return fingerprint([to_fen(facts.get(name, getattr(clearing, name))) for name in SUMS])


def _statement(
    clearing: Clearing,
    rule: ClearingRule,
    claims: Sequence[ClearingClaim],
    to_work_off: Callable[[Division, Institution], int],
) -> dict[str, Any]:
    """The sums of the statement as it is issued now. `to_work_off`: what it may work off in
    December, with a lock or only read."""
    percent = _deposit_of(clearing, rule)
    found = breakdown(
        clearing,
        claims,
        percent=percent,
        debt=sum(to_fen(one.rest_amount) for one in debts_of(clearing.institution)),
        prepaid=to_work_off(clearing.area, clearing.institution)
        if clearing.month.month == DECEMBER
        else 0,
    )
    deposit, set_off, prepaid = (
        to_yuan(fen) for fen in (found.sums.deposit, found.sums.set_off, found.sums.prepaid)
    )
    return {
        "deposit_percent": percent,
        "deducted_amount": found.deducted,
        "deposit_amount": deposit,
        "set_off_amount": set_off,
        "prepaid_amount": prepaid,
        "paid_amount": clearing.worth - found.deducted - deposit - set_off - prepaid,
    }


def _deposit_of(clearing: Clearing, rule: ClearingRule) -> int:
    """Percent kept back of the month: what the institution's agreement of its last day says, else
    the county's rule."""
    own = promised(clearing.institution, Month.of(clearing.month).last, DEPOSIT)
    return rule.deposit_percent if own is None else own // HUNDREDTHS


def foreseen(clearing: Clearing, claims: Sequence[ClearingClaim]) -> bool:
    """Give a clearing that has no statement yet the sums that it would have if it were issued now,
    so that who checks and who issues it see them; it is not saved. False where the statement is
    out, or could not be issued."""
    if clearing.status not in {Status.DECLARED, Status.CHECKED}:
        return False
    try:
        _refuse_beyond(claims)
        rule = rule_for(clearing.area.code, Month.of(clearing.month))
        columns = _statement(clearing, rule, claims, prepaid_shown)
    except Refusal:
        return False
    for name, value in columns.items():
        setattr(clearing, name, value)
    return True


@all_or_nothing()
def confirm(
    *,
    actor: User,
    clearing: Clearing,
    disputes: Mapping[int, str],
    on: date,
    seen: str | None = None,
) -> Clearing:
    """The institution agrees, but for the deductions that it objects to (deduction → reason). All
    else is paid meanwhile. Raises Refusal."""
    return _confirm(clearing, "confirm_clearing", actor=actor, disputes=disputes, on=on, seen=seen)


@all_or_nothing()
def confirm_overdue(*, actor: User, clearing: Clearing, on: date) -> Clearing:
    """The institution did not answer within the county's days: it is paid as it stands."""
    if clearing.answer_by is not None and on <= clearing.answer_by:
        raise Refusal(f"机构的确认期限到 {clearing.answer_by} 为止，请期满后再办")
    return _confirm(clearing, "confirm_overdue", actor=actor, disputes={}, on=on)


def _confirm(
    clearing: Clearing,
    event: str,
    *,
    actor: User,
    disputes: Mapping[int, str],
    on: date,
    seen: str | None = None,
) -> Clearing:
    held = _held(clearing)
    CLEARINGS.check(held, event, actor)
    refuse_stale(seen, sums_shown(held))
    rows = held_settlements(held.claims.live().values("settlement"))
    wrong = [words for row in rows if (words := standing_against(row, on))]
    if wrong:
        raise Refusal(f"{wrong[0]}。请经办机构收回清算单重核")
    mine = Deduction.objects.live_of(held)
    for pk, reason in sorted(disputes.items()):
        if not mine.filter(pk=pk).exists():
            raise Refusal("所提异议不在这份清算单中，请刷新", "disputes")
        DEDUCTIONS.move(pk, "dispute_deduction", actor=actor, reason=reason)
    held = CLEARINGS.take(held, event, actor=actor)
    found = stated(held)
    if found.paid:
        _order(held, key_of(held), "", found.paid, actor=actor, on=on)
    return held


def _order(
    clearing: Clearing, key: str, why: str, parts: Sequence[Part], *, actor: User, on: date
) -> None:
    """Ask that the institution be paid. A month is of no township."""
    order_payment(
        actor=actor,
        area=clearing.area,
        division=clearing.institution.division,
        township=None,
        key=key,
        event="claim_paid",
        source=f"月结清算单 {clearing.number}{why}",
        payee=institution_payee(clearing.institution, on),
        parts=parts,
        on=on,
    )


@all_or_nothing()
def recall(*, actor: User, clearing: Clearing, reason: str) -> Clearing:
    """Take a statement back to be checked anew, before it is paid. Raises Refusal once its payment
    is in a batch, or a dispute gave something back."""
    held = _held(clearing)
    reason = CLEARINGS.check(held, "recall_clearing", actor, reason)
    back = Deduction.Status.GIVEN_BACK
    if Deduction.objects.filter(claim__clearing=held, status=back).exists():
        raise Refusal("已有扣减批准退还，不能收回；其余异议请逐条答复")
    cancel_order(actor=actor, key=key_of(held), reason=reason)
    return CLEARINGS.take(held, "recall_clearing", actor=actor, reason=reason, **unstated(held))


# -- disputes ----------------------------------------------------------------------------------


@all_or_nothing()
def answer(*, actor: User, deduction: Deduction, gives_back: bool, words: str) -> Deduction:
    """The centre's first hand: whether the deduction should be given back, and why."""
    words = given_reason(words, asks="答复", at=("answer",))
    return DEDUCTIONS.move(
        deduction.pk, "answer_deduction", actor=actor, gives_back=gives_back, answer=words
    )


@all_or_nothing()
def decide(*, actor: User, deduction: Deduction, agrees: bool, on: date) -> Deduction:
    """The second hand agrees with the answer, or wants another. What is given back is paid by an
    order of its own, without a deposit: the statement is closed."""
    (claim,) = held_settlements([deduction.claim.settlement_id])
    clearing = CLEARINGS.lock(deduction.claim.clearing_id)
    row = DEDUCTIONS.lock(deduction.pk)
    if not agrees:
        return DEDUCTIONS.take(row, "return_answer", actor=actor, gives_back=None)
    if not row.gives_back:
        return DEDUCTIONS.take(row, "uphold_deduction", actor=actor)
    if clearing.status not in {Status.CONFIRMED, Status.PAID}:
        raise Refusal("清算单已收回重核，请确认后再批准退还")
    if claim.status == Settlement.Status.PAID and (debts := all_asked_back(claim)):
        raise Refusal(f"结算单 {claim.number} 已提出全部追回（{debts[-1]}），请维持扣减")
    row = DEDUCTIONS.take(row, "give_back_deduction", actor=actor)
    _order(clearing, back_key_of(row), " 异议退还", of_deduction(row), actor=actor, on=on)
    return row


def review_cuts(claims: Sequence[ClearingClaim]) -> list[Any]:
    """Lines that the review had cut at the institution's charge: told on the statement, since the
    claims are declared without them. Objections to these go to the review."""
    return [
        line
        for claim in claims
        for line in claim.settlement.visit.lines.all()
        if line.cut_bearer == INSTITUTION
    ]
