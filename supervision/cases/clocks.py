"""The time limits of a case. Pure: days are passed in, working days by a calendar.

医疗保障行政处罚程序暂行规定 (国家医疗保障局令第4号) unless another norm is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

CLUE_WORKDAYS = 15  # 线索核查, once more as many where the head agrees
CASE_DAYS = 90  # 自立案之日起九十日内作出处理决定
FIRST_EXTENSION = 30
# So many days of one pause do not count, unless it is asked for anew; of a suspension all. No norm
# gives the figure: the county's legal officer confirms it (decision 0043).
PAUSE_DAYS = 60
MAX_SECOND_EXTENSION = 60
REGISTER_WORKDAYS = 7  # 先行登记保存
SEAL_DAYS = 30  # 封存, once more as many
LEGAL_WORKDAYS = 10  # 法制审核
HEARING_WORKDAYS = 5  # 行政处罚法 第六十四条、第八十五条: 告知后五个工作日内提出听证
DELIVERY_WORKDAYS = 7
PAYING_DAYS = 15  # 行政处罚法 第六十七条: 收到之日起十五日内缴纳罚款
PRESCRIPTION_YEARS, GRAVE_YEARS = 2, 5  # 行政处罚法 第三十六条


class Days(Protocol):
    """A calendar of working days (`desk.workdays.Calendar`)."""

    def after(self, day: date, number: int) -> date: ...


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days that are not counted, both ends included."""

    first_day: date
    last_day: date


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same days, each once: what overlaps or touches is one."""
    found: list[Span] = []
    for one in sorted(spans):
        if found and one.first_day <= found[-1].last_day + timedelta(days=1):
            last = max(found[-1].last_day, one.last_day)
            found[-1] = Span(found[-1].first_day, last)
        else:
            found.append(one)
    return found


def counted_to(first: date, number: int, spans: Iterable[Span]) -> date:
    """The last of so many days after `first`, without those of the spans."""
    day, left = first, number
    for span in joined(spans):
        if span.last_day <= day:
            continue
        free = max((span.first_day - day).days - 1, 0)
        if left <= free:
            break
        left -= free
        day = span.last_day
    return day + timedelta(days=left)


def clue_due(found_on: date, days: Days, *, extended: bool) -> date:
    return days.after(found_on, CLUE_WORKDAYS * (2 if extended else 1))


def case_due(filed_on: date, extended_days: int, spans: Iterable[Span]) -> date:
    """By when the decision must be made; tests, expert review, hearing, announcement and the time
    that the case is suspended do not count."""
    return counted_to(filed_on, CASE_DAYS + extended_days, spans)


def extension_problem(already: int, days: int) -> str:
    """Why a case may not be extended by so many days more, in Chinese; "" when it may."""
    if already == 0:
        return "" if days == FIRST_EXTENSION else f"第一次延长为 {FIRST_EXTENSION} 日"
    if already > FIRST_EXTENSION:
        return "办案期限已延长两次，不能再延长"
    if not 1 <= days <= MAX_SECOND_EXTENSION:
        return f"再次延长为 1 至 {MAX_SECOND_EXTENSION} 日，须经集体讨论"
    return ""


def legal_due(reported_on: date, days: Days) -> date:
    return days.after(reported_on, LEGAL_WORKDAYS)


def hearing_until(notified_on: date, days: Days) -> date:
    """To the end of this day the party may state its case and ask for a hearing."""
    return days.after(notified_on, HEARING_WORKDAYS)


def delivery_due(decided_on: date, days: Days) -> date:
    return days.after(decided_on, DELIVERY_WORKDAYS)


def paying_due(delivered_on: date) -> date:
    return delivered_on + timedelta(days=PAYING_DAYS)


def registration_due(first_day: date, days: Days) -> date:
    return days.after(first_day, REGISTER_WORKDAYS)


def seal_due(first_day: date, *, extended: bool) -> date:
    return first_day + timedelta(days=SEAL_DAYS * (2 if extended else 1))


def prescribed_on(act_ended_on: date, *, grave: bool) -> date:
    """From this day on an act that nobody had found is punished no more. `grave`: it harmed life,
    health or the safety of money. What was wrongly paid is asked back all the same."""
    year = act_ended_on.year + (GRAVE_YEARS if grave else PRESCRIPTION_YEARS)
    if (act_ended_on.month, act_ended_on.day) == (2, 29):
        return date(year, 3, 1)
    return act_ended_on.replace(year=year)


def is_prescribed(act_ended_on: date, found_on: date, *, grave: bool) -> bool:
    return found_on >= prescribed_on(act_ended_on, grave=grave)
