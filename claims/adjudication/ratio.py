"""报销比例: points, segments, and the payment that they make of an amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claims.adjudication.columns import Fen, Mask
from claims.adjudication.lookup import BASIS, half_up
from claims.adjudication.ratio_told import UNBOUNDED, RatioTold, Span, note_ratio
from claims.adjudication.telling import aside, row_words, told_number
from claims.adjudication.trace import Told, percent, points, yuan
from claims.adjudication.work import Work
from policies.terms import Bonus, Growth, Ratio, Scheme


def span_of(work: Work, scheme: Scheme, base: Fen, required: Fen, taken: Fen) -> Span:
    """Gross scales count the deductible, net scales begin after it.  A layer that adds up over
    the period starts where the earlier visits ended."""
    gross = scheme.ratio.gross
    if work.earlier is None:
        floor = taken if gross else work.zeros()
        return Span(floor, base if gross else base - taken, floor)
    floor = required if gross else work.zeros()
    shift = work.zeros() if gross else required
    start = np.maximum(work.earlier - shift, floor)
    return Span(start, np.maximum(work.earlier + base - shift, floor), floor)


def by_ratio(work: Work, scheme: Scheme, payable: Fen, span: Span, more: Fen) -> tuple[Fen, Fen]:
    """(ratio in 1/10000, payment).  With several segments the ratio is that of the last."""
    rule = scheme.ratio
    tables = _table_ratios(work, scheme)
    ratios = [
        _unreferred(work, scheme, _with_points(work, scheme, ratio, more)) for ratio in tables
    ]
    if len(ratios) == 1 and work.earlier is None:
        last, paid = ratios[0], half_up(payable * ratios[0])
    else:
        last = _ratio_at(rule, ratios, span.end)
        paid = _paid_over(work, rule, ratios, span)
    if work.trace.keep:
        _note_unreferred(work, scheme, payable)
        note_ratio(RatioTold(work, scheme, tables, ratios, more, span, paid))
    return last, paid


def lost_for_want_of_referral(work: Work, scheme: Scheme, span: Span, more: Fen, paid: Fen) -> Fen:
    """What ``by_ratio`` would have paid more with a referral, fen."""
    if scheme.unreferred is None or scheme.unreferred.form == "self_pay":
        return work.zeros()
    ratios = [_with_points(work, scheme, ratio, more) for ratio in _table_ratios(work, scheme)]
    lost: Fen = np.maximum(_paid_over(work, scheme.ratio, ratios, span) - paid, 0)
    return lost


def _table_ratios(work: Work, scheme: Scheme) -> list[Fen]:
    return [work.part.values(segment.ratios) for segment in scheme.ratio.segments]


def _paid_over(work: Work, rule: Ratio, ratios: list[Fen], span: Span) -> Fen:
    """The payment from the start of the span to its end: the difference of two rounded sums, so
    that a year of visits adds up to the year's own sum."""
    now = half_up(_progress(rule, ratios, span.floor, span.end))
    paid: Fen = np.maximum(now - half_up(_progress(rule, ratios, span.floor, span.start)), 0)
    return paid


def _progress(rule: Ratio, ratios: list[Fen], floor: Fen, point: Fen) -> Fen:
    """Fen × 1/10000 paid between ``floor`` and ``point`` of the scale."""
    if not rule.marginal:
        return (point - floor) * _ratio_at(rule, ratios, point)
    total = np.zeros_like(point)
    low = 0
    for segment, ratio in zip(rule.segments, ratios, strict=True):
        high = UNBOUNDED if segment.up_to is None else segment.up_to
        total = total + (np.clip(point, low, high) - np.clip(floor, low, high)) * ratio
        low = high
    return total


def _ratio_at(rule: Ratio, ratios: list[Fen], point: Fen) -> Fen:
    """The ratio of the segment in which ``point`` lies; a bound belongs to the lower one."""
    found = ratios[-1]
    for segment, ratio in reversed(list(zip(rule.segments, ratios, strict=True))):
        if segment.up_to is not None:
            found = np.where(point <= segment.up_to, ratio, found)
    return found


def _note_unreferred(work: Work, scheme: Scheme, payable: Fen) -> None:
    """What the ratio loses for want of a referral; how, the ratio's own sentence says."""
    rule = scheme.unreferred
    if rule is None or rule.form == "self_pay":
        return
    less = rule.form == "points"
    value = work.part.values(rule.values, missing=0 if less else BASIS)

    def words(i: int) -> str:
        return f"减{points(int(value[i]))}" if less else f"乘以{percent(int(value[i]))}"

    work.note(
        Told(
            "unreferred", "转诊情况减比例", rule.article, work.zeros(), value, words, unit="ratio"
        ),
        lambda i: (
            f"{row_words(work.part, rule.values, i, fully=True) or '按转诊情况'}，"
            f"报销比例{words(i)}"
        ),
        when=(payable > 0) & (value != (0 if less else BASIS)),
    )


def bonus_points(work: Work, scheme: Scheme, payable: Fen) -> Fen:
    """Points for the whole amount, stacked as the pack says, in 1/10000."""
    found = work.zeros()
    for bonus in scheme.bonuses:
        if bonus.classes:
            continue
        before, each = found, _points(work, bonus)
        found = before + each if scheme.stacking == "sum" else np.maximum(before, each)
        _note_bonus(work, bonus, (each > 0) & (payable > 0), each, before=before, after=found)
    return found


