"""封顶: how much room a limit leaves, on what may be counted or on what is paid."""

from __future__ import annotations

import numpy as np

from claims.adjudication.columns import Fen, Mask, flag_bits
from claims.adjudication.lookup import half_up
from claims.adjudication.ratio import UNBOUNDED, grown
from claims.adjudication.trace import yuan
from claims.adjudication.work import Work
from policies.terms import Cap, Further, Rounding


def cap_eligible(work: Work, caps: tuple[Cap, ...], base: Fen) -> Fen:
    """Caps on the amount that may be counted, before the deductible."""
    return _apply_caps(work, [cap for cap in caps if cap.on == "eligible"], base)


def cap_payment(
    work: Work, caps: tuple[Cap, ...], amount: Fen, rounding: Rounding | None = None
) -> Fen:
    """Caps on what is paid, and rounding; counters move by what is left after both."""
    if rounding is not None:
        amount = _rounded(work, rounding, amount)
    amount = np.minimum(amount, work.most)
    return _apply_caps(work, [cap for cap in caps if cap.on == "payment"], amount, rounding)


def _rounded(work: Work, rule: Rounding, amount: Fen) -> Fen:
    """取整: in whole units before the caps, which may leave less and are then cut to units."""
    more = {"down": 0, "half_up": rule.unit // 2, "up": rule.unit - 1}[rule.way]
    rounded = (amount + more) // rule.unit * rule.unit
    _note_rounding(work, rule, amount, rounded)
    return rounded


def _note_rounding(work: Work, rule: Rounding, amount: Fen, rounded: Fen) -> None:
    unit = {100: "元", 10: "角"}[rule.unit]
    way = {"down": "舍去尾数", "half_up": "四舍五入", "up": "进一"}[rule.way]
    work.trace.note(
        work.at,
        rounded != amount,
        "rounding",
        name="取整",
        article=rule.article,
        before=amount,
        after=rounded,
        parameter=lambda i: f"到{unit}",
        sentence=lambda i: (
            f"{work.label}{yuan(int(amount[i]))}按{unit}取整（{way}），为{yuan(int(rounded[i]))}"
        ),
    )


def cap_limit(work: Work, cap: Cap) -> Fen:
    """The limit itself in fen, with growth, further diseases and last year's unused part."""
    limit = work.part.values(cap.limits)
    more = work.zeros()
    for growth in cap.growths:
        more = more + grown(growth, work.part.number(growth.field))
    if cap.growth_ceiling is not None:
        more = np.minimum(more, half_up(limit * cap.growth_ceiling))
    limit = limit + more
    if cap.further is not None:
        limit = limit + further_amount(work, cap.further)
    if cap.carried is not None:
        limit = limit + work.usage.get(cap.carried, work.at)
    return limit * work.part.number("days") if cap.per_day else limit


def further_amount(work: Work, rule: Further) -> Fen:
    """每多一种病、一个婴儿、一天加多少: what those after the first add, in fen."""
    if rule.of == "disease":
        bits = flag_bits(work.part.terms, "disease")
        listed = work.part.flag("disease") & sum(bits[code] for code in rule.diseases)
        number = np.bitwise_count(listed).astype(np.int64)
    else:
        number = work.part.number({"baby": "babies", "day": "days"}[rule.of])
    more: Fen = rule.amount * np.maximum(number - 1, 0)
    if rule.ceiling is not None:
        more = np.minimum(more, rule.ceiling)
    return more


def _room(work: Work, cap: Cap, bound: Mask) -> Fen:
    room = cap_limit(work, cap)
    if cap.counter is not None:
        room = np.maximum(room - work.usage.get(cap.counter, work.at), 0)
    return np.where(bound, room, UNBOUNDED)


def _apply_caps(work: Work, caps: list[Cap], amount: Fen, rounding: Rounding | None = None) -> Fen:
    counted: dict[str, Mask] = {}
    for cap in caps:
        bound = work.part.matches(cap.condition)
        room = _room(work, cap, bound)
        if cap.counter is not None:
            counted[cap.counter] = counted.get(cap.counter, False) | bound
        capped = np.minimum(amount, room)
        _note_cap(work, cap, amount, room)
        amount = capped
    if rounding is not None:
        whole = amount // rounding.unit * rounding.unit
        _note_rounding(work, rounding, amount, whole)
        amount = whole
    for counter, bound in counted.items():
        work.usage.add(counter, work.at, np.where(bound, amount, 0))
    return amount


def _note_cap(work: Work, cap: Cap, amount: Fen, room: Fen) -> None:
    work.trace.note(
        work.at,
        room < amount,
        "cap",
        name=cap.name,
        article=lambda i: work.part.article(cap.limits, i),
        before=amount,
        after=room,
        parameter=lambda i: yuan(int(room[i])),
        sentence=lambda i: (
            f"{yuan(int(amount[i]))}超过{cap.name}剩余的{yuan(int(room[i]))}，"
            f"以{yuan(int(room[i]))}为限"
        ),
    )


def tell_room(work: Work, caps: tuple[Cap, ...]) -> None:
    """Say what every cap over a period still leaves once the claim is wholly paid.

    A cap per day is left out: what it leaves depends on how long the next stay will be.
    """
    moves = work.usage.moves or {}
    for cap in caps:
        if cap.counter not in moves or cap.per_day:
            continue
        before, after = moves[cap.counter][0][work.at], moves[cap.counter][1][work.at]
        limit = cap_limit(work, cap)
        _note_room(work, cap, limit, before, after)


def _note_room(work: Work, cap: Cap, limit: Fen, before: Fen, after: Fen) -> None:
    counted = "报销" if cap.on == "payment" else "计入"
    work.trace.note(
        work.at,
        work.part.matches(cap.condition) & (after != before) & (after < limit),
        "cap_left",
        name=cap.name,
        article=lambda i: work.part.article(cap.limits, i),
        before=after - before,
        after=after - before,
        parameter=lambda i: yuan(int(limit[i])),
        sentence=lambda i: (
            f"{cap.name}{yuan(int(limit[i]))}，此前已{counted}{yuan(int(before[i]))}，"
            f"加本次{yuan(int(after[i] - before[i]))}为{yuan(int(after[i]))}，"
            f"还剩{yuan(int(limit[i] - after[i]))}"
        ),
    )
