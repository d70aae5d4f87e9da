"""Payments that rest on claims without being one (assistance that was applied for, a second
compensation): what was paid beyond what is due once a claim falls.

Such a debt names the claim that fell and the payment by the key of its order. It takes the way of
every debt to the fund: found by the portal, reviewed and approved by two, received by a third.
"""

from dataclasses import dataclass

from django.db.models import Sum

from accounts.models import User
from claims.models import Settlement
from claims.recovery.models import ZERO, Recovery
from claims.recovery.services import propose_beyond, replace_of
from claims.shares import Share
from lib.money import to_fen, to_yuan, told


@dataclass(frozen=True, kw_only=True)
class Resting:
    """One such payment: its order's key, what people call it, and what was paid (fen)."""

    key: str
    name: str
    layer: str
    share: Share


def asked_of(key: str) -> int:
    """Fen that are asked back of one payment, whatever came of it but those given up."""
    rows = Recovery.objects.standing().filter(payment_key=key)
    return to_fen(rows.aggregate(total=Sum("amount", default=ZERO))["total"])


def asked_back(key: str) -> str:
    """What stands against sending out again what the bank gave back of one payment: a debt that
    is not settled is taken from there first. "" when nothing does."""
    debt = Recovery.objects.filter(payment_key=key, status__in=Recovery.UNSETTLED).first()
    if debt is None:
        return ""
    return f"的追回单 {debt} 还没有办结，请先从退汇款扣回，或不予追回后再付"


def ask_beyond(
    paid: Resting, due: int, *, fall: Settlement, what: str, actor: User | None
) -> Recovery | None:
    """Ask back what was paid beyond `due` (fen) and is not asked back yet; what nobody acted on is
    counted anew with it. The payment's row is locked by the caller."""
    replace_of(paid.key, actor=actor)
    gap = paid.share.fen - asked_of(paid.key) - due
    if gap <= 0:
        return None
    return propose_beyond(
        key=paid.key,
        layer=paid.layer,
        share=Share(paid.share.book, paid.share.booked_as, gap),
        settlement=fall,
        facts=f"结算单 {fall.number} {what}，{paid.name} 重算后应付 {told(to_yuan(due))} 元",
        actor=actor,
    )