def _note_bonus(
    work: Work, bonus: Bonus, told: Mask, each: Fen, *, before: Fen, after: Fen
) -> None:
    def said(i: int) -> str:
        given, earlier = int(each[i]), int(before[i])
        if after[i] == earlier + given:
            return f"报销比例提高{points(given)}"
        higher = f"高于前项，改为提高{points(given)}" if given > earlier else "不高于前项，不另提高"
        return f"可提高{points(given)}，几项不叠加，{higher}"

    work.note(
        Told(
            "bonus",
            bonus.name,
            bonus.article,
            before,
            after,
            lambda i: points(int(each[i])),
            unit="ratio",
        ),
        lambda i: f"{_bonus_words(work, bonus, i)}，{said(i)}",
        when=told,
    )


def _bonus_words(work: Work, bonus: Bonus, i: int) -> str:
    """The bonus by its name, and for whom or after how many years it is so much."""
    if bonus.growth is not None:
        years = told_number(work.part, bonus.growth.field, i)
        return years if years.startswith(bonus.name) else f"{bonus.name}{aside(years)}"
    assert bonus.points is not None
    words = row_words(work.part, bonus.points, i)
    return f"{bonus.name}{aside(words if words != bonus.name else '')}"


def _points(work: Work, bonus: Bonus) -> Fen:
    fits = work.part.matches(bonus.condition)
    if bonus.points is not None:
        each = work.part.values(bonus.points)
    else:
        assert bonus.growth is not None
        each = grown(bonus.growth, work.part.number(bonus.growth.field))
    return np.where(fits, each, 0)


def grown(growth: Growth, years: Fen) -> Fen:
    """The increase in each of ``years``, in the unit of ``step``: nothing before the start."""
    steps = (years - growth.start) // growth.every + 1
    return np.where(years < growth.start, 0, np.minimum(growth.ceiling, growth.step * steps))


def _with_points(work: Work, scheme: Scheme, ratio: Fen, points: Fen) -> Fen:
    """Ratio plus bonus points up to the ceiling."""
    ceiling = ratio_ceiling(work, scheme)
    # A bonus never lifts a ratio past the ceiling, and a ceiling never lowers the table's own.
    ratio = np.maximum(ratio, np.minimum(ratio + points, ceiling))
    return ratio


def _unreferred(work: Work, scheme: Scheme, ratio: Fen) -> Fen:
    """The ratio less what going without a referral costs."""
    rule = scheme.unreferred
    if rule is not None and rule.form == "points":
        ratio = np.maximum(ratio - work.part.values(rule.values), 0)
    elif rule is not None and rule.form == "factor":
        ratio = half_up(ratio * work.part.values(rule.values, missing=BASIS))
    return ratio


def ratio_ceiling(work: Work, scheme: Scheme) -> Fen:
    if scheme.ratio_ceiling is None:
        return np.full(len(work.at), BASIS, dtype=np.int64)
    return work.part.values(scheme.ratio_ceiling, missing=BASIS)


def scope(work: Work, classes: frozenset[str]) -> Fen:
    """The in-scope amount of some bill classes together."""
    found = work.zeros()
    for code in classes:
        found = found + work.scope_of[code]
    return found


def class_bonuses(work: Work, scheme: Scheme, payable: Fen, ratios: Fen) -> Fen:
    """Bonuses for some bill classes: their points on those classes' in-scope amount, as far as
    it is payable, and no more points than the ceiling leaves above the ratio."""
    extra = work.zeros()
    ceiling = ratio_ceiling(work, scheme)
    for bonus in scheme.bonuses:
        if bonus.classes:
            amount = np.minimum(scope(work, bonus.classes), payable)
            given = _points(work, bonus)
            room = np.maximum(ceiling - ratios, 0)
            each = half_up(amount * np.minimum(given, room))
            _note_class_bonus(work, bonus, _Extra(amount, given, room, extra, each))
            extra = extra + each
    bounded: Fen = np.minimum(extra, payable)
    work.note(
        Told("class_bonus_most", "加点合计", "", extra, bounded, payable),
        lambda i: f"加点合计{yuan(int(extra[i]))}，以{work.label}可报的{yuan(int(payable[i]))}为限",
        when=bounded < extra,
    )
    return bounded


@dataclass(frozen=True, slots=True)
class _Extra:
    """Points ``given`` on ``amount``, as far as the ceiling leaves ``room``: ``each`` fen."""

    amount: Fen
    given: Fen
    room: Fen
    before: Fen
    each: Fen


def _note_class_bonus(work: Work, bonus: Bonus, told: _Extra) -> None:
    def used(i: int) -> str:
        given, room = int(told.given[i]), int(told.room[i])
        if given <= room:
            return points(given)
        return f"{points(room)}（原{points(given)}，比例已到上限）"

    work.note(
        Told(
            "class_bonus",
            bonus.name,
            bonus.article,
            told.before,
            told.before + told.each,
            lambda i: points(int(min(told.given[i], told.room[i]))),
        ),
        lambda i: (
            f"{_bonus_words(work, bonus, i)}：{yuan(int(told.amount[i]))}另加{used(i)}"
            f"即{yuan(int(told.each[i]))}"
        ),
        when=told.each > 0,
    )
