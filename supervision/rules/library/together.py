"""Points on what is charged together: operations by one incision, and items that one contains."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from supervision.rules.library.judged import ONE_DAY, Bill, Verdict
from supervision.rules.points import Missing, Point


def same_incision(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """Of one group and one day the dearest is the operation itself, every other item is a further
    one by the same incision. Which operation a line was part of a bill does not say, and what the
    further one costs is a local price rule: a suspicion."""
    group = bill.by_group.get(point.value, ())
    if {bill.charges[place].code for place in group} == {point.code}:
        return None
    dated, undated = bill.on_days(group)
    for day, lines in sorted(dated.items()):
        first = max(lines, key=lambda place: (bill.charges[place].amount, -place))
        own = [place for place in lines if bill.charges[place].code == point.code]
        if own and bill.charges[first].code != point.code:
            with_ = bill.charges[first].name
            words = f"与“{with_}”同属{point.value}，{day} 同一切口应按规定计费"
            return bill.found(point, own, words)
    return Missing.DAY if undated else None


def duplicate(point: Point, places: Sequence[int], bill: Bill) -> Verdict:
    """The item contains the other one: both within the window are charged twice."""
    pairs = bill.by_code.get(point.pair_code, ())
    if not pairs:
        return None
    within = {"visit": _visit, "day": _day, "6h": _hours, "hour": _hours}[point.window]
    found = within(point, places, pairs, bill)
    if not isinstance(found, list):
        return found
    words = f"已包含“{point.pair_name}”，{WINDOWS[point.window]}又收费"
    return bill.found(point, found, words)


WINDOWS = {"visit": "本次就诊", "day": "同日", "6h": "6 小时内", "hour": "1 小时内"}
HOURS = {"6h": timedelta(hours=6), "hour": timedelta(hours=1)}
Paired = list[int] | Missing | None


def _visit(point: Point, places: Sequence[int], pairs: Sequence[int], bill: Bill) -> Paired:
    return list(pairs)


def _day(point: Point, places: Sequence[int], pairs: Sequence[int], bill: Bill) -> Paired:
    own, undated = bill.on_days(places)
    other, undated_pairs = bill.on_days(pairs)
    both = [place for day in own for place in other.get(day, ())]
    return both or (Missing.DAY if undated or undated_pairs else None)


def _hours(point: Point, places: Sequence[int], pairs: Sequence[int], bill: Bill) -> Paired:
    """Two that are further apart than a day are in order without their hours."""
    window = HOURS[point.window]
    found = []
    missing: Missing | None = None
    for pair in pairs:
        gaps = [_apart(bill, pair, place) for place in places]
        if any(isinstance(gap, timedelta) and gap < window for gap in gaps):
            found.append(pair)
        missing = missing or _first_missing(gaps)
    return found or missing


def _apart(bill: Bill, first: int, second: int) -> timedelta | Missing | None:
    """How far apart; None: further than any window."""
    one, other = bill.charges[first].charged_at, bill.charges[second].charged_at
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other)
    day, other_day = bill.day(first), bill.day(second)
    if day is None or other_day is None:
        return Missing.DAY
    return Missing.HOUR if abs(day - other_day) <= ONE_DAY else None


def _first_missing(gaps: Iterable[timedelta | Missing | None]) -> Missing | None:
    return next((gap for gap in gaps if isinstance(gap, Missing)), None)
