"""封顶: how much room a limit leaves, on what may be counted or on what is paid."""

from __future__ import annotations

import numpy as np

from claims.adjudication.columns import Fen, Mask, flag_bits
from claims.adjudication.lookup import half_up
from claims.adjudication.ratio import grown
from claims.adjudication.ratio_told import UNBOUNDED
from claims.adjudication.telling import aside, row_words, told_number
from claims.adjudication.trace import Told, percent, yuan
from claims.adjudication.work import Work
from policies.terms import Cap, Further, Growth, Rounding

Counted = dict[str, Fen]


def cap_eligible(work: Work, caps: tuple[Cap, ...], base: Fen) -> Fen:
    """Caps on the amount that may be counted, before the deductible."""
    return _apply_caps(work, [cap for cap in caps if cap.on == "eligible"], base)


def cap_payment(
    work: Work, caps: tuple[Cap, ...], amount: Fen, rounding: Rounding | None = None
) -> Fen:
    """Caps on what is paid, and rounding; counters move by what is left after both."""
    if rounding is not None:
        amount = _rounded(work, rounding, amount)
    bounded = np.minimum(amount, work.most)
    _note_most(work, amount, bounded)
    return _apply_caps(work, [cap for cap in caps if cap.on == "payment"], bounded, rounding)


def _note_most(work: Work, amount: Fen, bounded: Fen) -> None:
    """Nobody is paid more than is left to pay, or than the balance that pays it."""
    work.note(
        Told("most", "最多支付", work.article, amount, bounded, work.most),
        lambda i: f"{work.label}{yuan(int(amount[i]))}{work.bound_words(i)}",
        when=bounded < amount,
    )


