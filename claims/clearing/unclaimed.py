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
from claims.clearing.standing import unclaimed_key_of
from claims.models import Settlement
from claims.recovery.models import Recovery
from funds.payments.keeping import keep_rest
from funds.payments.models import PaymentOrder
from institutions.models import Institution
from lib.money import to_fen


def is_gone(institution: Institution | None) -> bool:
    return institution is not None and not institution.is_active


def hold_claims(settlements: Any) -> None:
    """Lock these settlements, in the order of their key."""
    rows = Settlement.objects.select_for_update(no_key=True).filter(pk__in=settlements)
    list(rows.order_by("pk").values_list("pk"))


def refuse_worked_off(order: PaymentOrder, institution: Institution) -> None:
    """An advance that a month works off is the institution's own money by now: its claims were paid
    less for it. Raises Refusal."""
    if held_unplanned(order.area, institution) < to_fen(order.rest_amount):
        raise Refusal(
            f"{order.source}已在月结中冲抵，是机构应得的待遇款，不能转回基金；"
            "清算单还没有支付的，请先收回重核，已支付的请更正账户后再付"
        )


def keep_unclaimed(
    order: PaymentOrder, settlements: Iterable[int], *, actor: User, on: date
) -> None:
    """All that is left of the order is the fund's again. Raises Refusal while something is asked
    back of one of its claims, which are locked, from whomever: what was never had is not owed, and
    the fund does not keep what it also asks from the household."""
    asked = Recovery.objects.filter(
        settlement__in=list(settlements),
        dependent=None,
        payment_key="",
        status__in=Recovery.UNSETTLED,
    ).order_by("pk")
    if debt := asked.first():
        raise Refusal(f"{order.source}还有追回单 {debt} 没有办结，请先办结或不予追回")
    keep_rest(actor=actor, order=order, on=on, key=unclaimed_key_of(order.key))
