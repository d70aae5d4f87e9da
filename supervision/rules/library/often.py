"""Points on how long and how often: course, frequency, cycle. Within one bill: what other bills of
the same patient say is not added up."""

from collections.abc import Sequence
from datetime import timedelta

from supervision.rules.library.judged import Bill, Verdict
from supervision.rules.points import Missing, Point

HUNDREDTHS = 100  # a quantity of 1


def course(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """The days for which it was given, added up: as the lines tell (用药天数); of a dated line that
    tells none in a bed its day. Lines of one day are doses of that day: the longest counts."""
    dated, undated = bill.on_days(places)
    unknown = False
    total = 0
    for lines in dated.values():
        told = [bill.charges[place].days for place in lines]
        unknown |= not bill.claim.bed and None in told
        total += max(days or 1 for days in told)
    for place in undated:
        days = bill.charges[place].days
        unknown |= days is None
        total += days or 0
    if total > int(point.value):
        return bill.found(point, places, f"限 {point.value} 天，本次共 {total} 天")
    return Missing.USE if unknown else None


UNITS = {"day": "日", "hour": "小时", "time": "次"}


def frequency(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """The quantity of one day. A hospital may charge several days in one line: what fits into the
    days of the stay is a suspicion only."""
    most = int(point.value) * HUNDREDTHS
    dated, undated = bill.on_days(places)
    total = sum(bill.charges[place].quantity for place in places)
    is_too_much = total > most * bill.days
    unit = UNITS.get(point.unit, "")
    for day, lines in sorted(dated.items()):
        sold = sum(bill.charges[place].quantity for place in lines)
        if sold > most:
            words = f"每日不超过 {point.value} {unit}，{day} 收费 {sold / HUNDREDTHS:g} {unit}"
            return bill.found(point, lines, words, sure=is_too_much)
    if undated and is_too_much:
        words = (
            f"每日不超过 {point.value} {unit}，{bill.days} 天共收费 {total / HUNDREDTHS:g} {unit}"
        )
        return bill.found(point, places, words)
    return Missing.DAY if undated and total > most else None


def cycle(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """So many within so many days (7d: within 7): two with the first and the eighth day between
    them are in order."""
    span = timedelta(days=int(point.window.removesuffix("d")))
    most = int(point.value) * HUNDREDTHS
    dated, undated = bill.on_days(places)
    days = sorted(dated)
    for first in days:
        lines = [place for day in days if first <= day < first + span for place in dated[day]]
        sold = sum(bill.charges[place].quantity for place in lines)
        if sold > most:
            times = f"{sold / HUNDREDTHS:g} 次"
            return bill.found(
                point, lines, f"{point.text}，自 {first} 起 {span.days} 天收费 {times}"
            )
    total = sum(bill.charges[place].quantity for place in places)
    return Missing.DAY if undated and total > most else None
