"""Writes of the second compensation: a trial, its decision, the orders, a withdrawal.

Order of locks: grant, payment, order. Who pays holds the batch first, then the payment
(claims/second/rooms.py).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import Division, User
from claims.second.computing import AT_ONCE, dues, measures_of, rule_of
from claims.second.models import (
    KEY,
    SecondGrant,
    SecondOrders,
    SecondPayment,
    SecondRun,
)
from claims.second.workflow import GRANTS, PAYMENTS
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.jobs import Job, Tell, start
from funds.models import Book
from funds.payments.models import is_exchanged
from funds.payments.services import Part, Payee, cancel_order, order_payment
from lib.money import to_fen
from policies.services import terms_of

Status = SecondPayment.Status


@all_or_nothing()
def start_run(*, actor: User, area: Division, year: int, budget: Decimal | None) -> SecondRun:
    """Try a year out. Nothing else is written. Raises Refusal where the measures know none."""
    if not actor.may("claims.propose_second"):
        raise Refusal("您的角色不能办理“二次补偿试算”")
    if budget is not None and budget <= 0:
        raise Refusal("可用结余应大于 0；不限制的请留空", "budget")
    pack = measures_of(area.code, year).pack
    run = SecondRun.objects.create(
        area=area, year=year, pack=pack, budget=budget, requested_by=actor
    )
    after = {"year": year, "budget": "" if budget is None else str(budget)}
    record(
        actor=actor, action="claims.try_second", subject=run, after=after, division_code=area.code
    )
    start(run)
    return run


@all_or_nothing()
def propose_grant(
    *, actor: User, run: SecondRun, evidence: str, reason: str, on: date
) -> SecondGrant:
    """Ask that the list of a finished trial be paid, once the year is over. Raises Refusal."""
    row = (
        SecondRun.objects.select_for_update(of=("self",))
        .select_related("area", "pack")
        .get(pk=run.pk)
    )
    if row.status != Job.Status.DONE:
        raise Refusal("试算还没有完成，不能提请支付")
    _, last = terms_of(row.pack).year.bounds(row.year)
    if on <= last:
        raise Refusal(f"{row.year} 年度到 {last} 结束，年终以后才能提请支付")
    if SecondGrant.objects.filter(run=row).exists():
        raise Refusal("这次试算已经提请过；要改的请重新试算")
    return GRANTS.propose(Asked(actor, on, evidence, reason, "结余核定的文号或会议纪要"), run=row)


@all_or_nothing()
def decide_grant(
    *, actor: User, grant: SecondGrant, event: str, reason: str, on: date
) -> SecondGrant:
    """Agree, refuse or take back. What is agreed to is what stands now: computed anew, and refused
    where a claim has changed since. Raises Refusal."""
    row = GRANTS.lock(grant.pk)
    GRANTS.check(row, event, actor, reason)
    if event == "approve_second":
        # Two lists of an area and year are agreed to one after the other.
        Division.objects.select_for_update(no_key=True).get(pk=row.run.area_id)
        _refuse_changed(row.run)
    row = GRANTS.decided(row, event, actor=actor, on=on, reason=reason)
    if event == "approve_second":
        start(SecondOrders.objects.create(grant=row, requested_by=actor))
    return row


def _refuse_changed(run: SecondRun) -> None:
    rows = run.payments.values_list("person", "own_amount", "due_amount", "amount")
    listed = {person: tuple(to_fen(amount) for amount in amounts) for person, *amounts in rows}
    now = {person: (one.own, one.due, one.amount) for person, one in dues(run).items()}
    if now != listed:
        raise Refusal("试算以后有结算单变动，或已有别的名单支付，名单与现在不符，请重新试算")


def ask_payments(job: SecondOrders, tell: Tell, *, on: date) -> Mapping[str, Any]:
    """Ask for everybody's payment; a part of the list in each transaction. Who has no account is
    left out, and is found by the next trial once there is one."""
    run = job.grant.run
    waiting = list(
        run.payments.filter(status=Status.LISTED).order_by("pk").values_list("pk", flat=True)
    )
    for at in range(0, len(waiting), AT_ONCE):
        with transaction.atomic():
            for pk in waiting[at : at + AT_ONCE]:
                _ask(pk, run, job.grant, on)
        tell(100 * at // len(waiting), "提出支付")
    return {}


def part_of(row: SecondPayment, amount: Decimal) -> Part:
    """So much of the payment, as the ledger takes it."""
    return Part(
        amount=amount,
        fund_type=Book.FundType.RESIDENT,
        purpose=rule_of(row.run.pack).booked_as,
        tier=row.cover.tier,
        policy_year=row.run.year,
    )


def _ask(pk: int, run: SecondRun, grant: SecondGrant, on: date) -> None:
    row = PAYMENTS.lock(pk)
    if row.status != Status.LISTED:
        return
    if not row.account:
        PAYMENTS.take(row, "leave_second", actor=None)
        return
    if is_exchanged(row.account, row.account_index):
        raise Refusal(f"{row}的收款账号与试算时不符，请报审计人员核查")
    codes = [row.division.county_code, row.division.township_code]
    places = {one.code: one for one in Division.objects.filter(code__in=codes)}
    order_payment(
        actor=grant.decided_by,
        area=run.area,
        division=row.division,
        township=places.get(row.division.township_code),
        key=f"{KEY}{row.pk}",
        event="claim_paid",
        source=str(row),
        payee=Payee(name=row.payee, account=row.account),
        parts=[part_of(row, row.amount)],
        on=on,
    )
    PAYMENTS.take(row, "ask_second", actor=None)


@all_or_nothing()
def withdraw_payment(*, actor: User, payment: SecondPayment, reason: str) -> SecondPayment:
    """Before it is paid: the order is called off, and the next trial counts the person anew."""
    row = PAYMENTS.lock(payment.pk)
    reason = PAYMENTS.check(row, "withdraw_second_payment", actor, reason)
    cancel_order(actor=actor, key=f"{KEY}{row.pk}", reason=reason)
    return PAYMENTS.take(row, "withdraw_second_payment", actor=actor, reason=reason)
