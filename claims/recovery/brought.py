"""What was brought for a payment that nobody had after all: the household (or who else had to)
brought the money back, then the institution never claimed the payment, and the fund held both.

What may be asked back is the fund's loss (claims/recovery/services.py, `why_nothing`); once the
payment is the fund's again there is none, and what was brought beyond goes back to whoever brought
it, by an order of its own. Its account is named on the order, by two people.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Sum

from accounts.models import User
from claims.models import Settlement
from claims.paying.parts import parts_from, places_of
from claims.paying.payees import insured_payee
from claims.recovery.models import ZERO, Recovery, RecoveryReceipt
from claims.recovery.receiving import of_span
from claims.recovery.services import payment_of
from claims.shares import of_parts, standing_shares, total
from funds.payments.models import PaymentOrder
from funds.payments.services import Payee, order_payment
from lib.money import to_fen
from policies.services import terms_of

KEY = "brought:"
Way = RecoveryReceipt.Way


def key_of(recovery: Recovery) -> str:
    """The key of the order that gives back what was brought."""
    return f"{KEY}{recovery.pk}"


def give_back_brought(
    settlements: Iterable[int], *, of: PaymentOrder, actor: User, on: date
) -> None:
    """`of`: the payment that is the fund's again by now, of which these locked claims were paid.
    Orders what was brought for them beyond what the fund has lost."""
    brought = Recovery.objects.standing().filter(
        settlement__in=list(settlements), dependent=None, payment_key="", receipts__isnull=False
    )
    rows = brought.select_related("settlement__pack", "settlement__visit__institution")
    owed: dict[int, int] = {}
    for debt in rows.distinct().order_by("settlement", "-pk"):  # what was brought last goes first
        head = debt.settlement
        if head.pk not in owed:
            owed[head.pk] = _beyond(head)
        fen = min(owed[head.pk], _brought(debt) - _given(debt))
        if fen > 0:
            owed[head.pk] -= fen
            _order(debt, fen, of=of, actor=actor, on=on)


def _beyond(head: Settlement) -> int:
    """Fen that the fund holds of a claim more than it ever lost."""
    given = sum(_given(debt) for debt in head.recoveries.standing())
    return max(0, -total(standing_shares(head, terms_of(head.pack))) - given)


def _brought(debt: Recovery) -> int:
    """Fen that somebody brought, or that were kept back from what he was due: all but what was
    taken out of money that lay at the fund."""
    rows = debt.receipts.exclude(way=Way.KEPT)
    return to_fen(rows.aggregate(total=Sum("amount", default=ZERO))["total"])


def _given(debt: Recovery) -> int:
    """Fen that are given back, or are to be."""
    rows = PaymentOrder.objects.filter(key__startswith=key_of(debt)).exclude(
        status__in=PaymentOrder.ENDED
    )
    found = [one for one in rows if one.key.partition("/")[0] == key_of(debt)]
    return to_fen(sum((one.rest_amount for one in found), ZERO))


def _order(debt: Recovery, fen: int, *, of: PaymentOrder, actor: User, on: date) -> None:
    """Booked as what came back was: this year's expense again, or out of the other income. The year
    is that of the claim, as when it was received (E08, E09): an advance that its month worked off
    may have been paid in the year before, its deposit in the year after."""
    head, back = debt.settlement, to_fen(debt.received_amount)
    paid_on = payment_of(debt).paid_on
    shares = of_span(of_parts(debt.parts.all()), back - fen, back)
    area, township = places_of(debt.division)
    is_now = paid_on is not None and paid_on.year == on.year
    order_payment(
        actor=actor,
        area=area,
        division=debt.division,
        township=township,
        key=f"{key_of(debt)}/{of.pk}",
        event="claim_paid" if is_now else "prior_recovery_returned",
        source=f"退还追回单 {debt.number} 的追回款",
        payee=_payee(debt),
        parts=parts_from(shares, head),
        on=on,
    )


def _payee(debt: Recovery) -> Payee:
    """Whoever brought it; to the household's account where it is known."""
    if debt.institution is not None:
        return Payee(name=debt.institution.name, code=debt.institution.code)
    if debt.debtor != Recovery.Debtor.HOUSEHOLD:
        return Payee(name=debt.debtor_name)
    known = insured_payee(debt.settlement)
    if not known["payee_account"]:
        return Payee(name=debt.debtor_name)
    return Payee(name=known["payee_name"], account=known["payee_account"], bank=known["payee_bank"])
