"""From an amount to a payment by one scheme: deductible, ratio, bonuses, streams, floor, caps.

Each rule works on columns of the claims ``work.at`` and rounds to the fen, half up, before the
next one begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from claims.adjudication.caps import cap_eligible, cap_payment
from claims.adjudication.columns import Fen
from claims.adjudication.deductible import count_deductible, required_deductible, take_deductible
from claims.adjudication.lookup import half_up
from claims.adjudication.ratio import (
    bonus_points,
    by_ratio,
    class_bonuses,
    lost_for_want_of_referral,
    scope,
    span_of,
)
from claims.adjudication.telling import aside, row_words
from claims.adjudication.trace import Told, Words, percent, yuan
from claims.adjudication.work import Work
from policies.terms import Scheme, Stream, Table


@dataclass(slots=True)
class Paid:
    """What a scheme pays, with the deductible that it took, the ratio that it used, and what the
    patient bears more for want of a referral (where some layer asks)."""

    amount: Fen
    deductible: Fen
    ratio: Fen
    unreferred: Fen


def apply_scheme(work: Work, scheme: Scheme, base: Fen) -> Paid:
    """Pay ``base`` fen by ``scheme`` and move the counters that it names."""
    base = base - _aside(work, scheme)
    counted = base
    base = _unreferred_self_pay(work, scheme, base)
    unreferred = counted - base
    base = cap_eligible(work, scheme.caps, base)
    beside = _bearing(work, scheme)
    required = required_deductible(work, scheme.deductible, base, beside)
    deductible = take_deductible(work, scheme.deductible, base, required, beside)
    payable = base - deductible
    points = bonus_points(work, scheme, payable)
    span = span_of(work, scheme, base, required, deductible)
    ratios, amount = by_ratio(work, scheme, payable, span, points)
    if work.asks_unreferred:
        lost = lost_for_want_of_referral(work, scheme, span, points, amount)
        _note_lost(work, scheme, amount, lost)
        unreferred = unreferred + lost
    amount = amount + class_bonuses(work, scheme, payable, ratios)
    beside, borne = _pay_streams(work, scheme, required - deductible)
    amount, deductible = amount + beside, deductible + borne
    amount = _raise_to_floor(work, scheme, amount, payable, deductible)
    amount = cap_payment(work, scheme.caps, amount, scheme.rounding)
    return Paid(amount, deductible, ratios, unreferred)


def _aside(work: Work, scheme: Scheme) -> Fen:
    """What the streams take out of the main amount."""
    return scope(work, frozenset().union(*(stream.classes for stream in scheme.streams)))


def _bearing(work: Work, scheme: Scheme) -> Fen | None:
    """What the streams have that may bear the deductible; ``None`` where nothing is told."""
    if not scheme.streams or not work.trace.keep:
        return None
    bearing = [stream.classes for stream in scheme.streams if stream.after_deductible]
    return scope(work, frozenset().union(*bearing))


def _note_lost(work: Work, scheme: Scheme, paid: Fen, lost: Fen) -> None:
    assert scheme.unreferred is not None or not lost.any()
    article = scheme.unreferred.article if scheme.unreferred is not None else ""
    work.note(
        Told("unreferred_lost", "因转诊情况少计算", article, paid + lost, paid, lost),
        lambda i: f"转诊情况不减比例时应计算{yuan(int(paid[i] + lost[i]))}，少{yuan(int(lost[i]))}",
        when=lost > 0,
    )


def _unreferred_self_pay(work: Work, scheme: Scheme, base: Fen) -> Fen:
    """未转诊先自付: part of the in-scope amount is the patient's before anything else."""
    rule = scheme.unreferred
    if rule is None or rule.form != "self_pay":
        return base
    share = work.part.values(rule.values)
    first = half_up(base * share)
    work.note(
        Told(
            "unreferred_self_pay",
            "转诊情况先自付",
            rule.article,
            base,
            base - first,
            lambda i: percent(int(share[i])),
        ),
        lambda i: (
            f"{row_words(work.part, rule.values, i, fully=True) or '按转诊情况'}，"
            f"{yuan(int(base[i]))}先自付{percent(int(share[i]))}即{yuan(int(first[i]))}，"
            f"余{yuan(int(base[i] - first[i]))}"
        ),
        when=first > 0,
    )
    return base - first


