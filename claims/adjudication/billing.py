"""Sorting a bill: what is wholly the patient's, above a limit, paid first, or in scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from claims.adjudication.cases import Bill, Case
from claims.adjudication.columns import CaseError, Fen, Mask
from claims.adjudication.lookup import BASIS, Part, half_up
from claims.adjudication.telling import aside, row_words
from claims.adjudication.trace import Trace, percent, yuan
from lib import money
from policies.terms import DIMENSION_NAMES, BillClass, Subject, Terms

NOBODY = Subject()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillItem:
    """One line of a bill.

    ``limit`` is the most that counts for the line (fen, ``None``: no limit); ``first_self_pay``
    the line's own share in 1/10000 (``None``: that of its class), ``self_pay`` the amount of it
    (fen) that the bill itself shows, for classes that go by that.  ``unit_price`` (fen),
    ``units`` (in 1/10000 of a unit) and ``origin`` matter where the pack has rules on them.
    """

    bill_class: str
    amount: int
    limit: int | None = None
    first_self_pay: int | None = None
    self_pay: int | None = None
    unit_price: int | None = None
    units: int = 10_000
    origin: str = ""


def bill_from_lines(items: Sequence[BillItem], terms: Terms, subject: Subject = NOBODY) -> Bill:
    """Add lines up by class; what is over a limit or paid first is rounded line by line.

    ``subject``: the visit's dimensions, for limits that depend on them (level of institution).
    Raises ``CaseError`` for an unknown class, a negative amount or an impossible share.
    """
    sums: dict[str, dict[str, int]] = {"amounts": {}, "over": {}, "own": {}, "self_pay": {}}

    def add(kind: str, code: str, amount: int) -> None:
        if amount:
            sums[kind][code] = sums[kind].get(code, 0) + amount

    for number, item in enumerate(items, start=1):
        _check_item(item, number, terms)
        code = item.bill_class
        rule = terms.bill.classes[code]
        add("amounts", code, item.amount)
        if rule.kind != "covered":
            continue
        over = max(0, item.amount - _line_limit(item, rule, subject))
        add("over", code, over)
        share, within = _line_share(item, rule), item.amount - over
        if rule.billed:
            add("own", code, within)
            add("self_pay", code, _billed_self_pay(item, number, rule, within))
        elif share is not None:
            add("own", code, within)
            add("self_pay", code, money.half_up(within * share, BASIS))
    return Bill(
        amounts=sums["amounts"],
        over_limit=sums["over"],
        own_amount=sums["own"],
        own_self_pay=sums["self_pay"],
    )


def _billed_self_pay(item: BillItem, number: int, rule: BillClass, within: int) -> int:
    """按票据先自付: the amount on the bill, which is never more than what counts of the line."""
    if item.self_pay is None:
        wrong = f"第{number}行{rule.name}按票据所列先自付，请填写先自付金额"
        raise CaseError("bill", wrong)
    if item.self_pay > item.amount:
        raise CaseError("bill", f"第{number}行先自付金额大于该行金额，请更正")
    return min(item.self_pay, within)


def _line_limit(item: BillItem, rule: BillClass, subject: Subject) -> int:
    """The most that counts of a line: its own limit or the class's limit per unit."""
    limit = item.amount if item.limit is None else item.limit
    if rule.unit_limits is None:
        return limit
    try:
        row = rule.unit_limits.find(subject)
    except KeyError as error:
        name = DIMENSION_NAMES[error.args[0]]
        raise CaseError(error.args[0], f"{rule.name}按{name}限价，请填写{name}") from None
    return limit if row is None else min(limit, money.half_up(row.value * item.units, BASIS))


def _line_share(item: BillItem, rule: BillClass) -> int | None:
    """The line's own first-self-pay share: by the pack's line rules, else as the line says."""
    unit_price = item.amount if item.unit_price is None else item.unit_price
    for each in rule.line_shares:
        if each.fits(unit_price, item.origin):
            return each.share
    return item.first_self_pay


def merge_observation(stay: Case, observed: Bill, ended: date, terms: Terms) -> Case:
    """The stay with the bill of the emergency observation that led to it.

    Raises ``CaseError`` when the pack does not merge them or the observation ended too early.
    """
    rule = terms.bill.observation
    if rule is None:
        raise CaseError("observation", "办法没有规定急诊留观并入住院，请分开结算")
    before = (stay.visit.starts - ended).days
    if not 0 <= before <= rule.within_days:
        raise CaseError(
            "observation",
            f"留观结束日 {ended} 不在入院前 {rule.within_days} 天内（{rule.article}），请分开结算",
        )
    return replace(stay, bill=_sum(stay.bill, observed))


