"""The room's papers: a village's monthly notice (公示), to be put up."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Sum
from django.http import Http404

from accounts.clock import today
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, yuan
from desk.papers import Facts, PaperKind, paper_route
from lib.periods import Month
from policies.services import scheme_on
from supervision.notices import NOTICE_DAYS, notice_lines, paid_within


@dataclass(frozen=True)
class Notice:
    village: Division
    month: Month
    on: date

    @cached_property
    def totals(self) -> dict[str, Any]:
        """How many payments, and their sums in yuan."""
        return paid_within(self.village, self.month).aggregate(
            claims=Count("pk"), total=Sum("total_amount"), fund=Sum("fund_amount")
        )


def notice_facts(notice: Notice) -> Facts:
    village, month = notice.village, notice.month
    return {
        "scheme": scheme_on(village.county_code, month.last),
        "township": village.parent.name if village.parent else "",
        "village": village.name,
        "month": f"{month.year}年{month.month}月",
        "lines": [
            [line.name, line.institution, yuan(line.total), yuan(line.fund), day(line.paid_on)]
            for line in notice_lines(village=village, month=month)
        ],
        "total": yuan(notice.totals["total"]),
        "fund": yuan(notice.totals["fund"]),
        "days": NOTICE_DAYS,
        "printed_on": day(notice.on),
    }


def _edition(notice: Notice) -> str:
    """A month that goes on brings more payments: a longer list is a notice of its own."""
    totals = notice.totals
    return f"{notice.month} {totals['claims']} {totals['fund'] or 0}"


NOTICE = PaperKind(
    "supervision.notice",
    "报销公示",
    "supervision/notice.html",
    "supervision.notices",
    notice_facts,
    subject=lambda notice: notice.village,
    edition=_edition,
)


def _notice(request: Request, village: str, month: str) -> Notice:
    """One village's notice of a month. 404 out of scope or for what is no month."""
    try:
        wanted = Month.parse(month)
    except ValueError:
        raise Http404 from None
    rows = Division.objects.villages().select_related("parent")
    return Notice(get_visible(rows, request.user, code=village), wanted, today())


ROUTES = [paper_route("notices/<str:village>/<str:month>", NOTICE, _notice, name="notice")]
