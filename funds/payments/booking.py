"""What payments write into the ledger: one voucher for each book and township of a batch, and one
for each book of what the bank gave back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from accounts.models import Division, User
from funds.models import Book, Voucher
from funds.payments.models import (
    PaymentBatch,
    PaymentOrder,
    PaymentPart,
    PaymentVoucher,
    Transfer,
)
from funds.services.posting import DIMENSIONS, EventLine, post_event

if TYPE_CHECKING:
    from funds.payments.services import Part

Group = tuple[str, str, str]  # book, event, code of the township ("" for none)


def labels_of(vouchers: Mapping[str, str]) -> str:
    """Book → number, as one text; those of another book than insurance name their fund."""
    main = Book.FundType.RESIDENT
    others = [
        f"{Book.FundType(book).label} {number}" for book, number in vouchers.items() if book != main
    ]
    return "；".join([*([vouchers[main]] if main in vouchers else []), *others])


def line_of(
    part: "PaymentPart | Part", township: Division | None, amount: Decimal | None = None
) -> EventLine:
    """One part, or so much of it, as the ledger takes it, with all its dimensions."""
    dimensions = {name: getattr(part, name) for name in DIMENSIONS}
    paid = part.amount if amount is None else amount
    return EventLine(amount=paid, township=township, **dimensions)


def rests_of(order: PaymentOrder) -> Iterator[tuple[PaymentPart, Decimal]]:
    """Each part with what of it is still to be paid."""
    for part in order.parts.all():
        if left := part.rest_amount:
            yield part, left


def book_release(
    batch: PaymentBatch, sent: Sequence[tuple[PaymentOrder, Transfer]]
) -> dict[str, str]:
    """Post the batch on its day. Returns the orders' keys with the numbers of their vouchers.

    Raises Refusal when a book's account has not so much. One book after the other, in one order:
    a voucher holds its month's counter until the commit.
    """
    assert batch.paid_on is not None
    lines: dict[Group, list[EventLine]] = {}
    places: dict[str, Division | None] = {"": None}
    counts: dict[Group, set[int]] = {}
    books: dict[int, list[tuple[str, Group]]] = {}
    for order, transfer in sent:
        code = order.township.code if order.township else ""
        places[code] = order.township
        for part, left in rests_of(order):
            group = (part.fund_type, transfer.event, code)
            lines.setdefault(group, []).append(line_of(part, order.township, left))
            counts.setdefault(group, set()).add(order.pk)
            books.setdefault(order.pk, []).append((part.fund_type, group))
    labels: dict[Group, str] = {}
    for fund_type in sorted({group[0] for group in lines}):
        for group in sorted(group for group in lines if group[0] == fund_type):
            voucher = _post(batch, group, places[group[2]], lines[group], len(counts[group]))
            labels[group] = voucher.label
    return {
        order.key: labels_of({book: labels[group] for book, group in books[order.pk]})
        for order, _ in sent
    }


def _post(
    batch: PaymentBatch, group: Group, township: Division | None, lines: list[EventLine], n: int
) -> Voucher:
    assert batch.paid_on is not None
    fund_type, event, code = group
    what = "退汇重付" if event == "returned_paid" else "支付"
    voucher = post_event(
        event=event,
        area=batch.area,
        on=batch.paid_on,
        key=f"batch:{batch.number}:{event}:{code or 'county'}",
        source=str(batch),
        actor=batch.made_by,
        lines=lines,
        summary=f"{what}{township.name if township else batch.area.name}{n}笔",
        fund_type=fund_type,
    )
    PaymentVoucher.objects.create(
        batch=batch, voucher=voucher, fund_type=fund_type, event=event, township=township
    )
    return voucher


Returned = tuple[PaymentOrder, Transfer]


def book_returns(actor: User, came: Sequence[Returned], on: date) -> None:
    """借 支出户 贷 暂收款（支付退汇） for each book of each that came back.

    One book after the other, as at the release: a voucher holds its month's counter.
    """
    amounts: dict[str, list[tuple[Returned, list[EventLine]]]] = {}
    for order, transfer in came:
        books: dict[str, list[EventLine]] = {}
        for part, left in rests_of(order):
            books.setdefault(part.fund_type, []).append(line_of(part, order.township, left))
        for fund_type, lines in books.items():
            amounts.setdefault(fund_type, []).append(((order, transfer), lines))
    for fund_type, some in sorted(amounts.items()):
        for (order, transfer), lines in some:
            voucher = post_event(
                event="payment_returned",
                area=order.area,
                on=on,
                key=f"return:{transfer.reference}",
                source=f"付款 {transfer.reference}",
                actor=actor,
                lines=lines,
                summary=f"{order.source}退汇",
                fund_type=fund_type,
            )
            PaymentVoucher.objects.create(
                batch=transfer.batch,
                transfer=transfer,
                voucher=voucher,
                fund_type=fund_type,
                event="payment_returned",
                township=order.township,
            )