def _rounded(work: Work, rule: Rounding, amount: Fen) -> Fen:
    """取整: in whole units before the caps, which may leave less and are then cut to units."""
    more = {"down": 0, "half_up": rule.unit // 2, "up": rule.unit - 1}[rule.way]
    rounded = (amount + more) // rule.unit * rule.unit
    _note_rounding(work, rule, amount, rounded)
    return rounded


def _note_rounding(work: Work, rule: Rounding, amount: Fen, rounded: Fen) -> None:
    unit = {100: "元", 10: "角"}[rule.unit]
    way = {"down": "舍去尾数", "half_up": "四舍五入", "up": "进一"}[rule.way]
    work.note(
        Told("rounding", "取整", rule.article, amount, rounded, lambda i: f"到{unit}"),
        lambda i: (
            f"{work.label}{yuan(int(amount[i]))}按{unit}取整（{way}），为{yuan(int(rounded[i]))}"
        ),
        when=rounded != amount,
    )


def cap_limit(work: Work, cap: Cap) -> Fen:
    """The limit itself in fen, with growth, further diseases and last year's unused part."""
    limit = work.part.values(cap.limits)
    limit = limit + _growths(work, cap, limit)
    if cap.further is not None:
        limit = limit + further_amount(work, cap.further)
    if cap.carried is not None:
        limit = limit + work.usage.get(cap.carried, work.at)
    return limit * work.part.number("days") if cap.per_day else limit


def _growths(work: Work, cap: Cap, limit: Fen) -> Fen:
    more = work.zeros()
    for each in cap.growths:
        more = more + _grown(work, each)
    if cap.growth_ceiling is not None:
        more = np.minimum(more, half_up(limit * cap.growth_ceiling))
    return more


def _grown(work: Work, growth: Growth) -> Fen:
    return grown(growth, work.part.number(growth.field))


def _growth_words(work: Work, cap: Cap, more: int, i: int) -> str:
    """连续参保6年加3000.00元, each growth by itself, and the most that they may add together."""
    each = [(growth.field, int(_grown(work, growth)[i])) for growth in cap.growths]
    said = "，".join(
        f"{told_number(work.part, field, i)}加{yuan(amount)}" for field, amount in each if amount
    )
    if cap.growth_ceiling is not None and more < sum(amount for _, amount in each):
        return f"{said}，最多加{percent(cap.growth_ceiling)}即{yuan(more)}"
    return said


def limit_words(work: Work, cap: Cap, i: int) -> str:
    """How the limit comes about: for whom it is, what is added, how many days."""
    first = work.part.values(cap.limits)
    grown_by = _growths(work, cap, first)
    total, one = int(first[i] + grown_by[i]), yuan(int(first[i]))
    said = f"，{_growth_words(work, cap, int(grown_by[i]), i)}" if grown_by[i] else ""
    if cap.further is not None and (more := int(further_amount(work, cap.further)[i])):
        said += f"，{further_words(work, cap.further, i)}，加{yuan(more)}"
        total += more
    if cap.carried is not None and (more := int(work.usage.get(cap.carried, work.at)[i])):
        said += f"，{work.part.terms.counters[cap.carried].title}加{yuan(more)}"
        total += more
    said = f"{one}{said}" if said else ""
    if cap.per_day:
        said = said and f"{said}，"
        days = int(work.part.number("days")[i])
        said = f"{said}每天{yuan(total)}，{days}天共{yuan(total * days)}"
    return "，".join(filter(None, (row_words(work.part, cap.limits, i), said)))


def further_amount(work: Work, rule: Further) -> Fen:
    """每多一种病、一个婴儿、一天加多少: what those after the first add, in fen."""
    more: Fen = rule.amount * np.maximum(_how_many(work, rule) - 1, 0)
    if rule.ceiling is not None:
        more = np.minimum(more, rule.ceiling)
    return more


def _how_many(work: Work, rule: Further) -> Fen:
    if rule.of == "disease":
        bits = flag_bits(work.part.terms, "disease")
        listed = work.part.flag("disease") & sum(bits[code] for code in rule.diseases)
        number: Fen = np.bitwise_count(listed).astype(np.int64)
        return number
    return work.part.number({"baby": "babies", "day": "days"}[rule.of])


def further_words(work: Work, rule: Further, i: int) -> str:
    """3种病，第一种以外每种50.00元, with the most that it may come to."""
    one = {"disease": "种病", "baby": "个婴儿", "day": "天"}[rule.of]
    most = "" if rule.ceiling is None else f"，最多{yuan(rule.ceiling)}"
    number = int(_how_many(work, rule)[i])
    return f"共{number}{one}，从第二{one[0]}起每{one}{yuan(rule.amount)}{most}"


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
        if work.trace.keep:
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
    def limited(i: int) -> str:
        words = limit_words(work, cap, i)
        used = 0 if cap.counter is None else int(work.usage.get(cap.counter, work.at)[i])
        if not used:
            return f"{cap.name}{yuan(int(room[i]))}{aside(words)}"
        counted = "报销" if cap.on == "payment" else "计入"
        limit = yuan(int(cap_limit(work, cap)[i]))
        told = aside(f"限额{limit}", words, f"此前已{counted}{yuan(used)}")
        return f"{cap.name}剩余的{yuan(int(room[i]))}{told}"

    work.note(
        Told("cap", cap.name, work.cited(cap.limits), amount, room, room),
        lambda i: f"{yuan(int(amount[i]))}超过{limited(i)}，以{yuan(int(room[i]))}为限",
        when=room < amount,
    )


def counted_by(work: Work, caps: tuple[Cap, ...]) -> Counted:
    """The counters of the caps before a layer pays, for ``tell_room`` when it has."""
    if not work.trace.keep:
        return {}
    names = {cap.counter for cap in caps if cap.counter is not None}
    return {name: work.usage.get(name, work.at) for name in names}


def tell_room(work: Work, caps: tuple[Cap, ...], was: Counted) -> None:
    """Say what every cap over a period still leaves once its layer has paid.

    A cap per day is left out: what it leaves depends on how long the next stay will be.
    """
    for cap in caps if work.trace.keep else ():
        if cap.counter is not None and not cap.per_day:
            after = work.usage.get(cap.counter, work.at)
            _note_room(work, cap, cap_limit(work, cap), was[cap.counter], after)


def _note_room(work: Work, cap: Cap, limit: Fen, before: Fen, after: Fen) -> None:
    counted = "报销" if cap.on == "payment" else "计入"
    work.note(
        Told("cap_left", cap.name, work.cited(cap.limits), after - before, after - before, limit),
        lambda i: (
            f"{cap.name}{yuan(int(limit[i]))}{aside(limit_words(work, cap, i))}，"
            f"此前已{counted}{yuan(int(before[i]))}，"
            f"加本次{yuan(int(after[i] - before[i]))}为{yuan(int(after[i]))}，"
            f"还剩{yuan(int(limit[i] - after[i]))}"
        ),
        when=work.part.matches(cap.condition) & (after != before) & (after < limit),
    )
