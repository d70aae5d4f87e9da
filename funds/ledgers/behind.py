"""What a voucher books: the claims, receipts, batches and drafts, found by its key.

The key of a voucher is what a room above gave when it asked for the posting (`remittance:12`). The
modules in `settings.ROOMS_BEHIND_VOUCHERS` answer `behind(user, voucher)` with what they know of
it, within the user's scope; the room of the books knows its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice

from django.urls import reverse

from accounts.models import User
from desk.columns import is_open
from desk.rooms import answers
from funds.banking.models import BankLine
from funds.models import Voucher
from funds.payments.models import (
    PaymentOrder,
    PaymentOrderQuerySet,
    PaymentVoucher,
    Transfer,
)
from funds.payments.rooms import ids_of, place_of

ROOMS = "ROOMS_BEHIND_VOUCHERS"
MAX_SHOWN = 300  # a batch of a month holds more; its own page has all of them


@dataclass(frozen=True, slots=True)
class Behind:
    """One thing that a voucher books. `address`: its page, "" where it has none."""

    what: str
    title: str
    facts: str
    amount: Decimal | None
    address: str


def behind(user: User, voucher: Voucher) -> list[Behind]:
    """What is behind the voucher and the user may see; pages that are closed to the user have no
    address."""
    rooms = answers(ROOMS, "behind", user, voucher)
    found: Iterator[Behind] = chain(_own(user, voucher), *rooms)
    return [
        one if not one.address or is_open(one.address, user) else _closed(one)
        for one in islice(found, MAX_SHOWN)
    ]


def _closed(one: Behind) -> Behind:
    return Behind(one.what, one.title, one.facts, one.amount, "")


def _own(user: User, voucher: Voucher) -> Iterator[Behind]:
    if original := voucher.reversal_of:
        yield _voucher("被红冲的凭证", original)
    if red := getattr(voucher, "reversal", None):
        yield _voucher("红字凭证", red)
    if draft := getattr(voucher, "draft", None):
        address = reverse("funds:draft", args=[draft.pk])
        yield Behind("手工凭证", draft.title, draft.document, voucher.amount, address)
    payment = PaymentVoucher.objects.filter(voucher=voucher).select_related("batch", "transfer")
    for one in payment:
        yield from _paid(user, one)
    for line in BankLine.objects.visible_to(user).filter(
        pk__in=ids_of([voucher.key], "bank-line:")
    ):
        address = reverse("enrollment:bank_line", args=[line.pk])
        yield Behind("银行流水", line.serial, line.summary, line.amount, address)


def _voucher(what: str, row: Voucher) -> Behind:
    address = reverse("funds:voucher", args=[row.pk])
    return Behind(what, row.label, row.summary, row.amount, address)


def _paid(user: User, one: PaymentVoucher) -> Iterator[Behind]:
    """The batch, and the orders whose payment or return the voucher books."""
    batch = one.batch
    address = reverse("funds:payment_batch", args=[batch.pk])
    yield Behind("支付批次", batch.number, batch.get_status_display(), batch.total, address)
    for order in _orders(user, one)[:MAX_SHOWN]:
        place = place_of(order.key) or reverse("funds:payment_order", args=[order.pk])
        yield Behind("支付单", order.source, order.get_status_display(), order.amount, place)


def _orders(user: User, one: PaymentVoucher) -> PaymentOrderQuerySet:
    rows = PaymentOrder.objects.visible_to(user).order_by("pk")
    if one.transfer is not None:
        return rows.filter(transfers=one.transfer)
    sent = Transfer.objects.standing().filter(batch=one.batch, event=one.event)
    rows = rows.filter(township=one.township, transfers__in=sent)
    return rows.filter(parts__fund_type=one.fund_type).distinct()
