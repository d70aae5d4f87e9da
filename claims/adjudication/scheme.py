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
from claims.adjudication.trace import Words, percent, yuan
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
    required = required_deductible(work, scheme.deductible, base)
    deductible = take_deductible(work, scheme.deductible, base, required)
    points = bonus_points(work, scheme)
    payable = base - deductible
    span = span_of(work, scheme, base, required, deductible)
    ratios, amount = by_ratio(work, scheme, payable, span, points)
    if work.asks_unreferred:
        unreferred = unreferred + lost_for_want_of_referral(work, scheme, span, points, amount)
    amount = amount + class_bonuses(work, scheme, payable, ratios)
    beside, borne = _pay_streams(work, scheme, required - deductible)
    amount, deductible = amount + beside, deductible + borne
    amount = _raise_to_floor(work, scheme, amount, payable, deductible)
    amount = cap_payment(work, scheme.caps, amount, scheme.rounding)
    return Paid(amount, deductible, ratios, unreferred)


def _aside(work: Work, scheme: Scheme) -> Fen:
    """What the streams take out of the main amount."""
    return scope(work, frozenset().union(*(stream.classes for stream in scheme.streams)))


def _unreferred_self_pay(work: Work, scheme: Scheme, base: Fen) -> Fen:
    """未转诊先自付: part of the in-scope amount is the patient's before anything else."""
    rule = scheme.unreferred
    if rule is None or rule.form != "self_pay":
        return base
    share = work.part.values(rule.values)
    first = half_up(base * share)
    work.trace.note(
        work.at,
        first > 0,
        "unreferred_self_pay",
        name="未转诊先自付",
        article=rule.article,
        before=base,
        after=base - first,
        parameter=lambda i: percent(int(share[i])),
        sentence=lambda i: f"未经转诊，先自付{percent(int(share[i]))}即{yuan(int(first[i]))}",
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
    work.trace.note(
        work.at,
        amount > 0,
        "stream",
        name=stream.name,
        article=lambda i: work.part.article(stream.ratios, i),
        before=amount,
        after=each,
        parameter=lambda i: percent(int(ratio[i])),
        sentence=lambda i: (
            f"{stream.name}{yuan(int(amount[i]))}另行计算，扣除起付{yuan(int(taken[i]))}，"
            f"按{percent(int(ratio[i]))}为{yuan(int(each[i]))}"
        ),
    )


def _raise_to_floor(work: Work, scheme: Scheme, amount: Fen, payable: Fen, deductible: Fen) -> Fen:
    """保底: at least an amount, or so much of the base that the pack names."""
    rule = scheme.floor
    if rule is None:
        return amount
    if rule.amounts is not None:
        least = work.part.values(rule.amounts)
        raised = np.maximum(amount, np.minimum(least, work.most))
        told = lambda i: yuan(int(least[i]))  # noqa: E731
        _note_floor(work, rule.amounts, amount, raised, said=told, parameter=told)
        return raised
    assert rule.ratios is not None
    base = {
        "total": work.total,
        "in_scope": work.in_scope,
        "payable": payable,
        "total_less_deductible": np.maximum(work.total - deductible, 0),
    }[rule.base]
    share = work.part.values(rule.ratios)
    raised = np.maximum(amount, half_up(base * share))
    name = FLOOR_BASES[rule.base]
    _note_floor(
        work,
        rule.ratios,
        amount,
        raised,
        said=lambda i: f"{name}{yuan(int(base[i]))}的{percent(int(share[i]))}",
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
    work.trace.note(
        work.at,
        raised > amount,
        "floor",
        name="保底",
        article=lambda i: work.part.article(table, i),
        before=amount,
        after=raised,
        parameter=parameter,
        sentence=lambda i: f"按{said(i)}保底，提高到{yuan(int(raised[i]))}",
    )
