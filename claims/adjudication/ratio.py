"""报销比例: points, segments, and the payment that they make of an amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claims.adjudication.columns import Fen
from claims.adjudication.lookup import BASIS, half_up
from claims.adjudication.trace import percent, yuan
from claims.adjudication.work import Work
from policies.terms import Bonus, Growth, Ratio, Scheme, Table

# Fen that no bill reaches; half of int64, so that adding a bill to it does not overflow.
UNBOUNDED = 2**62


@dataclass(slots=True)
class Span:
    """Where on the scale of the segments a payment starts and ends, and where paying starts."""

    start: Fen
    end: Fen
    floor: Fen


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


def by_ratio(work: Work, scheme: Scheme, payable: Fen, span: Span, points: Fen) -> tuple[Fen, Fen]:
    """(ratio in 1/10000, payment).  With several segments the ratio is that of the last."""
    rule = scheme.ratio
    ratios = [
        _unreferred(work, scheme, _with_points(work, scheme, ratio, points))
        for ratio in _table_ratios(work, scheme)
    ]
    if len(ratios) == 1 and work.earlier is None:
        last, paid = ratios[0], half_up(payable * ratios[0])
    else:
        last = _ratio_at(rule, ratios, span.end)
        paid = _paid_over(work, rule, ratios, span)
    _note_ratio(work, rule, ratios, span, paid)
    return last, paid


def lost_for_want_of_referral(
    work: Work, scheme: Scheme, span: Span, points: Fen, paid: Fen
) -> Fen:
    """What ``by_ratio`` would have paid more with a referral, fen."""
    if scheme.unreferred is None or scheme.unreferred.form == "self_pay":
        return work.zeros()
    ratios = [_with_points(work, scheme, ratio, points) for ratio in _table_ratios(work, scheme)]
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


def _note_ratio(work: Work, rule: Ratio, ratios: list[Fen], span: Span, paid: Fen) -> None:
    """Read aloud every segment that the payment runs through, each with its own article."""
    start = np.maximum(span.start, span.floor)
    payable = span.end - start

    def parts(i: int) -> list[tuple[int, int, Table]]:
        if not rule.marginal:
            last = int(_ratio_at(rule, ratios, span.end)[i])
            bounds = [segment.up_to for segment in rule.segments]
            at = next(n for n, up in enumerate(bounds) if up is None or span.end[i] <= up)
            return [(int(payable[i]), last, rule.segments[at].ratios)]
        found, low = [], 0
        for segment, ratio in zip(rule.segments, ratios, strict=True):
            high = UNBOUNDED if segment.up_to is None else segment.up_to
            part = min(max(int(span.end[i]), low), high) - min(max(int(start[i]), low), high)
            if part:
                found.append((part, int(ratio[i]), segment.ratios))
            low = high
        return found

    def articles(i: int) -> str:
        cited = [work.part.article(table, i) for _, _, table in parts(i)]
        return "、".join(dict.fromkeys(cited))

    def sentence(i: int) -> str:
        said = "，".join(f"{yuan(part)}按{percent(ratio)}" for part, ratio, _ in parts(i))
        return f"{work.label}{said}计算，为{yuan(int(paid[i]))}"

    work.trace.note(
        work.at,
        payable > 0,
        "ratio",
        name=f"{work.label}报销比例",
        article=articles,
        before=payable,
        after=paid,
        parameter=lambda i: "、".join(percent(ratio) for _, ratio, _ in parts(i)),
        sentence=sentence,
    )


def bonus_points(work: Work, scheme: Scheme) -> Fen:
    """Points for the whole amount, stacked as the pack says, in 1/10000."""
    points = work.zeros()
    for bonus in scheme.bonuses:
        if bonus.classes:
            continue
        each = _points(work, bonus)
        points = points + each if scheme.stacking == "sum" else np.maximum(points, each)
        _note_bonus(work, bonus, each)
    return points


def _note_bonus(work: Work, bonus: Bonus, points: Fen) -> None:
    work.trace.note(
        work.at,
        points > 0,
        "bonus",
        name=bonus.name,
        article=bonus.article,
        before=work.zeros(),
        after=points,
        parameter=lambda i: percent(int(points[i])),
        sentence=lambda i: f"{bonus.name}，报销比例提高{percent(int(points[i]))}",
        unit="ratio",
    )


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
    ceiling = _ratio_ceiling(work, scheme)
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


def _ratio_ceiling(work: Work, scheme: Scheme) -> Fen:
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
    ceiling = _ratio_ceiling(work, scheme)
    for bonus in scheme.bonuses:
        if bonus.classes:
            amount = np.minimum(scope(work, bonus.classes), payable)
            points = np.minimum(_points(work, bonus), np.maximum(ceiling - ratios, 0))
            each = half_up(amount * points)
            _note_class_bonus(work, bonus, amount=amount, points=points, before=extra, each=each)
            extra = extra + each
    return np.minimum(extra, payable)


def _note_class_bonus(
    work: Work, bonus: Bonus, *, amount: Fen, points: Fen, before: Fen, each: Fen
) -> None:
    work.trace.note(
        work.at,
        each > 0,
        "class_bonus",
        name=bonus.name,
        article=bonus.article,
        before=before,
        after=before + each,
        parameter=lambda i: percent(int(points[i])),
        sentence=lambda i: (
            f"{bonus.name}：{yuan(int(amount[i]))}另加{percent(int(points[i]))}"
            f"即{yuan(int(each[i]))}"
        ),
    )
