"""Writes about the payment of a claim: another payee, an approval that no longer holds, a hold.

Order of locks: batch, settlement, order (funds/payments/services.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.audit import record
from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.standing import fall_out
from claims.models import Settlement
from claims.paying.models import PaymentHold
from claims.paying.parts import order_in, parts_of
from claims.paying.payees import PayeeEntry, named_payee
from claims.paying.seen import digest_of
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from desk.reasons import given_reason
from funds.payments.institutions import institution_payee
from funds.payments.models import PaymentOrder
from funds.payments.services import Payee, cancel_order
from policies.services import terms_of

Status = Settlement.Status
KEY = "settlement:"
# What goes with a review when it no longer holds.
UNSEEN: Mapping[str, Any] = {
    "reviewed_by": None,
    "reviewed_at": None,
    "approved_by": None,
    "approved_at": None,
    "digest": "",
}
NOT_WHAT_WAS_SEEN = "与初审、复核时所见不同（金额、费用、核减或收款账户有变），已退回待初审"


def key_of(settlement: Settlement) -> str:
    """The key of the order that pays the claim."""
    return f"{KEY}{settlement.pk}"


def call_off(settlement: Settlement, *, actor: User | None, reason: str) -> None:
    """A locked settlement is not to be paid as it is: its order is cancelled, and the clearing
    that it stands in goes on without it. Raises Refusal once the money is on its way."""
    cancel_order(actor=actor, key=key_of(settlement), reason=reason)
    fall_out(settlement, actor=actor, reason=reason)


def unseen(settlement: Settlement) -> Mapping[str, Any]:
    """Let the approvals of a locked settlement hold no longer; the columns that go with them."""
    settlement.approvals.filter(holds=True).update(holds=False)
    return UNSEEN


@all_or_nothing()
def change_payee(
    *, actor: User, settlement: Settlement, entry: PayeeEntry, reason: str
) -> Settlement:
    """Name another payee or account. Review and approval were of the old one: they are void, and
    the payment that was asked for is called off. Raises Refusal.

    To heirs the same: with its paper it goes through two more hands before it is paid.
    """
    settlement = SETTLEMENTS.lock(settlement.pk)
    reason = SETTLEMENTS.check(settlement, "payee_changed", actor, reason)
    columns = named_payee(settlement, entry)
    call_off(settlement, actor=actor, reason=f"改收款人：{reason}")
    return SETTLEMENTS.take(
        settlement,
        "payee_changed",
        actor=actor,
        reason=reason,
        withdrawn_reason="",
        **unseen(settlement),
        **columns,
    )


@all_or_nothing()
def void(settlement: Settlement, *, words: str, cancels: bool = True) -> None:
    """It is not what was seen: review and approval no longer hold. The portal's own step.

    `cancels`: also its order; a batch that holds it lets go of it itself.
    """
    settlement = SETTLEMENTS.lock(settlement.pk)
    if settlement.status not in {Status.REVIEWED, Status.APPROVED}:
        return
    if cancels:
        call_off(settlement, actor=None, reason=words)
    SETTLEMENTS.take(settlement, "voided", actor=None, reason=words, **unseen(settlement))


def refuse_unseen(settlement: Settlement) -> None:
    """Raises Refusal, and takes the claim back to its review, when it is not what was reviewed.
    The settlement is locked."""
    if settlement.digest == digest_of(settlement):
        return
    refusal = Refusal(f"结算单 {settlement.number} {NOT_WHAT_WAS_SEEN}")
    refusal.kept = partial(void, settlement, words=NOT_WHAT_WAS_SEEN)
    raise refusal


def ask_payment(settlement: Settlement, *, actor: User) -> PaymentOrder:
    """The order of an approved claim, which is locked; owed since the day of the approval."""
    assert settlement.approved_at is not None
    on = timezone.localtime(settlement.approved_at).date()
    return order_in(
        settlement.division,
        actor=actor,
        key=key_of(settlement),
        source=f"结算单 {settlement.number}",
        payee=_payee(settlement, on),
        parts=parts_of(settlement, terms_of(settlement.pack)),
        on=on,
    )


def _payee(settlement: Settlement, on: date) -> Payee:
    """The institution that settled it, to its account of the day; else whom the claim names."""
    institution = settlement.visit.institution
    if institution is not None and settlement.pay_to == Settlement.PayTo.INSTITUTION:
        return institution_payee(institution, on)
    return Payee(
        name=settlement.payee_name, account=settlement.payee_account, bank=settlement.payee_bank
    )


# -- holds -------------------------------------------------------------------------------------


@all_or_nothing()
def hold_payment(
    *, actor: User | None, settlement: Settlement, source: str, reason: str
) -> PaymentHold:
    """The claim is not to be paid until this is lifted; the same source holds it once.

    For the rooms above, under the settlement's lock: a payment under way either has gone before or
    sees it. What stands in its place, cut or settled anew, is held for it.
    """
    settlement = SETTLEMENTS.lock(settlement.pk)
    while (later := _in_its_place(settlement)) is not None:
        settlement = SETTLEMENTS.lock(later)
    there = settlement.holds.filter(source=source, lifted_at=None).first()
    if there is not None:
        return there
    held = PaymentHold.objects.create(
        settlement=settlement, source=source, reason=reason[:300], placed_by=actor
    )
    record(
        actor=actor,
        action="claims.hold_payment",
        subject=settlement,
        after={"source": source},
        reason=reason[:200],
    )
    return held


def _in_its_place(settlement: Settlement) -> int | None:
    """The settlement of the same visit, or part of it, that replaced a withdrawn one."""
    if settlement.status != Status.WITHDRAWN:
        return None
    same = Settlement.objects.filter(visit=settlement.visit_id, part=settlement.part)
    rows = same.exclude(status=Status.WITHDRAWN)
    return rows.values_list("pk", flat=True).first()


def hold_likewise(anew: Settlement, old: Settlement) -> None:
    """What stands against the payment of a settlement, which is locked, stands against the one that
    replaces it, cut or settled anew by the portal: what was found is still to be answered."""
    for held in old.holds.filter(lifted_at=None).order_by("pk"):
        hold_payment(actor=held.placed_by, settlement=anew, source=held.source, reason=held.reason)


@all_or_nothing()
def hold_payments(holds: Sequence[tuple[int, str, str]]) -> None:
    """The same of many claims in a fixed number of statements, by the portal itself: settlement,
    source, reason. What finds them keeps its own record of each."""
    ids = {settlement for settlement, _, _ in holds}
    rows = Settlement.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    there = set(rows.values_list("pk", flat=True))
    PaymentHold.objects.bulk_create(
        [
            PaymentHold(settlement_id=settlement, source=source, reason=reason[:300])
            for settlement, source, reason in holds
            if settlement in there
        ],
        ignore_conflicts=True,
    )


@all_or_nothing()
def lift_hold(
    *, actor: User | None, settlement: Settlement, source: str, reason: str
) -> PaymentHold | None:
    """What stood against the payment is settled, also of what was settled anew in the place of the
    settlement. Returns the last hold that was lifted, None when nothing of this source stood."""
    rows = Settlement.objects.select_for_update(no_key=True).filter(visit=settlement.visit_id)
    list(rows.order_by("pk").values_list("pk"))
    last = None
    standing = PaymentHold.objects.filter(
        settlement__visit=settlement.visit_id, source=source, lifted_at=None
    )
    for held in standing.select_related("settlement__division").order_by("pk"):
        held.lifted_by, held.lifted_at = actor, timezone.now()
        held.lifted_reason = given_reason(reason, asks="解除暂停支付的原因", most=300)
        held.save(update_fields=["lifted_by", "lifted_at", "lifted_reason"])
        record(
            actor=actor,
            action="claims.lift_hold",
            subject=held.settlement,
            after={"source": source},
            reason=held.lifted_reason[:200],
        )
        last = held
    return last
