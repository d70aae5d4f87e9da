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
from claims.adjudication.trace import Told, Trace, percent, yuan
from lib import money
from policies.terms import DIMENSION_NAMES, BillClass, ConsentLimit, Subject, Terms

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


def line_parts(item: BillItem, terms: Terms, subject: Subject) -> tuple[int, int, int]:
    """Of one line (fen) what is above its limit, what is paid first, and what is in the scope; of
    a class outside the scope nothing is. Rounded by itself, so lines of a class that is shared out
    as a whole may differ from it by a fen."""
    rule = terms.bill.classes[item.bill_class]
    if rule.kind != "covered":
        return 0, 0, 0
    over = max(0, item.amount - _line_limit(item, rule, subject))
    within, share = item.amount - over, _line_share(item, rule)
    if rule.billed:
        first = min(item.self_pay or 0, within)
    else:
        if share is None and rule.shares is not None:
            row = rule.shares.find(subject)
            share = BASIS if row is None else row.value
        first = money.half_up(within * (share or 0), BASIS)
    return over, first, within - first


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
        cut_institution=first.cut_institution + second.cut_institution,
        cut_patient=first.cut_patient + second.cut_patient,
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

    ``allowed`` is ``total`` without what a reviewer cut: no rule pays by more than that.
    ``outside`` is what the classes leave outside the scope, ``full_self_pay`` that and what a
    reviewer cut; of it ``institution`` is not the patient's.

    ``payable``: the claims that are told how; of one refused only what the institution bears.
    """

    total: Fen
    allowed: Fen
    outside: Fen
    cut_institution: Fen
    cut_patient: Fen
    over_limit: Fen
    first_self_pay: Fen
    in_scope: Fen
    institution: Fen
    scope_of: dict[str, Fen]
    payable: Mask

    @property
    def full_self_pay(self) -> Fen:
        whole: Fen = self.outside + self.cut_institution + self.cut_patient
        return whole


def sort_bills(part: Part, trace: Trace, keep: frozenset[str], payable: Mask) -> Sorted:
    """Sort every bill of the batch; the per-class amounts are kept for the classes ``keep``.

    ``payable``: the claims that are not refused.
    """
    zero = np.zeros(part.size, dtype=np.int64)
    cut_institution, cut_patient = part.cases.cut_institution, part.cases.cut_patient
    allowed = part.cases.allowed
    found = Sorted(
        total=part.cases.with_cuts(allowed),
        allowed=allowed,
        outside=zero.copy(),
        cut_institution=zero if cut_institution is None else cut_institution,
        cut_patient=zero if cut_patient is None else cut_patient,
        over_limit=zero.copy(),
        first_self_pay=zero.copy(),
        in_scope=zero.copy(),
        institution=zero.copy(),
        scope_of={},
        payable=payable,
    )
    consent = _consent(part, found.total)
    # What leads to an amount that the institution bears is told of a refused claim too.
    told = payable if consent is None else payable | (consent.borne > 0)
    for number, rule in enumerate(part.terms.bill.classes.values()):
        amount = part.cases.amounts[number]
        if rule.kind == "covered":
            scope = _covered(part, trace, rule, number, found)
            if rule.code in keep:
                found.scope_of[rule.code] = scope
            continue
        if not amount.any():
            continue
        found.outside += amount
        if rule.kind == "institution":
            found.institution += amount
        _note_outside(part, trace, rule, amount, told)
    if consent is not None:
        found.institution += consent.borne
        _note_consent(part, trace, consent, found.total, told)
    _cuts(part, trace, found)
    _note_in_scope(part, trace, found)
    return found


def _covered(part: Part, trace: Trace, rule: BillClass, number: int, found: Sorted) -> Fen:
    cases = part.cases
    amount: Fen = cases.amounts[number]
    assert rule.shares is not None
    if not amount.any():  # most claims have bills of a few classes
        return amount
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
            Told("over_limit", f"{rule.name}超限价", rule.article, amount, amount - over, over),
            lambda i: f"{rule.name}中超过限价的{yuan(int(over[i]))}不在报销范围",
            when=payable & (over > 0),
        )
    within = amount if over is None else amount - over
    trace.note(
        at,
        Told(
            "first_self_pay",
            f"{rule.name}先自付",
            lambda i: part.article(table, i),
            within,
            within - first,
            lambda i: _first_parameter(rule, told, i),
        ),
        lambda i: (
            f"{rule.name}{yuan(int(within[i]))}，{_first_words(part, rule, told, i)}"
            f"{_rest_words(int(within[i] - first[i]))}"
        ),
        when=payable & (first > 0),
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
        "不在报销范围的": found.outside,
        "审核核减的": found.cut_institution + found.cut_patient,
        "超过限价的": found.over_limit,
        "先自付的": found.first_self_pay,
    }
    trace.note(
        np.arange(part.size),
        Told(
            "in_scope",
            "可报费用",
            "",
            found.total,
            found.in_scope,
            lambda i: yuan(int(found.total[i] - found.in_scope[i])),
        ),
        lambda i: (
            f"总费用{yuan(int(found.total[i]))}，减去"
            + "、".join(f"{name}{yuan(int(each[i]))}" for name, each in outside.items() if each[i])
            + f"，可报费用{yuan(int(found.in_scope[i]))}"
        ),
        when=found.payable & (found.in_scope < found.total),
    )


def _note_outside(part: Part, trace: Trace, rule: BillClass, amount: Fen, told: Mask) -> None:
    # Who bears a self-pay class is not said: a package, a layer or the consent limit may yet.
    borne = rule.kind == "institution"
    trace.note(
        np.arange(part.size),
        Told(
            f"class_{rule.code}",
            rule.name,
            rule.article,
            amount,
            np.zeros_like(amount),
            lambda i: "0%",
        ),
        lambda i: (
            f"{rule.name}{yuan(int(amount[i]))}不在报销范围{'，由医疗机构负担' if borne else ''}"
        ),
        when=(amount > 0) & (told | borne),
    )


@dataclass(frozen=True, slots=True)
class _Consent:
    """What of a bill is ``own`` of the patient, how much of it is ``allowed``, the ``excess`` and
    what of that the institution has ``borne``."""

    rule: ConsentLimit
    share: Fen
    own: Fen
    allowed: Fen
    excess: Fen
    borne: Fen


def _consent(part: Part, total: Fen) -> _Consent | None:
    """目录外费用占比: what exceeds the consent limit is taken off the patient, or pointed out."""
    rule = part.terms.bill.consent_limit
    if rule is None:
        return None
    own = np.zeros_like(total)
    for number, each in enumerate(part.terms.bill.classes.values()):
        if each.kind == "self_pay":
            own += part.cases.amounts[number]
    share = part.values(rule.ratios, missing=BASIS)
    allowed = half_up(total * share)
    excess = np.maximum(own - allowed, 0)
    borne = excess if rule.effect == "institution" else np.zeros_like(total)
    return _Consent(rule, share, own, allowed, excess, borne)


def _note_consent(part: Part, trace: Trace, found: _Consent, total: Fen, told: Mask) -> None:
    if found.rule.effect != "institution" and part.cases.answerable is not None:
        told = told & part.cases.answerable  # nobody audits a hospital without an agreement
    said = "由医疗机构负担" if found.rule.effect == "institution" else "提请稽核，本次结算不变"
    trace.note(
        np.arange(part.size),
        Told(
            "consent_limit",
            "目录外费用占比",
            lambda i: part.article(found.rule.ratios, i),
            found.own,
            found.own - found.borne,
            found.allowed,
        ),
        lambda i: (
            f"目录外费用{yuan(int(found.own[i]))}超过总费用{yuan(int(total[i]))}的"
            f"{percent(int(found.share[i]))}{aside(row_words(part, found.rule.ratios, i))}"
            f"即{yuan(int(found.allowed[i]))}，超出{yuan(int(found.excess[i]))}{said}"
        ),
        when=(found.excess > 0) & told,
    )


def _cuts(part: Part, trace: Trace, found: Sorted) -> None:
    """审核核减: what a reviewer did not allow, borne as the reason for it says."""
    found.institution += found.cut_institution
    _note_cut(part, trace, found.cut_institution, "institution", "医疗机构")
    _note_cut(part, trace, found.cut_patient, "self_pay", "个人")


def _note_cut(part: Part, trace: Trace, amount: Fen, kind: str, bearer: str) -> None:
    classes = part.terms.bill.classes.values()
    trace.note(
        np.arange(part.size),
        Told(
            f"cut_{kind}",
            "审核核减",
            next((rule.article for rule in classes if rule.kind == kind), ""),
            amount,
            np.zeros_like(amount),
            lambda i: "0%",
        ),
        lambda i: f"审核核减{yuan(int(amount[i]))}不在报销范围，由{bearer}负担",
        when=amount > 0,
    )
