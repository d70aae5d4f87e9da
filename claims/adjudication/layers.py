"""What a layer on top of the basic benefit looks at, and the one that tops the others up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from claims.adjudication.billing import Sorted
from claims.adjudication.caps import cap_payment
from claims.adjudication.columns import Fen
from claims.adjudication.lookup import half_up
from claims.adjudication.telling import aside, row_words
from claims.adjudication.trace import Told, percent, yuan
from claims.adjudication.work import Work
from policies.terms import Layer, TopUp

LEFT_OUT = {"unreferred": "因未转诊多负担的", "deductible": "起付线"}
TOP_UP_BASES = {"total": "总费用", "in_scope": "可报费用", "compliant": "可报费用加先自付共"}


@dataclass(frozen=True, slots=True)
class SoFar:
    """What has become of every claim of the batch up to this layer, fen: the sorted bills, what the
    funds pay, of that what layers paid of costs outside the scope, what is borne by the patient
    for want of a referral, and of the base layer's deductible."""

    bills: Sorted
    fund: Fen
    outside: Fen
    unreferred: Fen
    deductible: Fen


def layer_base(work: Work, layer: Layer, so_far: SoFar) -> Fen:
    """What the layer looks at: what is left of its part of the bill."""
    at, left, bills = work.at, work.most, so_far.bills
    counted, gone, words = left, work.zeros(), "个人尚需负担"
    hospital = work.zeros()
    if layer.base == "outside_rest":
        counted = bills.outside[at] + bills.over_limit[at]
        hospital = bills.institution[at] - bills.cut_institution[at]
        gone, words = so_far.outside[at], "不在报销范围和超过限价的"
    elif layer.base != "personal":
        counted, words = bills.in_scope[at], "可报费用"
        if layer.base == "compliant_rest":
            counted = counted + bills.first_self_pay[at]
            words = "可报费用加先自付的"
        gone = so_far.fund[at] - so_far.outside[at]
    base = np.minimum(np.maximum(counted - hospital - gone, 0), left)
    if work.trace.keep and layer.top_up is None:
        less = {"由医疗机构负担的": hospital, "已支付的": gone}
        _note_base(work, words, counted, less, base)
    return _left_out(work, layer, base, so_far) if layer.without else base


def _note_base(work: Work, words: str, counted: Fen, less: Mapping[str, Fen], base: Fen) -> None:
    rest = counted - np.sum(list(less.values()), axis=0)

    def sentence(i: int) -> str:
        said = f"{work.label}：{work.base_words(words, i)}{yuan(int(counted[i]))}"
        said += "".join(
            f"，减去{name}{yuan(int(each[i]))}" for name, each in less.items() if each[i]
        )
        bound = work.bound_words(i) if base[i] < rest[i] else ""
        return f"{said}{bound}，计入{yuan(int(base[i]))}"

    work.note(
        Told("layer_base", work.label, work.article, counted, base, base), sentence, when=base > 0
    )


def _left_out(work: Work, layer: Layer, base: Fen, so_far: SoFar) -> Fen:
    """不计入: what a layer does not count of the patient's burden."""
    columns = {"unreferred": so_far.unreferred, "deductible": so_far.deductible}
    parts = {LEFT_OUT[name]: columns[name][work.at] for name in sorted(layer.without)}
    out = np.sum(list(parts.values()), axis=0)
    counted: Fen = np.maximum(base - out, 0)
    work.note(
        Told("left_out", f"{work.label}不计入", layer.article, base, counted, out),
        lambda i: (
            f"{work.label}不计"
            + "、".join(f"{name}{yuan(int(each[i]))}" for name, each in parts.items() if each[i])
            + f"，{yuan(int(base[i]))}中计入{yuan(int(counted[i]))}"
        ),
        when=counted < base,
    )
    return counted


def tell_earlier(work: Work, counter: str, base: Fen) -> None:
    """Say what earlier visits of the period have added up to, where there were any."""
    earlier = work.earlier
    if earlier is None or not work.trace.keep:
        return
    title = work.part.terms.counters[counter].title
    work.note(
        Told("accumulated", title, work.article, earlier, earlier + base, base),
        lambda i: (
            f"{title}此前{yuan(int(earlier[i]))}，加本次{yuan(int(base[i]))}"
            f"为{yuan(int(earlier[i] + base[i]))}"
        ),
        when=(earlier > 0) & (base > 0),
    )


def top_up(work: Work, rule: TopUp, so_far: SoFar) -> Fen:
    """兜底: what is missing for the layers so far to reach their share of the base."""
    base = {
        "total": work.total,
        "in_scope": work.in_scope,
        "compliant": work.in_scope + so_far.bills.first_self_pay[work.at],
    }[rule.base]
    share = work.part.values(rule.ratios)
    paid_so_far, due = so_far.fund[work.at], half_up(base * share)
    wanted = np.maximum(due - paid_so_far, 0)
    missing = np.minimum(wanted, work.most)
    work.note(
        Told(
            "top_up",
            work.label,
            work.cited(rule.ratios),
            paid_so_far,
            paid_so_far + missing,
            lambda i: percent(int(share[i])),
        ),
        lambda i: (
            f"{work.label}：各层合计应达到{work.base_words(TOP_UP_BASES[rule.base], i)}"
            f"{yuan(int(base[i]))}的"
            f"{percent(int(share[i]))}{aside(row_words(work.part, rule.ratios, i))}"
            f"即{yuan(int(due[i]))}，已支付{yuan(int(paid_so_far[i]))}"
            f"{work.bound_words(i) if missing[i] < wanted[i] else ''}，补足{yuan(int(missing[i]))}"
        ),
        when=missing > 0,
    )
    return cap_payment(work, rule.caps, missing, rule.rounding)
