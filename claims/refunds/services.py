"""A cut makes money due to the patient; the hospital confirms that it gave it back."""

from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement, Visit
from claims.refunds.models import PatientRefund
from claims.refunds.workflow import REFUNDS
from desk.changes import all_or_nothing
from desk.reasons import given_reason


def due_after(old: Settlement, new: Settlement) -> Decimal:
    """What the patient paid the hospital more than the new settlement leaves (yuan).

    At the counter the patient paid the cash of the old one. A bill on paper was paid in full, and
    the fund pays the household: there the hospital owes what it bears now and did not before.
    """
    if old.visit.source == Visit.Source.COUNTER:
        more = old.cash_amount - new.cash_amount
    else:
        more = new.hospital_amount - old.hospital_amount
    earlier = PatientRefund.objects.due().filter(settlement=old).first()
    due: Decimal = more + (earlier.amount if earlier else 0)
    return due


def ask_refund(old: Settlement, new: Settlement, *, actor: User) -> None:
    """After a cut, in its transaction: what is due by the old settlement goes over to the new."""
    amount = due_after(old, new)
    void_refund(old, actor=actor)
    if amount > 0 and new.visit.institution_id is not None:
        # Also where the claim is settled anew by itself: whoever brought that about.
        refund = PatientRefund.objects.create(settlement=new, amount=amount)
        REFUNDS.note(refund, "refund_due", actor=actor)


def void_refund(settlement: Settlement, *, actor: User) -> None:
    """The settlement is withdrawn: what was not given back yet is not due by it any more."""
    for refund in PatientRefund.objects.due().filter(settlement=settlement):
        REFUNDS.move(refund.pk, "refund_void", actor=actor)


@all_or_nothing()
def give_refund(
    *, actor: User, refund: PatientRefund, given_on: date, evidence: str, today: date
) -> PatientRefund:
    """The hospital has given it back, on a day, with a receipt or a transfer to show for it."""
    refund = REFUNDS.lock(refund.pk)
    REFUNDS.check(refund, "refund_given", actor)
    if not PatientRefund.objects.visible_to(actor).filter(pk=refund.pk).exists():
        raise Refusal("这笔退款不是本机构的，请由就诊机构办理")
    if given_on > today:
        raise Refusal(f"退款日期不能晚于今天 {today}", "given_on")
    if given_on < refund.settlement.settled_on:
        raise Refusal(f"退款日期早于核减日期 {refund.settlement.settled_on}，请核对", "given_on")
    evidence = given_reason(evidence, asks="退款凭据", at=("evidence",))
    return REFUNDS.take(
        refund, "refund_given", actor=actor, given_on=given_on, evidence=evidence[:100]
    )
