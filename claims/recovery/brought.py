"""What was brought for a payment that nobody had after all: the household (or who else had to)
brought the money back, then the institution never claimed the payment, and the fund held both.

What may be asked back is the fund's loss (claims/recovery/services.py, `why_nothing`); once the
payment is the fund's again there is none, and what was brought beyond goes back to whoever brought
it, by an order of its own. Its account is named on the order, by two people.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from accounts.models import User
from claims.dependence.models import Supplement
from claims.models import Settlement
from claims.paying.parts import order_in, parts_from
from claims.paying.payees import insured_payee
from claims.recovery.instalments import of_receipts, portion
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import payment_of
from claims.shares import Shares, plus, standing_shares, total
from funds.payments.institutions import institution_payee
from funds.payments.models import PaymentOrder
from funds.payments.services import Payee
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
        for event, shares in _last_brought(debt, owed[head.pk], on).items():
            owed[head.pk] -= total(shares)
            _order(debt, shares, event=event, of=of, actor=actor, on=on)


def _beyond(head: Settlement) -> int:
    """Fen that were asked back of a claim and that the fund had not lost, less what was given back
    of them. A supplement that was paid later is a payment of its own: nothing of it was asked back
    before, and it makes up for nothing that was."""
    own = head.recoveries.standing().filter(dependent=None, payment_key="").order_by("pk")
    debts = [(debt, to_fen(debt.amount)) for debt in own]
    more = [
        (one.paid_at, to_fen(one.amount))
        for one in head.supplements.filter(status=Supplement.Status.PAID)
    ]
    # All that stands, the debts put back and the supplements taken out: what was paid first.
    left = total(standing_shares(head, terms_of(head.pack)))
    left += sum(fen for _, fen in debts) - sum(fen for _, fen in more)
    beyond, taken = 0, 0
    for debt, fen in debts:
        came = sum(one for at, one in more if at is not None and at <= debt.proposed_at)
        excess = min(fen, max(0, fen - max(0, left + came - taken)))
        beyond, taken = beyond + excess, taken + fen - excess
    return max(0, beyond - sum(sum(_offered(debt)) for debt, _ in debts))


def _last_brought(debt: Recovery, most: int, on: date) -> dict[str, Shares]:
    """Event → what of it somebody brought last, no more than `most` fen and without what was given
    back before: all but what was taken out of money that lay at the fund."""
    brought = [
        (receipt, came)
        for receipt, came in reversed(list(of_receipts(debt)))
        if receipt.way != Way.KEPT
    ]
    found: dict[str, Shares] = {}
    taken = taken_last([came for _, came in brought], [*_offered(debt), most])
    for (receipt, _), shares in zip(brought, taken, strict=True):
        if shares:
            event = _event(debt, receipt, on)
            found[event] = plus(found.get(event, {}), shares)
    return found


def taken_last(brought: Sequence[Shares], amounts: Sequence[int]) -> list[Shares]:
    """Of each of these, in their order, what the last of the amounts takes, when all are taken one
    after the other: each in proportion to what those before it left. Taken anew as one sum, those
    before would leave a fen of one layer to another."""
    rests, taken = list(brought), [Shares() for _ in brought]
    for fen in amounts:
        left = fen
        for at, rest in enumerate(rests):
            taken[at] = portion(rest, min(left, total(rest)))
            left -= total(taken[at])
            rests[at] = plus(rest, taken[at], -1)
    return taken


def _event(debt: Recovery, receipt: RecoveryReceipt, on: date) -> str:
    """Booked as what came back was: the year's expense again (E08), or out of the other income of
    the year (E09). What came in a year that is over stands in that one's result: it is another
    expense now, as premiums of earlier years are (E11), since the income of this year has nothing
    of it. The year of a payment is that of the claim: an advance that its month worked off may have
    been paid in the year before, its deposit in the year after."""
    if receipt.received_on.year != on.year:
        return "earlier_recovery_returned"
    paid_on = payment_of(debt).paid_on
    is_now = paid_on is not None and paid_on.year == on.year
    return "recovery_returned" if is_now else "prior_recovery_returned"


def _offered(debt: Recovery) -> list[int]:
    """Fen that are given back, or are to be, or were offered and stay in the fund, one after the
    other: whoever does not want them, as two people said, is not asked a second time."""
    rows = PaymentOrder.objects.filter(key__startswith=f"{key_of(debt)}/").order_by("pk")
    offered = rows.exclude(status=PaymentOrder.Status.CANCELLED)
    return [to_fen(amount) for amount in offered.values_list("amount", flat=True)]


def _order(
    debt: Recovery, shares: Shares, *, event: str, of: PaymentOrder, actor: User, on: date
) -> None:
    earlier = "/earlier" if event == "earlier_recovery_returned" else ""
    order_in(
        debt.division,
        actor=actor,
        key=f"{key_of(debt)}/{of.pk}{earlier}",
        event=event,
        source=f"退还追回单 {debt.number} 的追回款",
        payee=_payee(debt, on),
        parts=parts_from(shares, debt.settlement),
        on=on,
    )


def _payee(debt: Recovery, on: date) -> Payee:
    """Whoever brought it; to the household's account where it is known."""
    if debt.institution is not None:
        return institution_payee(debt.institution, on)
    if debt.debtor != Recovery.Debtor.HOUSEHOLD:
        return Payee(name=debt.debtor_name)
    known = insured_payee(debt.settlement)
    if not known["payee_account"]:
        return Payee(name=debt.debtor_name)
    return Payee(name=known["payee_name"], account=known["payee_account"], bank=known["payee_bank"])
