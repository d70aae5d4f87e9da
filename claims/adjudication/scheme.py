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
from claims.adjudication.ratio import bonus_points, by_ratio, class_bonuses, scope, span_of
from claims.adjudication.trace import percent, yuan
from claims.adjudication.work import Work
from policies.terms import Scheme, Stream


@dataclass(slots=True)
class Paid:
    """What a scheme pays, with the deductible that it took and the ratio that it used."""

    amount: Fen
    deductible: Fen
    ratio: Fen


def apply_scheme(work: Work, scheme: Scheme, base: Fen) -> Paid:
    """Pay ``base`` fen by ``scheme`` and move the counters that it names."""
    base = base - _aside(work, scheme)
    base = _unreferred_self_pay(work, scheme, base)
    base = cap_eligible(work, scheme.caps, base)
    required = required_deductible(work, scheme.deductible, base)
    deductible = take_deductible(work, scheme.deductible, base, required)
    points = bonus_points(work, scheme)
    payable = base - deductible
    span = span_of(work, scheme, base, required, deductible)
    ratios, amount = by_ratio(work, scheme, payable, span, points)
    amount = amount + class_bonuses(work, scheme, payable, ratios)
    beside, borne = _pay_streams(work, scheme, required - deductible)
    amount, deductible = amount + beside, deductible + borne
    amount = _raise_to_floor(work, scheme, amount, payable)
    amount = cap_payment(work, scheme.caps, amount)
    return Paid(amount, deductible, ratios)


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


def _raise_to_floor(work: Work, scheme: Scheme, amount: Fen, payable: Fen) -> Fen:
    """保底: at least so much of the base that the pack names."""
    rule = scheme.floor
    if rule is None:
        return amount
    base = {"total": work.total, "in_scope": work.in_scope, "payable": payable}[rule.base]
    share = work.part.values(rule.ratios)
    least = half_up(base * share)
    raised = np.maximum(amount, least)
    name = {"total": "总费用", "in_scope": "可报费用", "payable": "起付线以上费用"}[rule.base]
    work.trace.note(
        work.at,
        raised > amount,
        "floor",
        name="保底",
        article=lambda i: work.part.article(rule.ratios, i),
        before=amount,
        after=raised,
        parameter=lambda i: percent(int(share[i])),
        sentence=lambda i: (
            f"按{name}{yuan(int(base[i]))}的{percent(int(share[i]))}保底，"
            f"提高到{yuan(int(raised[i]))}"
        ),
    )
    return raised
