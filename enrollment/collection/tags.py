"""What pages of the rooms to the left ask of collection. Built in, no {% load %} needed."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import template
from django.db.models import F, Subquery

from accounts.clock import today
from enrollment.collection.guards import next_free_number
from enrollment.collection.models import DayClose, ReceiptBook, TaxRow
from enrollment.collection.refunds import second_payments
from enrollment.people.models import Household

register = template.Library()


@dataclass(frozen=True)
class CashDesk:
    """Whether the clerk can write a receipt now: `problem` says why not, `number` is the next."""

    problem: str = ""
    number: str = ""


@register.simple_tag(takes_context=True)
def paid_twice(context: dict[str, Any], household: Household) -> list[TaxRow]:
    """{% paid_twice household as seconds %}: what its members paid a second time for a year."""
    rows = second_payments(context["request"].user).select_related("duplicate_of__person")
    return list(rows.filter(duplicate_of__household=household))


@register.simple_tag(takes_context=True)
def may_collect(context: dict[str, Any], year: int) -> CashDesk:
    """{% may_collect year as desk %}: told before a household is typed in."""
    clerk, on = context["request"].user, today()
    closed = DayClose.objects.standing().filter(clerk=clerk, day__gte=on).order_by("-day")
    books = ReceiptBook.objects.filter(
        clerk=clerk, year=year, status=ReceiptBook.Status.IN_USE, next_number__lte=F("last_number")
    ).order_by("code")
    for book in books.annotate(closed=Subquery(closed.values("day")[:1])):
        closed_on: date | None = cast(Any, book).closed
        if closed_on:
            return CashDesk(f"您 {closed_on:%Y-%m-%d} 已日结，今天可以登记，但不能再收款开票")
        number = next_free_number(book)
        if number is not None:  # else what is left of it is lost
            return CashDesk(number=f"{book.code}-{number:08d}")
    return CashDesk(f"您没有可用的 {year} 年度票据本，登记后不能收款；请先到县经办中心领取")
