"""Whether a claim is paid in a clearing, and how it falls out of one. Knows nothing of how claims
are paid singly, which asks it.

Order of locks everywhere: batch, settlements in the order of their key, clearing, orders.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from claims.clearing.models import ZERO, Clearing, ClearingClaim, ClearingRule, Deduction
from claims.clearing.workflow import CLEARINGS, DEDUCTIONS
from claims.clearing.worth import share_out
from claims.models import Settlement
from funds.payments.services import cancel_order

Status = Clearing.Status
KEY, BACK_KEY = "clearing:", "deduction:"
PREPAYMENT_KEY, RETURN_KEY = "prepayment:", "deposit:"


def key_of(clearing: Clearing) -> str:
    """The key of the order that pays it."""
    return f"{KEY}{clearing.pk}"


def back_key_of(deduction: Deduction) -> str:
    """The key of the order that pays what a dispute gave back."""
    return f"{BACK_KEY}{deduction.pk}"


def advance_key_of(clearing: Clearing, prepayment: int) -> str:
    """What the month worked off of an advance, as `unclaimed_key_of` takes it."""
    return f"{KEY}{clearing.pk}:advance:{prepayment}"


def unclaimed_key_of(key: str) -> str:
    """The ledger's key of what its institution never claimed of a payment
    (claims/clearing/unclaimed.py)."""
    return f"{key}:unclaimed"


def call_off_given_back(settlement: Settlement, *, actor: User, reason: str) -> None:
    """What a dispute gave back of a locked settlement that fell whole, and was not paid yet, is
    paid to nobody. Raises Refusal once it is in a batch."""
    rows = Deduction.objects.filter(
        claim__settlement=settlement, status=Deduction.Status.GIVEN_BACK, paid_on=None
    )
    for row in rows.order_by("pk"):
        cancel_order(actor=actor, key=back_key_of(row), reason=reason)


def waits_for_clearing(settlement: Settlement) -> bool:
    """Whether the county pays it with the institution's month, and so not singly."""
    if settlement.pay_to != Settlement.PayTo.INSTITUTION:
        return False
    rule = ClearingRule.objects.in_force(settlement.division.county_code)
    return rule is not None and settlement.settled_on >= rule.first_month


def place_of(settlement: Settlement) -> ClearingClaim | None:
    """Where it stands now; None when in no clearing."""
    rows = ClearingClaim.objects.live().select_related("clearing")
    return rows.filter(settlement=settlement).first()


def numbers_of(settlements: Collection[int]) -> dict[int, str]:
    """Settlement → number of the clearing that it stands in, of those that stand in one."""
    rows = ClearingClaim.objects.live().filter(settlement__in=settlements)
    return dict(rows.values_list("settlement", "clearing__number"))


def fall_out(settlement: Settlement, *, actor: User | None, reason: str) -> None:
    """A locked settlement that is not to be paid as it was: its clearing goes on without it.

    A statement that is out goes back to be checked, and its payment is called off. Raises Refusal
    once that is in a batch.
    """
    found = place_of(settlement)
    if found is None:
        return
    clearing = CLEARINGS.lock(found.clearing_id)
    row = ClearingClaim.objects.select_for_update().get(pk=found.pk)
    if row.is_live and clearing.status in Clearing.OPEN:
        drop(clearing, [row], actor=actor, reasons=[f"结算单 {settlement.number}：{reason}"])


def drop(
    clearing: Clearing, rows: Iterable[ClearingClaim], *, actor: User | None, reasons: list[str]
) -> Clearing:
    """Take these claims out of a locked clearing that is not paid, for a reason each; what was
    taken off them goes with them."""
    told = "；".join(reasons)[:200]
    if clearing.status == Status.CONFIRMED:
        cancel_order(actor=actor, key=key_of(clearing), reason=told)
    for row, reason in zip(rows, reasons, strict=True):
        row.is_live, row.fell_at, row.fell_reason = False, timezone.now(), reason[:200]
        row.save(update_fields=["is_live", "fell_at", "fell_reason"])
        for pk in row.deductions.values_list("pk", flat=True):
            deduction = DEDUCTIONS.lock(pk)
            if deduction.status == Deduction.Status.GIVEN_BACK:
                cancel_order(actor=actor, key=back_key_of(deduction), reason=told)
            elif deduction.status != Deduction.Status.VOID:
                DEDUCTIONS.take(deduction, "void_deduction", actor=actor)
    back = clearing.status in {Status.ISSUED, Status.CONFIRMED}
    event = "unsettle_clearing" if back else "claim_fell"
    clearing = CLEARINGS.take(clearing, event, actor=actor, reason=told, **unstated(clearing))
    if clearing.status == Status.DECLARED and not clearing.claims_count:
        clearing = CLEARINGS.take(clearing, "empty_clearing", actor=actor)
    return clearing


def unstated(clearing: Clearing) -> dict[str, Any]:
    """The columns of a clearing without its statement: what is claimed now and what that is worth,
    nothing taken off. The shares of its claims are counted anew."""
    share_out(clearing)
    rows = list(clearing.claims.live().values_list("amount", "gain"))
    claimed = sum((amount for amount, _ in rows), start=ZERO)
    gained = sum((gain for _, gain in rows), start=ZERO)
    hands = {}
    if clearing.status in {Status.ISSUED, Status.CONFIRMED}:
        hands = dict.fromkeys(
            ("checked_by", "checked_at", "issued_by", "issued_at", "answer_by", "confirmed_by",
             "confirmed_at")
        )  # fmt: skip
    return {
        "claims_count": len(rows),
        "claimed_amount": claimed,
        "gain_amount": gained,
        "paid_amount": claimed + gained,
        "deposit_percent": 0,
        **dict.fromkeys(
            ("deducted_amount", "deposit_amount", "set_off_amount", "prepaid_amount"), 0
        ),
        **hands,
    }
