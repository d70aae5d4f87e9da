"""What of a debt's layers an instalment stands for.

No norm says which fund is served first where less than all comes back. Each layer gets its part of
every instalment, in proportion to what is still owed to it (largest remainder, so that the parts
sum to the fen): no book is made to wait for another. Money that lies at the fund, since the bank
gave it back, is of the layers that paid it; what somebody brings beside that is of the others. What
a receipt was split into stands on it, so that another rule later changes none of those before.
"""

from collections.abc import Iterator

from claims.models import Settlement
from claims.paying.parts import parts_from
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.shares import Share, Shares, as_fen, of_parts, plus, total
from funds.payments.models import PaymentOrder
from lib.money import split, to_fen


def of_receipts(debt: Recovery) -> Iterator[tuple[RecoveryReceipt, Shares]]:
    """Each receipt with what it brought to each layer, the first one first."""
    parts, before = of_parts(debt.parts.all()), 0
    for receipt in debt.receipts.order_by("pk"):
        fen = to_fen(receipt.amount)
        if receipt.shares is None:
            yield receipt, in_order(parts, before, before + fen)
        else:
            yield receipt, _with(parts, receipt.shares)
        before += fen


def by_layer(debt: Recovery) -> dict[str, int]:
    """Layer → fen that came back so far."""
    came: Shares = {}
    for _, shares in of_receipts(debt):
        came = plus(came, shares)
    return as_fen(came)


def owed_shares(debt: Recovery) -> Shares:
    """What is still owed to each layer."""
    left = of_parts(debt.parts.all())
    for _, came in of_receipts(debt):
        left = plus(left, came, -1)
    return left


def next_shares(
    debt: Recovery, fen: int, head: Settlement, *, order: PaymentOrder | None, kept: bool
) -> Shares:
    """What the next `fen`, no more than is owed, bring to each layer. `order`: a payment of it that
    lies at the fund; `kept`: whether they are taken from there. Where the layers that this leaves
    do not suffice, all of them bear it, and the receipt is refused for that."""
    left = owed_shares(debt)
    if order is not None:
        lying = _lying(left, order, head)
        others = {layer: share for layer, share in left.items() if layer not in lying}
        chosen = lying if kept else others
        left = chosen if total(chosen) >= fen else left
    return portion(left, fen)


def portion(shares: Shares, fen: int) -> Shares:
    """So many fen of these, in proportion."""
    if not fen:
        return {}
    parts = split(fen, [share.fen for share in shares.values()])
    return _with(shares, dict(zip(shares, parts, strict=True)))


def _lying(left: Shares, order: PaymentOrder, head: Settlement) -> Shares:
    """Of these what the order has money left of."""
    rests = {
        (part.fund_type, part.purpose): to_fen(part.rest_amount)
        for part in order.parts.prefetch_related("kept")
    }
    found: Shares = {}
    for layer, share in left.items():
        (part,) = parts_from({layer: share}, head)
        where = part.fund_type, part.purpose
        if fen := min(share.fen, rests.get(where, 0)):
            found[layer] = Share(share.book, share.booked_as, fen)
            rests[where] -= fen
    return found


def _with(parts: Shares, fen: dict[str, int]) -> Shares:
    return {
        layer: Share(part.book, part.booked_as, fen[layer])
        for layer, part in parts.items()
        if fen.get(layer)
    }


def in_order(parts: Shares, start: int, stop: int) -> Shares:
    """The fen from `start` to `stop`, counted through the layers in the order in which they had
    paid: what receipts from before their shares were written down stand for."""
    found, before = {}, 0
    for layer, share in parts.items():
        fen = min(stop, before + share.fen) - max(start, before)
        if fen > 0:
            found[layer] = Share(share.book, share.booked_as, fen)
        before += share.fen
    return found
