"""The page of a month's closing checklist."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.clock import today
from accounts.permissions import Request, shows
from accounts.scoping import get_visible
from desk.columns import is_open
from funds.closing.checklist import checklist, year_end
from funds.closing.found import Found
from funds.models import Period


@shows("funds.view")
def closing_list(request: Request, pk: int) -> HttpResponse:
    """Of an open month as it is now, of a closed one as it was then."""
    period = get_visible(Period, request.user, "book__area", "closed_by", pk=pk)
    found = found_of(period)
    context: dict[str, Any] = {
        "period": period,
        "book": period.book,
        "lines": [(one, mends(one, request)) for one in found or []],
        "was_kept": found is not None,
        "stops": sum(one.is_stopping for one in found or []),
        "told": sum(one.count > 0 and not one.stops for one in found or []),
        "year": year_end(period.book, period.year) if closes_a_year(period) else None,
    }
    return render(request, "funds/closing/list.html", context)


def found_of(period: Period) -> list[Found] | None:
    """None of a month that was closed before its list was kept."""
    if period.status == Period.Status.OPEN:
        return checklist(period, today())
    return None if period.checklist is None else [Found.of(one) for one in period.checklist]


def closes_a_year(period: Period) -> bool:
    return period.month == 12 and period.status == Period.Status.OPEN


def mends(one: Found, request: Request) -> str:
    """The way to where it is mended, for whom that page is open."""
    is_way = one.count and one.address and is_open(one.address.partition("?")[0], request.user)
    return one.address if is_way else ""
