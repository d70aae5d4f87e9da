"""Drafting a bulletin, and what becomes of it."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.numbers import next_number
from lib.periods import Month
from lib.resident_id import people_masked
from reports.bulletins.facts import facts_of
from reports.bulletins.models import Bulletin
from reports.bulletins.workflow import BULLETINS
from supervision.public.spans import Span, month_of, quarter_of

SERIES = "医保简报"


def span_of(month: Month, *, quarter: bool) -> Span:
    """The month, or the quarter in which it lies."""
    if quarter:
        return quarter_of(f"{month.year}-q{(month.month + 2) // 3}")
    return month_of(str(month))


@all_or_nothing()
def draft_bulletin(
    *, actor: User, area: Division, month: Month, quarter: bool, words: str = "", on: date
) -> Bulletin:
    """Read the figures and put them forward. Raises Refusal naming the input."""
    span = span_of(month, quarter=quarter)
    if span.last >= on:
        raise Refusal(f"{span.words}还没有结束，请选择已结束的期间", "month")
    live = Bulletin.objects.filter(area=area, first_on=span.first, last_on=span.last)
    if live.exclude(status=Bulletin.Status.DROPPED).exists():
        raise Refusal(f"{span.words}已有简报，请到列表中查看", "month")
    return BULLETINS.create(
        "draft_bulletin",
        actor=actor,
        area=area,
        period=span.words,
        first_on=span.first,
        last_on=span.last,
        words=people_masked(words.strip())[:300],
        facts=facts_of(area, span.words, span.first, span.last),
        drafted_by=actor,
    )


@all_or_nothing()
def step_bulletin(
    *, actor: User, row: Bulletin, event: str, on: date, reason: str = ""
) -> Bulletin:
    """Issue it with the next number, or leave it. Raises Refusal."""
    bulletin = BULLETINS.lock(row.pk)
    BULLETINS.check(bulletin, event, actor, reason)
    if event != "issue_bulletin":
        return BULLETINS.take(bulletin, event, actor=actor, reason=people_masked(reason))
    number = next_number(SERIES, bulletin.area.code, on.year)
    return BULLETINS.take(
        bulletin,
        event,
        actor=actor,
        reason=reason,
        number=f"{SERIES}〔{on.year}〕{number}号",
        issued_on=on,
    )
