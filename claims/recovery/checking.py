"""Whether the ledger says of recoveries what their receipts say: asked by `verify_books`."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Division
from claims.recovery.models import RecoveryReceipt
from claims.recovery.receiving import KEY, key_of
from funds.models import Voucher
from lib.money import to_fen, told


def book_problems(area: Division) -> Iterator[str]:
    """Each receipt has its vouchers, to the fen, and no voucher of a recovery is without one."""
    booked: dict[str, Decimal] = dict(
        Voucher.objects.filter(book__area=area, key__startswith=KEY)
        .order_by()
        .values_list("key")
        .annotate(total=Sum("amount"))
    )
    back: dict[int, int] = {}
    receipts = RecoveryReceipt.objects.filter(recovery__division__code__startswith=area.code)
    for pk, number, amount in receipts.order_by("recovery", "pk").values_list(
        "recovery", "number", "amount"
    ):
        before = back.get(pk, 0)
        back[pk] = before + to_fen(amount)
        found = booked.pop(key_of(pk, before), Decimal(0))
        if found != amount:
            yield f"追回收款单 {number} 为 {told(amount)} 元，账上凭证为 {told(found)} 元"
    for key, amount in sorted(booked.items()):
        yield f"账上有追回凭证 {told(amount)} 元（{key}），没有对应的收款单"