def _sum(first: Bill, second: Bill) -> Bill:
    """The bill of a stay with that of the observation before it."""

    def both(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
        return {code: one.get(code, 0) + other.get(code, 0) for code in {**one, **other}}

    return Bill(
        amounts=both(first.amounts, second.amounts),
        over_limit=both(first.over_limit, second.over_limit),
        own_amount=both(first.own_amount, second.own_amount),
        own_self_pay=both(first.own_self_pay, second.own_self_pay),
        observed=first.observed + second.total,
    )


def _check_item(item: BillItem, number: int, terms: Terms) -> None:
    if item.bill_class not in terms.bill.classes:
        known = "、".join(terms.bill.classes)
        raise CaseError("bill", f"第{number}行费用类别“{item.bill_class}”不在办法中，可用：{known}")
    if item.self_pay is not None and not terms.bill.classes[item.bill_class].billed:
        name = terms.bill.classes[item.bill_class].name
        raise CaseError("bill", f"第{number}行{name}不按票据所列先自付，请删去先自付金额")
    amounts = (item.amount, item.limit, item.unit_price, item.self_pay, item.units)
    if min(each or 0 for each in amounts) < 0:
        raise CaseError("bill", f"第{number}行金额、单价、数量或限价为负数，请更正")
    if item.first_self_pay is not None and not 0 <= item.first_self_pay <= BASIS:
        raise CaseError("bill", f"第{number}行先自付比例应在 0% 到 100% 之间")


@dataclass(slots=True)
class Sorted:
    """A batch of bills, sorted.  ``scope_of`` holds the in-scope amount per covered class.

    ``payable``: the claims that are told how; of one refused only what the institution bears.
    """

    total: Fen
    full_self_pay: Fen
    over_limit: Fen
    first_self_pay: Fen
    in_scope: Fen
    institution: Fen
    scope_of: dict[str, Fen]
    payable: Mask


def sort_bills(part: Part, trace: Trace, keep: frozenset[str], payable: Mask) -> Sorted:
    """Sort every bill of the batch; the per-class amounts are kept for the classes ``keep``.

    ``payable``: the claims that are not refused.
    """
    zero = np.zeros(part.size, dtype=np.int64)
    found = Sorted(
        total=part.cases.amounts.sum(axis=0),
        full_self_pay=zero.copy(),
        over_limit=zero.copy(),
        first_self_pay=zero.copy(),
        in_scope=zero.copy(),
        institution=zero.copy(),
        scope_of={},
        payable=payable,
    )
    for number, rule in enumerate(part.terms.bill.classes.values()):
        amount = part.cases.amounts[number]
        if rule.kind == "covered":
            scope = _covered(part, trace, rule, number, found)
            if rule.code in keep:
                found.scope_of[rule.code] = scope
            continue
        found.full_self_pay += amount
        if rule.kind == "institution":
            found.institution += amount
        _note_outside(part, trace, rule, amount, found.payable)
    _consent(part, trace, found)
    _note_in_scope(part, trace, found)
    return found


def _covered(part: Part, trace: Trace, rule: BillClass, number: int, found: Sorted) -> Fen:
    cases = part.cases
    amount = cases.amounts[number]
    assert rule.shares is not None
    over = cases.over_limit[number] if cases.over_limit is not None else None
    own = cases.own_amount[number] if cases.own_amount is not None else None
    shared = amount if over is None else amount - over
    shared = shared if own is None else shared - own
    share = part.values(rule.shares)
    first = half_up(shared * share) if share.any() else np.zeros_like(amount)
    if cases.own_self_pay is not None:
        first = first + cases.own_self_pay[number]
    scope: Fen = amount - first if over is None else amount - first - over
    if over is not None:
        found.over_limit += over
    found.first_self_pay += first
    found.in_scope += scope
    if trace.keep:
        own_self_pay = first - first if cases.own_self_pay is None else cases.own_self_pay[number]
        told = _Covered(amount, over, first, share, shared, own_self_pay)
        _note_covered(part, trace, rule, told, found.payable)
    return scope


@dataclass(frozen=True, slots=True)
class _Covered:
    """What is told of one covered class: of ``shared`` the class's ``share`` is paid first, of the
    lines that have a share or an amount of their own ``own_self_pay``."""

    amount: Fen
    over: Fen | None
    first: Fen
    share: Fen
    shared: Fen
    own_self_pay: Fen


def _note_covered(part: Part, trace: Trace, rule: BillClass, told: _Covered, payable: Mask) -> None:
    amount, over, first = told.amount, told.over, told.first
    at = np.arange(part.size)
    table = rule.shares
    assert table is not None
    if over is not None:
        trace.note(
            at,
            payable & (over > 0),
            "over_limit",
            name=f"{rule.name}超限价",
            article=rule.article,
            before=amount,
            after=amount - over,
            parameter=lambda i: yuan(int(over[i])),
            sentence=lambda i: f"{rule.name}中超过限价的{yuan(int(over[i]))}不在报销范围",
        )
    within = amount if over is None else amount - over
    trace.note(
        at,
        payable & (first > 0),
        "first_self_pay",
        name=f"{rule.name}先自付",
        article=lambda i: part.article(table, i),
        before=within,
        after=within - first,
        parameter=lambda i: _first_parameter(rule, told, i),
        sentence=lambda i: (
            f"{rule.name}{yuan(int(within[i]))}，{_first_words(part, rule, told, i)}"
            f"{_rest_words(int(within[i] - first[i]))}"
        ),
    )


def _first_parameter(rule: BillClass, told: _Covered, i: int) -> str:
    if rule.billed:
        return "按票据所列"
    if not told.own_self_pay[i]:
        return percent(int(told.share[i]))
    by_class = told.first[i] - told.own_self_pay[i]
    return f"逐项、{percent(int(told.share[i]))}" if by_class else "逐项"


def _first_words(part: Part, rule: BillClass, told: _Covered, i: int) -> str:
    """How what is paid first comes about: by the class's share, line by line, or by both."""
    assert rule.shares is not None
    first, own, share = int(told.first[i]), int(told.own_self_pay[i]), int(told.share[i])
    if rule.billed:
        return f"按票据所列先自付{yuan(first)}"
    within, shared = _within(told, i), int(told.shared[i])
    by_class = (
        f"{'' if shared == within else yuan(shared)}先自付{percent(share)}"
        f"{aside(row_words(part, rule.shares, i, fully=share == BASIS))}即{yuan(first - own)}"
    )
    if not own:
        return by_class if shared == within else f"其中{by_class}"
    by_line = f"{f'其中{yuan(within - shared)}' if shared else ''}逐项先自付{yuan(own)}"
    return f"{by_line}，{by_class}，合计先自付{yuan(first)}" if first > own else by_line


def _rest_words(rest: int) -> str:
    return f"，其余{yuan(rest)}进入报销范围" if rest else ""


def _within(told: _Covered, i: int) -> int:
    return int(told.amount[i]) if told.over is None else int(told.amount[i] - told.over[i])


def _note_in_scope(part: Part, trace: Trace, found: Sorted) -> None:
    """可报费用: what is left of the bill, said where anything was taken off."""
    outside = {
        "不在报销范围的": found.full_self_pay,
        "超过限价的": found.over_limit,
        "先自付的": found.first_self_pay,
    }
    trace.note(
        np.arange(part.size),
        found.payable & (found.in_scope < found.total),
        "in_scope",
        name="可报费用",
        article="",
        before=found.total,
        after=found.in_scope,
        parameter=lambda i: yuan(int(found.total[i] - found.in_scope[i])),
        sentence=lambda i: (
            f"总费用{yuan(int(found.total[i]))}，减去"
            + "、".join(f"{name}{yuan(int(each[i]))}" for name, each in outside.items() if each[i])
            + f"，可报费用{yuan(int(found.in_scope[i]))}"
        ),
    )


def _note_outside(part: Part, trace: Trace, rule: BillClass, amount: Fen, payable: Mask) -> None:
    # Who bears a self-pay class is not said: a package, a layer or the consent limit may yet.
    borne = rule.kind == "institution"
    trace.note(
        np.arange(part.size),
        (amount > 0) & (payable | borne),
        f"class_{rule.code}",
        name=rule.name,
        article=rule.article,
        before=amount,
        after=np.zeros_like(amount),
        parameter=lambda i: "0%",
        sentence=lambda i: (
            f"{rule.name}{yuan(int(amount[i]))}不在报销范围{'，由医疗机构负担' if borne else ''}"
        ),
    )


def _consent(part: Part, trace: Trace, found: Sorted) -> None:
    """目录外费用占比: point out, or take off the patient, what exceeds the consent limit."""
    rule = part.terms.bill.consent_limit
    if rule is None:
        return
    share = part.values(rule.ratios, missing=BASIS)
    allowed = half_up(found.total * share)
    own = found.full_self_pay - found.institution
    excess = np.maximum(own - allowed, 0)
    if rule.effect == "institution":
        found.institution += excess
    said = "由医疗机构负担" if rule.effect == "institution" else "提请稽核，本次结算不变"
    trace.note(
        np.arange(part.size),
        (excess > 0) & (found.payable | (rule.effect == "institution")),
        "consent_limit",
        name="目录外费用占比",
        article=lambda i: part.article(rule.ratios, i),
        before=own,
        after=own - excess if rule.effect == "institution" else own,
        parameter=lambda i: yuan(int(allowed[i])),
        sentence=lambda i: (
            f"目录外费用{yuan(int(own[i]))}超过总费用{yuan(int(found.total[i]))}的"
            f"{percent(int(share[i]))}{aside(row_words(part, rule.ratios, i))}"
            f"即{yuan(int(allowed[i]))}，超出{yuan(int(excess[i]))}{said}"
        ),
    )
