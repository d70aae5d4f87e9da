"""What a file of usage may speak of: the accumulators that the measures keep, by their own names.

Nothing here names one: `Terms.counters` is what adjudication reads (`used`) and moves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lib.money import to_yuan, told
from lib.typed_text import amount as typed_amount
from lib.typed_text import day as typed_day
from lib.typed_text import plain
from policies.terms import Benefit, Cap, Condition, Counter, Layer, Subject, Terms
from policies.terms.pack import HOSPITAL

PERIODS = {
    "year": "本年",
    "life": "终身",
    "quarter": "季度，如 2026Q2",
    "month": "月份，如 2026-06",
    "week": "周内任一天，如 2026-06-03",
    "day": "日期，如 2026-06-03",
}
UNITS = {"fen": "元", "days": "天", "count": "次"}
QUARTER = re.compile(r"(\d{4})(?:年)?(?:第)?[qQ]?([1-4])(?:季度)?")
MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")
# Facts of a person; a limit may also ask of the visit, which is not known here.
OF_PERSON = {"tier", "residence", "sex", "age", "age_group", "status", "years", "claim_free"}


class UnreadableError(ValueError):
    """Why a row cannot be brought in, in Chinese."""


@dataclass(frozen=True, slots=True)
class Told:
    """One accumulator as a page tells it."""

    title: str
    code: str
    owner: str
    unit: str
    period: str
    parts: str


def told_of(terms: Terms) -> list[Told]:
    """What a file may speak of, for its sender."""
    return [
        Told(
            title=one.title,
            code=one.name,
            owner={"person": "本人", "household": "全户"}[one.owner],
            unit=UNITS[one.unit] + ("，填已用数" if one.kind == "balance" else ""),
            period=PERIODS[one.period],
            parts=_parts(one, terms),
        )
        for one in terms.counters.values()
    ]


def _parts(counter: Counter, terms: Terms) -> str:
    if not counter.by:
        return ""
    if counter.by == HOSPITAL:
        return "机构编码"
    return "、".join(terms.vocabulary[counter.by].values())


def find(text: str, terms: Terms) -> Counter:
    """The accumulator by its title or its code. Raises UnreadableError."""
    wanted = plain(text)
    for counter in terms.counters.values():
        if wanted in {plain(counter.title), plain(counter.name)}:
            return counter
    names = "、".join(one.title for one in terms.counters.values())
    raise UnreadableError(f"办法没有“{text[:20]}”这一累计项目，可填：{names}"[:190])


def key_of(counter: Counter, part: str, period: str, terms: Terms, counted_to: date) -> str:
    """The key under which adjudication keeps it. Raises UnreadableError."""
    try:
        return counter.key(_day(counter, period, terms, counted_to), _code(counter, part, terms))
    except ValueError as error:
        raise UnreadableError(str(error)) from None


def _code(counter: Counter, part: str, terms: Terms) -> str:
    if not counter.by:
        if part:
            raise UnreadableError(f"“{counter.title}”不分项，请把“分项”留空")
        return ""
    if counter.by == HOSPITAL:
        if not re.fullmatch(r"[0-9A-Za-z._-]{1,24}", part):
            raise UnreadableError(f"“{counter.title}”按医院分别计算，请在“分项”填机构编码")
        return part
    names: Mapping[str, str] = terms.vocabulary[counter.by]
    for code, name in names.items():
        if plain(part) in {plain(code), plain(name)} and part:
            return code
    raise UnreadableError(f"“{counter.title}”的“分项”应是：{'、'.join(names.values())}"[:190])


def _day(counter: Counter, text: str, terms: Terms, counted_to: date) -> date:
    """A day of the period that the row speaks of."""
    if counter.period in {"year", "life"}:
        return counted_to
    found = _typed_period(counter.period, text)
    if found is None:
        raise UnreadableError(f"“{counter.title}”的“期间”应填{PERIODS[counter.period]}")
    first, _ = terms.year.bounds(terms.year.of(counted_to))
    if not first - timedelta(days=6) <= found <= counted_to:
        raise UnreadableError(f"“期间”应在 {first} 至 {counted_to} 之内")
    return found


def _typed_period(period: str, text: str) -> date | None:
    text = plain(text)
    if period == "quarter" and (found := QUARTER.fullmatch(text)):
        return date(int(found[1]), 3 * int(found[2]) - 2, 1)
    if period == "month" and (found := MONTH.fullmatch(text)) and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    return typed_day(text) if period in {"week", "day"} else None


def amount_of(counter: Counter, text: str) -> int:
    """Fen, days or a count that were used; of a balance, what it paid. Raises UnreadableError."""
    if counter.unit == "fen":
        fen = typed_amount(text)
        if fen is None or fen < 0:
            raise UnreadableError("“已用”应是不小于 0 的金额（元，两位小数）")
        return fen
    if not re.fullmatch(r"\d{1,4}(\.0*)?", text.strip()):
        raise UnreadableError(f"“已用”应是不小于 0 的整数（{UNITS[counter.unit]}）")
    return int(text.strip().partition(".")[0])


def shown(counter: Counter, amount: int) -> str:
    """An amount as it is read: 1 280.00 元, 3 次."""
    amount = abs(amount)
    said = told(to_yuan(amount)) if counter.unit == "fen" else str(amount)
    return f"{said} {UNITS[counter.unit]}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap, and for whom its benefit or layer is."""

    cap: Cap
    condition: Condition


def limits_of(terms: Terms) -> dict[str, list[Limit]]:
    """Counter → what holds over it."""
    found: dict[str, list[Limit]] = {}
    owners: list[Benefit | Layer] = [*terms.benefits, *terms.layers]
    for owner in owners:
        for kind in ("scheme", "flat", "package", "top_up"):
            rules = getattr(owner, kind, None)
            for cap in rules.caps if rules is not None else ():
                if cap.counter is not None:
                    found.setdefault(cap.counter, []).append(Limit(cap, owner.condition))
    return found


def most_of(limits: Sequence[Limit], subjects: Sequence[Subject]) -> int | None:
    """The most that somebody may have used within these limits, who was each of ``subjects`` at
    some time of the year; None where a visit would have to be known to say it."""
    most = [
        _most(one.cap, subjects)
        for one in limits
        if any(subject.may_meet(one.condition, OF_PERSON) for subject in subjects)
    ]
    known = [one for one in most if one is not None]
    return max(known) if known and len(known) == len(most) else None


def _most(cap: Cap, subjects: Sequence[Subject]) -> int | None:
    if cap.per_day or cap.further is not None or cap.carried is not None or cap.condition.when:
        return None
    values = [
        row.value
        for row in cap.limits.rows
        if any(subject.may_meet(row.condition, OF_PERSON) for subject in subjects)
    ]
    return max(values) + sum(growth.ceiling for growth in cap.growths) if values else None
