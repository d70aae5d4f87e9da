"""封顶: how much room a limit leaves, on what may be counted or on what is paid."""

from __future__ import annotations

import numpy as np

from claims.adjudication.columns import Fen, Mask, flag_bits
from claims.adjudication.lookup import half_up
from claims.adjudication.ratio import UNBOUNDED, grown
from claims.adjudication.trace import yuan
from claims.adjudication.work import Work
from policies.terms import Cap


def cap_eligible(work: Work, caps: tuple[Cap, ...], base: Fen) -> Fen:
    """Caps on the amount that may be counted, before the deductible."""
    return _apply_caps(work, [cap for cap in caps if cap.on == "eligible"], base)


def cap_payment(work: Work, caps: tuple[Cap, ...], amount: Fen) -> Fen:
    """Caps on what is paid; counters move by what is left after the last cap."""
    amount = np.minimum(amount, work.most)
    return _apply_caps(work, [cap for cap in caps if cap.on == "payment"], amount)


def cap_limit(work: Work, cap: Cap) -> Fen:
    """The limit itself in fen, with growth, further diseases and last year's unused part."""
    limit = work.part.values(cap.limits)
    more = work.zeros()
    for growth in cap.growths:
        more = more + grown(growth, work.part.number(growth.field))
    if cap.growth_ceiling is not None:
        more = np.minimum(more, half_up(limit * cap.growth_ceiling))
    limit = limit + more
    if cap.further:
        bits = flag_bits(work.part.terms, "disease")
        listed = work.part.flag("disease") & sum(bits[code] for code in cap.diseases)
        number = np.bitwise_count(listed).astype(np.int64)
        limit = limit + cap.further * np.maximum(number - 1, 0)
    if cap.carried is not None:
        limit = limit + work.usage.get(cap.carried, work.at)
    return limit * work.part.number("days") if cap.per_day else limit


def _room(work: Work, cap: Cap, bound: Mask) -> Fen:
    room = cap_limit(work, cap)
    if cap.counter is not None:
        room = np.maximum(room - work.usage.get(cap.counter, work.at), 0)
    return np.where(bound, room, UNBOUNDED)


def _apply_caps(work: Work, caps: list[Cap], amount: Fen) -> Fen:
    counted: dict[str, Mask] = {}
    for cap in caps:
        bound = work.part.matches(cap.condition)
        room = _room(work, cap, bound)
        if cap.counter is not None:
            counted[cap.counter] = counted.get(cap.counter, False) | bound
        capped = np.minimum(amount, room)
        _note_cap(work, cap, amount, room)
        amount = capped
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
