"""Payments against the vouchers that booked them, for `verify_books`: nothing is written."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.fields import MoneyField
from accounts.models import Division
from funds.models import ZERO, Voucher
from funds.payments import rooms
from funds.payments.keeping import KEPT_AS, KEPT_IN_YEAR
from funds.payments.models import (
    PaymentBatch,
    PaymentKept,
    PaymentOrder,
    PaymentPart,
    PaymentVoucher,
    Transfer,
)

KEPT = ("returned_kept", "prior_returned_kept", *KEPT_AS.values(), *KEPT_IN_YEAR.values())
MOST = 20  # problems of a kind that are told


def payment_problems(area: Division) -> Iterator[str]:
    """Sums that differ between batches, what was sent, and vouchers; then what the rooms find."""
    yield from _batches(area)
    yield from _releases(area)
    yield from _returns(area)
    yield from _kept(area)
    yield from rooms.problems(area)


def _batches(area: Division) -> Iterator[str]:
    lines = Transfer.objects.standing().filter(batch=OuterRef("pk")).order_by().values("batch")
    rows: Any = PaymentBatch.objects.filter(area=area).exclude(
        status=PaymentBatch.Status.DISCARDED
    ).annotate(sent=Subquery(lines.annotate(total=Sum("amount")).values("total")))  # fmt: skip
    for one in rows.order_by("pk"):
        if (one.sent or ZERO) != one.total:
            yield f"{one}：批次金额 {one.total}，划款明细合计 {one.sent or ZERO}"


def _releases(area: Division) -> Iterator[str]:
    """What a batch sent to a township from a book is what its voucher says."""
    sent: dict[tuple[int, str, str, int | None], Decimal] = {}
    transfers = Transfer.objects.standing().filter(
        batch__area=area, batch__status=PaymentBatch.Status.RELEASED
    )
    parts = (
        PaymentPart.objects.filter(order__transfers__in=transfers)
        .order_by()
        .values_list(
            "order__transfers__batch",
            "fund_type",
            "order__transfers__event",
            "order__township",
        )
        .annotate(Sum("amount"))
    )
    for batch, book, event, town, total in parts:
        sent[batch, book, event, town] = total
    for batch, book, event, town, total in _kept_before(transfers):
        sent[batch, book, event, town] -= total
    booked = {
        (one.batch_id, one.fund_type, one.event, one.township_id): one
        for one in PaymentVoucher.objects.filter(batch__area=area, transfer=None).select_related(
            "voucher", "batch"
        )
    }
    numbers = dict(PaymentBatch.objects.filter(area=area).values_list("pk", "number"))
    told = 0
    for key in sorted(sent.keys() | booked.keys(), key=str):
        found = booked[key].voucher.amount if key in booked else None
        if found != sent.get(key) and told < MOST:
            told += 1
            yield (
                f"支付批次 {numbers.get(key[0])}（{key[1]} {key[2]}）：划款 {sent.get(key)}，"
                f"凭证 {found or '没有'}"
            )


def _kept_before(transfers: Any) -> Any:
    """What was kept of a payment that had come back before it was sent by one of these."""
    later = "part__order__transfers"
    return (
        PaymentKept.objects.filter(**{f"{later}__in": transfers, f"{later}__pk__gt": F("transfer")})
        .order_by()
        .values_list(
            f"{later}__batch", "part__fund_type", f"{later}__event", "part__order__township"
        )
        .annotate(Sum("amount"))
    )


def _kept(area: Division) -> Iterator[str]:
    """What was kept is what the orders say, and what the vouchers say."""
    # Few orders keep anything: summed once, as a sum for each order would take seconds.
    kept = PaymentKept.objects.filter(part__order__area=area).order_by()
    totals = dict(kept.values_list("part__order").annotate(Sum("amount")))
    orders = PaymentOrder.objects.filter(~Q(kept_amount=0) | Q(pk__in=totals), area=area)
    wrong = (one for one in orders.order_by("pk") if one.kept_amount != totals.get(one.pk, ZERO))
    for one in islice(wrong, MOST):
        told = totals.get(one.pk, ZERO)
        yield f"{one.source}：转回基金 {one.kept_amount}，明细合计 {told}"
    vouchers = Voucher.objects.filter(book__area=area, event__in=KEPT).annotate(
        kept=Coalesce(
            Subquery(
                PaymentKept.objects.filter(voucher=OuterRef("pk"))
                .order_by()
                .values("voucher")
                .annotate(total=Sum("amount"))
                .values("total")
            ),
            ZERO,
            output_field=MoneyField(),
        )
    )
    booked: Any = vouchers.filter(reversal_of=None).exclude(kept=F("amount"))
    for one in booked.order_by("pk")[:MOST]:
        yield f"凭证 {one.label}：转回基金 {one.amount}，明细合计 {one.kept}"


def _returns(area: Division) -> Iterator[str]:
    """Each payment that came back has its vouchers, of the same sum."""
    vouchers = PaymentVoucher.objects.filter(transfer=OuterRef("pk")).order_by().values("transfer")
    booked = vouchers.annotate(total=Sum("voucher__amount")).values("total")
    rows: Any = (
        Transfer.objects.filter(batch__area=area, outcome=Transfer.Outcome.RETURNED)
        .annotate(booked=Subquery(booked))
        .exclude(booked=F("amount"))
        .select_related("batch")
    )
    for one in rows.order_by("pk")[:MOST]:
        yield f"付款 {one}：退汇 {one.amount}，凭证 {one.booked or '没有'}"
