"""What a benefit pays beside or instead of a scheme: days, flat sums, packages, fees, wallets."""

from __future__ import annotations

import numpy as np

from claims.adjudication.caps import cap_payment, further_amount
from claims.adjudication.columns import Fen
from claims.adjudication.lookup import half_up
from claims.adjudication.trace import yuan
from claims.adjudication.work import Work
from policies.terms import Benefit, DaysLimit, Fee, Flat, Package


def limit_days(work: Work, rule: DaysLimit, base: Fen) -> Fen:
    """年住院天数限制: beyond the days that are left, the amount counts by its share of days."""
    fits = work.part.matches(rule.condition)
    days = work.part.number("days")
    left = np.maximum(rule.limit - work.usage.get(rule.counter, work.at), 0)
    counted = np.where(fits, np.minimum(days, left), days)
    work.usage.add(rule.counter, work.at, np.where(fits, counted, 0))
    limited = half_up(base * counted, days)
    work.trace.note(
        work.at,
        limited < base,
        "days_limit",
        name="年住院天数限制",
        article=rule.article,
        before=base,
        after=limited,
        parameter=lambda i: f"{rule.limit}天",
        sentence=lambda i: (
            f"本次{int(days[i])}天，年内还可计{int(left[i])}天，按天数计入{yuan(int(limited[i]))}"
        ),
    )
    return limited


def pay_flat(work: Work, rule: Flat) -> Fen:
    """定额: a sum per visit, day or baby, never more than was really spent unless it is a grant."""
    each = work.part.values(rule.amounts)
    times = _times(work, rule.per)
    granted = each if times is None else each * times
    if rule.further is not None:
        granted = granted + further_amount(work, rule.further)
    spent = work.in_scope if rule.base == "in_scope" else work.total
    if rule.base == "none":
        work.most = granted
    paid = granted if rule.base == "none" else np.minimum(granted, spent)
    _note_flat(work, rule, granted, spent, paid)
    return cap_payment(work, rule.caps, paid, rule.rounding)


def pay_flat_layer(work: Work, rule: Flat, base: Fen) -> Fen:
    """定额救助: the amount that stands for what the layer counts; where it adds up over the period,
    less what stood for the sum before this claim."""
    granted = work.part.values(rule.amounts)
    if work.earlier is not None:
        work.part.extra["base"], now = work.earlier, work.part.number("base")
        granted = np.maximum(granted - work.part.values(rule.amounts), 0)
        work.part.extra["base"] = now
    paid = np.minimum(granted, base)
    _note_flat(work, rule, granted, base, paid)
    return cap_payment(work, rule.caps, paid, rule.rounding)


def _times(work: Work, per: str) -> Fen | None:
    number = {"day": "days", "baby": "babies"}.get(per)
    return None if number is None else work.part.number(number)


def _note_flat(work: Work, rule: Flat, granted: Fen, spent: Fen, paid: Fen) -> None:
    against = "" if rule.base == "none" else "实际{}，"
    work.trace.note(
        work.at,
        np.ones(len(work.at), dtype=bool),
        "flat",
        name=work.label,
        article=lambda i: work.part.article(rule.amounts, i),
        before=spent,
        after=paid,
        parameter=lambda i: yuan(int(granted[i])),
        sentence=lambda i: (
            f"{work.label}{'定额' if rule.base == 'none' else '限额'}{yuan(int(granted[i]))}，"
            f"{against.format(yuan(int(spent[i])))}支付{yuan(int(paid[i]))}"
        ),
    )


def pay_package(work: Work, rule: Package) -> tuple[Fen, Fen]:
    """单病种定额、床日定额: (fund payment, what the institution bears above the agreed price)."""
    price = work.part.values(rule.prices)
    times = _times(work, rule.per)
    if times is not None:
        price = price * times
    ratio = work.part.values(rule.ratios)
    counted = np.minimum(price, work.total)
    paid = half_up(counted * ratio)
    excess = work.total - counted
    days = "" if times is None else "（{}天）"
    work.trace.note(
        work.at,
        np.ones(len(work.at), dtype=bool),
        "package",
        name=work.label,
        article=lambda i: work.part.article(rule.prices, i),
        before=work.total,
        after=paid,
        parameter=lambda i: yuan(int(price[i])),
        sentence=lambda i: (
            f"{work.label}定额{yuan(int(price[i]))}"
            f"{'' if times is None else days.format(int(times[i]))}，"
            f"基金支付{yuan(int(paid[i]))}，"
            f"超出定额的{yuan(int(excess[i]))}由医疗机构负担"
        ),
    )
    return cap_payment(work, rule.caps, paid, rule.rounding), excess


def pay_fees(work: Work, benefit: Benefit) -> Fen:
    """一般诊疗费: up to its fixed amount, outside deductible, ratio and caps."""
    total = work.zeros()
    for fee in benefit.fees:
        scope = work.scope_of[fee.bill_class]
        paid = np.minimum(scope, work.part.values(fee.amounts))
        _note_fee(work, fee, scope, paid)
        total = total + paid
    return total


def _note_fee(work: Work, fee: Fee, scope: Fen, paid: Fen) -> None:
    work.trace.note(
        work.at,
        scope > 0,
        "fee",
        name=fee.name,
        article=lambda i: work.part.article(fee.amounts, i),
        before=scope,
        after=paid,
        parameter=lambda i: yuan(int(work.part.values(fee.amounts)[i])),
        sentence=lambda i: f"{fee.name}{yuan(int(scope[i]))}，基金支付{yuan(int(paid[i]))}",
    )


def pay_from_wallet(work: Work, counter: str, paid: Fen) -> None:
    """待遇从余额中支付: the balance, which the payment was limited to, goes down by it."""
    balance = np.maximum(work.usage.get(counter, work.at), 0)
    work.usage.add(counter, work.at, paid)
    title = work.part.terms.counters[counter].title
    work.trace.note(
        work.at,
        work.in_scope > 0,
        "wallet",
        name=title,
        article=work.article,
        before=balance,
        after=balance - paid,
        parameter=lambda i: yuan(int(balance[i])),
        sentence=lambda i: (
            f"{title}{yuan(int(balance[i]))}，支付{yuan(int(paid[i]))}，"
            f"余{yuan(int(balance[i] - paid[i]))}"
        ),
    )
