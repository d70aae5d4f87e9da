"""Putting another chart forward, and deciding it."""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from desk.locks import lock_name
from funds.chart import CHARTS_OF_FUND, OF_2017, OF_2026, VERSIONS
from funds.models import Book, Period
from funds.services.books import months_lock
from funds.switching.models import ChartSwitch
from funds.switching.workflow import SWITCHES
from lib.periods import Month

# 财会〔2017〕28号 is in force since 2018-01-01, its supplement since 2026-01-01.
IN_FORCE = {OF_2017: 2018, OF_2026: 2026}


@all_or_nothing()
def propose_chart(
    *, actor: User, book: Book, year: int, after: str, evidence: str, reason: str, on: date
) -> ChartSwitch:
    """Another chart from the opening of a year. Raises Refusal where `obstacle` says why."""
    if not actor.may("funds.propose_chart"):
        raise Refusal("改用科目表由会计提出")
    if found := obstacle(book, year, after, on):
        raise Refusal(found)
    return SWITCHES.propose(
        Asked(actor, on, evidence, reason, "主管部门批复或会议依据", "改用科目表的原因"),
        book=book,
        year=year,
        before=book.chart_at(Month(year, 1)),
        after=after,
    )


@all_or_nothing()
def decide_chart(
    row: ChartSwitch, event: str, *, actor: User, on: date, reason: str = ""
) -> ChartSwitch:
    """Agree, refuse or take back (an event of `SWITCHES`). Agreed to, the months of the year and
    those after it keep the new chart: what is printed changes, no posting and no sum."""
    row = SWITCHES.lock(row.pk)
    SWITCHES.check(row, event, actor, reason)
    if event != "approve_chart":
        return SWITCHES.decided(row, event, actor=actor, on=on, reason=reason)
    # Nobody begins a month meanwhile, and none of these is closed.
    lock_name(row.book.area.code, months_lock(row.book))
    months = Period.objects.filter(book=row.book, year__gte=row.year)
    list(months.select_for_update(no_key=True).order_by("year", "month"))
    if found := obstacle(row.book, row.year, row.after, on):
        raise Refusal(found)
    done = SWITCHES.decided(row, event, actor=actor, on=on, reason=reason)
    months.update(chart=row.after)
    return done


def obstacle(book: Book, year: int, after: str, on: date) -> str:
    """Why the book cannot keep this chart from the opening of the year on; "" when it can."""
    if not book.first_month.year <= year <= on.year + 1:
        return f"年度应在 {book.first_month.year} 至 {on.year + 1} 之间"
    name, fund = Book.Chart(after).label, book.get_fund_type_display()
    if after not in CHARTS_OF_FUND[book.fund_type] or year < IN_FORCE.get(after, 0):
        return f"{name}不适用于 {year} 年的{fund}"
    before = Book.Chart(book.chart_at(Month(year, 1)))
    if VERSIONS.index(after) <= VERSIONS.index(before):
        return f"{year} 年已按{before.label}列示，只能改用更新的科目表"
    if ChartSwitch.objects.filter(book=book, year__gte=year, status="approved").exists():
        return f"{year} 年或以后年度已改用过科目表"
    return _not_at_the_opening(book, year)


def _not_at_the_opening(book: Book, year: int) -> str:
    """The year before is closed, or has nothing to close; no month of the year is."""
    months = book.periods.of_business()
    closed = months.filter(status=Period.Status.CLOSED)
    if (late := closed.filter(year__gte=year).order_by("year", "month").first()) is not None:
        return f"{late}已结账，科目表不能往回改；请自以后年度年初改用"
    is_over = closed.filter(year=year - 1, month=12).exists()
    if not is_over and months.filter(year__lt=year, next_number__gt=1).exists():
        return f"{year - 1} 年还没有年终结账，结账后才能自 {year} 年年初改用"
    return ""
