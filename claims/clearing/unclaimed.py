"""What an institution that has closed never claimed of its payments goes back to the fund.

One that works is there, and its account is put right. The insured had the benefit all the same: the
bill was less by it. So claims and usage stay as they are; only the institution is asked for nothing
that it never had (claims/shares.py).
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.accounts import held_unplanned
from claims.clearing.breakdown import with_amount
from claims.clearing.models import Clearing, Prepayment
from claims.clearing.services import stated
from claims.clearing.standing import advance_key_of, unclaimed_key_of
from claims.clearing.sums import taken
from claims.models import Settlement
from claims.recovery.brought import give_back_brought
from claims.recovery.models import Recovery
from funds.payments.keeping import keep_as_expense, keep_rest
from funds.payments.models import PaymentKept, PaymentOrder
from institutions.models import Institution
from lib.money import to_fen


def is_gone(institution: Institution | None) -> bool:
    return institution is not None and not institution.is_active


def hold_claims(settlements: Any) -> None:
    """Lock these settlements, in the order of their key."""
    rows = Settlement.objects.select_for_update(no_key=True).filter(pk__in=settlements)
    list(rows.order_by("pk").values_list("pk"))


def worked_off(institution: Institution, year: int) -> list[tuple[Clearing, int]]:
    """Paid months that worked off advances since that of `year`, the first one first, with the fen
    of it that are not the fund's again already."""
    rows = Clearing.objects.filter(
        institution=institution,
        status=Clearing.Status.PAID,
        prepaid_amount__gt=0,
        month__year__gte=year,
    ).order_by("month", "pk")
    return [(row, to_fen(row.prepaid_amount) - sum(_kept_of(row))) for row in rows]


def _kept_of(month: Clearing) -> list[int]:
    """Fen of advances that the month worked off and the fund keeps since, one after the other."""
    advances = Prepayment.objects.filter(institution=month.institution_id)
    keys = [
        unclaimed_key_of(advance_key_of(month, pk)) for pk in advances.values_list("pk", flat=True)
    ]
    kept = PaymentKept.objects.filter(voucher__key__in=keys).order_by("pk")
    return [to_fen(amount) for amount in kept.values_list("amount", flat=True)]


def keep_advance(
    order: PaymentOrder, prepayment: Prepayment, *, actor: User, on: date
) -> list[Clearing]:
    """An advance that came back. What no month has worked off is an advance no more. What a paid
    month worked off was the institution's own money for its claims by then, and it never had it:
    their expense is less, as where it never claims the month itself. Returns these months. Raises
    Refusal while a month that is not paid works it off."""
    rest = to_fen(order.rest_amount)
    left = rest - min(rest, max(0, held_unplanned(order.area, prepayment.institution)))
    months = []
    for month, fen in worked_off(prepayment.institution, prepayment.year):
        part = min(left, fen)
        if part:
            left -= part
            months.append((month, part))
    if left:
        raise Refusal(
            f"{order.source}已在月结中冲抵，是机构应得的待遇款，不能转回基金；"
            "清算单还没有支付的，请先收回重核"
        )
    for month, fen in months:
        _keep_worked_off(order, prepayment, month, fen, actor=actor, on=on)
    if reloaded_rest(order):
        keep_rest(actor=actor, order=order, on=on, key=unclaimed_key_of(order.key))
    return [month for month, _ in months]


def reloaded_rest(order: PaymentOrder) -> bool:
    """Whether something of it is left by now."""
    return bool(PaymentOrder.objects.get(pk=order.pk).rest_amount)


def _keep_worked_off(
    order: PaymentOrder, prepayment: Prepayment, month: Clearing, fen: int, *, actor: User, on: date
) -> None:
    """As the month booked it, by kind of expense: of each no more than advances before left."""
    assert month.paid_on is not None
    booked = stated(month).prepaid
    *_, shares, _ = taken([to_fen(part.amount) for part in booked], [*_kept_of(month), fen])
    keep_as_expense(
        actor=actor,
        order=order,
        parts=[with_amount(part, one) for part, one in zip(booked, shares, strict=True) if one],
        spent_on=month.paid_on,
        on=on,
        key=unclaimed_key_of(advance_key_of(month, prepayment.pk)),
        source=f"{order.source}（月结清算单 {month.number} 已冲抵）",
    )


def refuse_asked(order: PaymentOrder, settlements: Iterable[int]) -> None:
    """What was never had is not owed: the fund does not keep what it also asks from somebody.
    Raises Refusal while something is asked back of one of these locked claims."""
    asked = Recovery.objects.filter(
        settlement__in=list(settlements),
        dependent=None,
        payment_key="",
        status__in=Recovery.UNSETTLED,
    ).order_by("pk")
    if debt := asked.first():
        raise Refusal(f"{order.source}还有追回单 {debt} 没有办结，请先办结或不予追回")


def keep_unclaimed(
    order: PaymentOrder, settlements: Iterable[int], *, actor: User, on: date
) -> None:
    """All that is left of the order is the fund's again, and what was brought for its claims, which
    are locked, goes back to whoever brought it. Raises Refusal while something is asked back."""
    claims = list(settlements)
    refuse_asked(order, claims)
    keep_rest(actor=actor, order=order, on=on, key=unclaimed_key_of(order.key))
    give_back_brought(claims, of=order, actor=actor, on=on)
