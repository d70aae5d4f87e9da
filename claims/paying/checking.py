"""Claims against the orders that pay them, for `verify_books`: nothing is written."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Substr

from accounts.models import Division
from claims.clearing.models import ClearingClaim
from claims.models import Settlement
from claims.paying.services import KEY
from funds.models import Voucher
from funds.payments.models import PaymentOrder

MOST = 20  # problems of a kind that are told


def problems(area: Division) -> Iterator[str]:
    """Paid claims without their order or of another sum, and orders that went without a claim."""
    yield from wrong_orders(_paid(area), "payable")
    yield from _without_order(area)
    yield from gone_unpaid(area, KEY, Settlement.objects.all(), Settlement.Status.PAID, "结算单")


def with_orders(rows: Any, prefix: str) -> Any:
    """With what their orders say: annotations of which no model knows."""
    orders = PaymentOrder.objects.filter(key=_key(prefix, OuterRef("pk")))
    return rows.annotate(
        ordered=Subquery(orders.values("amount")[:1]),
        order_status=Subquery(orders.values("status")[:1]),
        order_bounces=Subquery(orders.values("bounces")[:1]),
    ).order_by("pk")


def _key(prefix: str, pk: Any) -> Concat:
    return Concat(Value(prefix), Cast(pk, CharField()))


def _paid(area: Division) -> Any:
    paid = Settlement.objects.paid().filter(division__code__startswith=area.code)
    # Paid with its institution's month: claims/clearing/rooms.py compares that.
    singly = paid.exclude(pk__in=ClearingClaim.objects.live().values("settlement"))
    return with_orders(singly.annotate(payable=Settlement.PAYABLE), KEY)


def wrong_orders(paid: Any, due: str) -> Iterator[str]:
    """Orders of paid rows (`with_orders`) that pay another sum than the column `due`, or that never
    went."""
    rows = paid.exclude(ordered=None)
    for one in rows.exclude(ordered=F(due))[:MOST]:
        yield f"{_called(one)}：应付 {getattr(one, due)}，支付单 {one.ordered}，金额不符"
    gone = rows.exclude(order_status__in=PaymentOrder.GONE).filter(order_bounces=0)
    for one in gone[:MOST]:
        yield f"{_called(one)}：已支付，支付单却没有发出"


def _called(row: Any) -> str:
    return f"结算单 {row.number}" if isinstance(row, Settlement) else str(row)


def _without_order(area: Division) -> Iterator[str]:
    """Claims that were paid before there were orders have vouchers of their own, or share one."""
    shared: dict[str, Decimal] = {}
    told = 0
    rows = _paid(area).filter(ordered=None, payable__gt=0)
    alone = Voucher.objects.filter(book__area=area, key=_key(KEY, OuterRef("pk")))
    booked = alone.order_by().values("key").annotate(total=Sum("amount")).values("total")
    for one in rows.annotate(booked=Subquery(booked)).values_list(
        "number", "payable", "booked", "voucher_number"
    ):
        number, payable, own, label = one
        if own is None and label:
            shared[label] = shared.get(label, Decimal(0)) + payable
        elif own != payable and told < MOST:
            told += 1
            yield f"结算单 {number}：已支付 {payable}，没有支付单，也没有相同金额的凭证"
    found = _amounts(area, list(shared))
    for label, total in sorted(shared.items())[:MOST]:
        if found.get(label) != total:
            yield f"凭证 {label}：所付结算单合计 {total}，凭证为 {found.get(label) or '没有'}"


def _amounts(area: Division, labels: list[str]) -> dict[str, Decimal]:
    """Label → amount of vouchers of the residents' book."""
    numbers = {int(number) for label in labels if (number := label.rpartition("-")[2]).isdecimal()}
    vouchers = Voucher.objects.filter(
        book__area=area, book__fund_type="resident", event="claim_paid", number__in=numbers
    )
    return {one.label: one.amount for one in vouchers}


def gone_unpaid(area: Division, prefix: str, rows: Any, paid: str, called: str) -> Iterator[str]:
    """Orders that went of which the row is not paid, or not there."""
    orders = PaymentOrder.objects.filter(
        area=area, key__startswith=prefix, status__in=PaymentOrder.GONE
    )
    # By its number, which has an index: to spell every row's key for every order took seconds.
    number = Cast(Substr("key", len(prefix) + 1), BigIntegerField())
    numbered = orders.annotate(row_id=Case(When(key__regex=f"^{prefix}[0-9]+$", then=number)))
    named = rows.filter(pk=OuterRef("row_id"))
    told: Any = numbered.annotate(row_status=Subquery(named.order_by().values("status")[:1]))
    for one in told.filter(Q(row_status=None) | ~Q(row_status=paid))[:MOST]:
        yield f"{one.source}：支付单已发出，{called}却不是已支付"