def _pay_streams(work: Work, scheme: Scheme, unborne: Fen) -> tuple[Fen, Fen]:
    """另行计算的费用: (payment, what was taken of the deductible still unborne)."""
    paid, borne = work.zeros(), work.zeros()
    for stream in scheme.streams:
        amount = scope(work, stream.classes)
        taken = np.minimum(amount, unborne - borne) if stream.after_deductible else work.zeros()
        ratio = work.part.values(stream.ratios)
        each = half_up((amount - taken) * ratio)
        _note_stream(work, stream, amount, taken, each)
        paid, borne = paid + each, borne + taken
    if scheme.deductible is not None and borne.any():
        count_deductible(work, scheme.deductible, borne)
    return paid, borne


def _note_stream(work: Work, stream: Stream, amount: Fen, taken: Fen, each: Fen) -> None:
    ratio = work.part.values(stream.ratios)
    work.note(
        Told(
            "stream",
            stream.name,
            work.cited(stream.ratios),
            amount,
            each,
            lambda i: percent(int(ratio[i])),
        ),
        lambda i: (
            f"{stream.name}{yuan(int(amount[i]))}另行计算，"
            + (f"扣除起付线未扣完的{yuan(int(taken[i]))}，" if taken[i] else "")
            + f"按{percent(int(ratio[i]))}"
            f"{aside(row_words(work.part, stream.ratios, i, fully=not ratio[i]))}"
            f"为{yuan(int(each[i]))}"
        ),
        when=amount > 0,
    )


def _raise_to_floor(work: Work, scheme: Scheme, amount: Fen, payable: Fen, deductible: Fen) -> Fen:
    """保底: at least an amount, or so much of the base that the pack names."""
    rule = scheme.floor
    if rule is None:
        return amount
    if rule.amounts is not None:
        least = work.part.values(rule.amounts)
        raised = np.maximum(amount, np.minimum(least, work.most))

        def told(i: int) -> str:
            return yuan(int(least[i]))

        def most(i: int) -> str:
            return "" if work.most[i] >= least[i] else work.bound_words(i)

        _note_floor(
            work,
            rule.amounts,
            amount,
            raised,
            said=lambda i: f"按{told(i)}保底{most(i)}",
            parameter=told,
        )
        return raised
    ratios = rule.ratios
    assert ratios is not None
    base = {
        "total": work.total,
        "in_scope": work.in_scope,
        "payable": payable,
        "total_less_deductible": np.maximum(work.total - deductible, 0),
    }[rule.base]
    share = work.part.values(ratios)
    raised = np.maximum(amount, half_up(base * share))
    name = FLOOR_BASES[rule.base]
    _note_floor(
        work,
        ratios,
        amount,
        raised,
        said=lambda i: (
            f"按{work.base_words(name, i)}{yuan(int(base[i]))}的{percent(int(share[i]))}"
            f"{aside(row_words(work.part, ratios, i))}保底"
        ),
        parameter=lambda i: percent(int(share[i])),
    )
    return raised


FLOOR_BASES = {
    "total": "总费用",
    "in_scope": "可报费用",
    "payable": "起付线以上费用",
    "total_less_deductible": "总费用减起付线后",
}


def _note_floor(
    work: Work, table: Table, amount: Fen, raised: Fen, *, said: Words, parameter: Words
) -> None:
    work.note(
        Told("floor", "保底", work.cited(table), amount, raised, parameter),
        lambda i: f"{work.label}{yuan(int(amount[i]))}，{said(i)}，提高到{yuan(int(raised[i]))}",
        when=raised > amount,
    )
