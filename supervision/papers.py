"""The room's papers: a village's monthly notice (公示), to be put up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.http import Http404

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, fen, yuan
from desk.models import Paper
from desk.papers import Facts, PaperKind, paper_route
from lib.money import to_yuan
from lib.periods import Month
from policies.services import scheme_on
from supervision.notices import NOTICE_CODE, NOTICE_DAYS, notice_lines, put_up, told_on
from supervision.public.notices import contacts_of, problem_of
from supervision.public.papers import A3
from supervision.public.spans import month_of
from supervision.publishing import Line, late_lines


@dataclass(frozen=True)
class Notice:
    """A village's payments of a month that no earlier notice of the month tells."""

    village: Division
    month: Month
    on: date
    is_poster: bool = False

    @cached_property
    def earlier(self) -> list[Paper]:
        return put_up(self.village, self.month)

    @cached_property
    def all_lines(self) -> list[Line]:
        return notice_lines(village=self.village, month=self.month)

    @cached_property
    def lines(self) -> list[Line]:
        if not self.earlier:
            return self.all_lines
        return late_lines(self.all_lines, [line for one in self.earlier for line in told_on(one)])

    @property
    def fund(self) -> Decimal:
        """What the fund paid in all, in yuan."""
        return to_yuan(sum(line.fund for line in self.lines))


def notice_facts(notice: Notice) -> Facts:
    village, month = notice.village, notice.month
    return {
        "scheme": scheme_on(village.county_code, month.last),
        "township": village.parent.name if village.parent else "",
        "village": village.name,
        "month": month.words,
        "first": day(month.first),
        "last": day(month.last),
        "supplement": len(notice.earlier),
        "payments": [[line.name, fen(line.fund)] for line in notice.lines],
        # Which ones they are, for what comes late; not printed.
        "settlements": [line.key for line in notice.lines],
        "fund": yuan(notice.fund),
        "days": NOTICE_DAYS,
        "contacts": contacts_of(village),
        "printed_on": day(notice.on),
    }


def _edition(notice: Notice) -> str:
    """Payments that come late are a notice of their own, which tells nothing a second time; while
    there are none, it is the last one that was issued. Numbered: two of them may come to the same
    sum."""
    if notice.earlier and not notice.lines:
        return notice.earlier[-1].edition
    return f"{notice.month} {len(notice.earlier) + 1}"


NOTICE = PaperKind(
    NOTICE_CODE,
    "报销公示",
    "supervision/notice.html",
    "supervision.notices",
    notice_facts,
    subject=lambda notice: notice.village,
    edition=_edition,
)


def _notice(request: Request, village: str, month: str) -> Notice:
    """One village's notice of a month. 404 out of scope or for what is no month; Refusal for one
    that is not over: what came later would be told by its difference."""
    try:
        wanted = Month.parse(month)
    except ValueError:
        raise Http404 from None
    rows = Division.objects.villages().select_related("parent")
    found = get_visible(rows, request.user, code=village)
    if problem := problem_of(month_of(str(wanted)), today()):
        raise Refusal(problem)
    return Notice(found, wanted, today(), is_poster=request.GET.get("size") == A3)


ROUTES = [
    paper_route(
        "notices/<str:village>/<str:month>",
        NOTICE,
        _notice,
        name="notice",
        back="supervision:notices",
    )
]
