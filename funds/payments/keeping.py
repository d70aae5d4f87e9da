"""What the bank gave back and nobody is to be paid any more goes back to the fund.

All of it, when two people say that the payee cannot be found or does not claim it; a part, when
what is due on the business has become less meanwhile. The business itself its own room knows: it
is asked by the order's key, and locks its rows before the order.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.rooms import answers
from funds.payments.booking import labels_of, line_of, rests_of
from funds.payments.models import PaymentKept, PaymentOrder, PaymentPart, Transfer
from funds.payments.rooms import ROOMS
from funds.payments.services import Part
from funds.payments.workflow import ORDERS
from funds.services.posting import EventLine, post_event
from lib.money import told

Status = PaymentOrder.Status
# What an order's event is kept as, of those that are no expense (funds/events.py).
KEPT_AS = {
    "prepayment_out": "returned_advance",
    "deposit_returned": "returned_deposit",
    # It left out of the other income of an earlier year's payment, and goes back there.
    "prior_recovery_returned": "prior_returned_kept",
}
# The same within the year in which it went, of what somebody had brought before.
KEPT_IN_YEAR = {
    "recovery_returned": "recovery_kept",
    "earlier_recovery_returned": "earlier_returned_kept",
}


@all_or_nothing()
def ask_give_up(*, actor: User, order: PaymentOrder, reason: str) -> PaymentOrder:
    """Say that what came back will find nobody: waits for a second person. Raises Refusal."""
    order = ORDERS.lock(order.pk)
    ORDERS.check(order, "ask_give_up", actor, reason)
    if not any(answers(ROOMS, "gives_up", order.key)):
        raise Refusal(f"{order.source}的退汇款不能转回基金，请更正账户后再付")
    return ORDERS.take(
        order, "ask_give_up", actor=actor, reason=reason, confirmed_by=None, confirmed_at=None
    )


@all_or_nothing()
def give_up(*, actor: User, order: PaymentOrder, on: date) -> PaymentOrder:
    """The second person agrees: the money is the fund's again, and its room takes the business
    back. Raises Refusal."""
    list(answers(ROOMS, "hold_to_give_up", order.key))
    order = ORDERS.lock(order.pk)
    ORDERS.check(order, "give_up", actor)
    list(answers(ROOMS, "given_up", order, actor, on))
    order = ORDERS.lock(order.pk)
    if order.rest_amount:
        raise Refusal(f"{order.source}还有 {told(order.rest_amount)} 元没有转回，请核对")
    return ORDERS.take(order, "give_up", actor=actor)


@all_or_nothing()
def refuse_give_up(*, actor: User, order: PaymentOrder, reason: str) -> PaymentOrder:
    """The second person does not agree: the account has still to be put right."""
    return ORDERS.move(order.pk, "refuse_give_up", actor=actor, reason=reason)


def keep(
    *, actor: User, order: PaymentOrder, parts: Sequence[Part], on: date, key: str, source: str
) -> str:
    """Keep these parts of an order whose money the bank gave back: booked under `key`, one voucher
    for each book. Returns their numbers. Raises Refusal while it stands in a batch or has gone, and
    where the parts are more than is left.

    The caller holds what the order pays for; the order is locked here.
    """
    order, last = _returned(order, on)
    return _kept(order, last, _taken(order, parts), actor=actor, on=on, key=key, source=source)


def keep_rest(*, actor: User, order: PaymentOrder, on: date, key: str) -> str:
    """The same of all that is left of the order, whatever its parts."""
    order, last = _returned(order, on)
    taken = list(rests_of(order))
    return _kept(order, last, taken, actor=actor, on=on, key=key, source=order.source)


def _returned(order: PaymentOrder, on: date) -> tuple[PaymentOrder, Transfer]:
    """Locked, with the transfer that the bank gave back last."""
    order = ORDERS.lock(order.pk)
    last = _last_return(order)
    if order.batch_id is not None or last is None or order.status == Status.CANCELLED:
        now = order.get_status_display()
        raise Refusal(f"{order.source}的款项现为“{now}”，不在支出户待处理，请先移出批次或核对")
    if order.returned_on is not None and on < order.returned_on:
        raise Refusal(f"日期早于退汇日期 {order.returned_on}，请核对", "received_on")
    return order, last


def _kept(
    order: PaymentOrder,
    last: Transfer,
    taken: Sequence[tuple[PaymentPart, Decimal]],
    *,
    actor: User,
    on: date,
    key: str,
    source: str,
) -> str:
    lines: dict[str, list[EventLine]] = {}
    for part, amount in taken:
        lines.setdefault(part.fund_type, []).append(line_of(part, order.township, amount))
    event = _event(order, on)
    vouchers = {
        book: post_event(
            event=event,
            area=order.area,
            on=on,
            key=key,
            source=source,
            actor=actor,
            lines=lines[book],
            fund_type=book,
        )
        for book in sorted(lines)
    }
    kept = [
        PaymentKept(part=part, transfer=last, voucher=vouchers[part.fund_type], amount=amount)
        for part, amount in taken
    ]
    _write(order, kept, actor)
    return labels_of({book: one.label for book, one in vouchers.items()})


def _write(order: PaymentOrder, kept: Sequence[PaymentKept], actor: User) -> None:
    PaymentKept.objects.bulk_create(kept)
    order.kept_amount += sum((one.amount for one in kept), Decimal(0))
    order.save(update_fields=["kept_amount"])
    if not order.rest_amount and order.status != Status.GIVING_UP:
        ORDERS.take(order, "all_kept", actor=actor)


def _event(order: PaymentOrder, on: date) -> str:
    """Back to where it came from: what was no expense when it went is none less now."""
    if order.event in KEPT_AS:
        return KEPT_AS[order.event]
    usual = _of_expense(first_paid_on(order), on)
    return KEPT_IN_YEAR.get(order.event, usual) if usual == "returned_kept" else usual


def _of_expense(spent_on: date, on: date) -> str:
    return "returned_kept" if spent_on.year == on.year else "prior_returned_kept"


def keep_as_expense(
    *,
    actor: User,
    order: PaymentOrder,
    parts: Sequence[Part],
    spent_on: date,
    on: date,
    key: str,
    source: str,
) -> None:
    """Keep so much of an advance that has become expense since: `parts` as that was booked, on
    `spent_on`. Raises Refusal as `keep`."""
    order, last = _returned(order, on)
    (part,) = order.parts.prefetch_related("kept")  # an advance has one
    amount = sum((one.amount for one in parts), Decimal(0))
    if amount > part.rest_amount:
        left = part.rest_amount
        raise Refusal(f"{order.source}退汇款只有 {told(left)} 元，不足 {told(amount)} 元", "amount")
    voucher = post_event(
        event=_of_expense(spent_on, on),
        area=order.area,
        on=on,
        key=key,
        source=source,
        actor=actor,
        lines=[line_of(one, order.township) for one in parts],
        fund_type=part.fund_type,
    )
    row = PaymentKept(part=part, transfer=last, voucher=voucher, amount=amount)
    _write(order, [row], actor)


def _taken(order: PaymentOrder, parts: Sequence[Part]) -> list[tuple[PaymentPart, Decimal]]:
    """The rows of the order that these parts are of, no more than is left of each."""
    rows = {(row.fund_type, row.purpose): row for row in order.parts.prefetch_related("kept")}
    found = []
    for part in parts:
        row = rows.get((part.fund_type, part.purpose))
        left = row.rest_amount if row else Decimal(0)
        if row is None or part.amount > left:
            raise Refusal(
                f"{order.source}退汇款中这一层次只有 {told(left)} 元，不足 {told(part.amount)} 元",
                "amount",
            )
        found.append((row, part.amount))
    return found


def _last_return(order: PaymentOrder) -> Transfer | None:
    return order.transfers.filter(outcome=Transfer.Outcome.RETURNED).order_by("pk").last()


def first_paid_on(order: PaymentOrder) -> date:
    """When it was first paid and so booked as expense."""
    # What was taken out of a batch did not go with the rest of it.
    went = order.transfers.exclude(outcome=Transfer.Outcome.TAKEN_OUT)
    first = went.filter(event=order.event, batch__paid_on__isnull=False)
    found = first.order_by("pk").values_list("batch__paid_on", flat=True)[0]
    assert found is not None
    return found
