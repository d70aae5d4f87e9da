"""What a benefit pays beside or instead of a scheme: days, flat sums, packages, fees, wallets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from claims.adjudication.caps import cap_payment, further_amount, further_words
from claims.adjudication.columns import Fen
from claims.adjudication.lookup import half_up
from claims.adjudication.telling import aside, row_words
from claims.adjudication.trace import Told, percent, yuan
from claims.adjudication.work import Work
from policies.terms import Benefit, DaysLimit, Fee, Flat, Package
from policies.terms.pack import Period

PERIODS: Mapping[Period, str] = {
    "year": "一年",
    "quarter": "一季",
    "month": "一个月",
    "week": "一周",
    "day": "一天",
    "life": "终身",
}

WALLET = "wallet"  # the step of a benefit that is paid from a balance


def limit_days(work: Work, rule: DaysLimit, base: Fen) -> Fen:
    """年住院天数限制: beyond the days that are left, the amount counts by its share of days."""
    fits = work.part.matches(rule.condition)
    days = work.part.number("days")
    used = work.usage.get(rule.counter, work.at)
    left = np.maximum(rule.limit - used, 0)
    period = PERIODS[work.part.terms.counters[rule.counter].period]
    counted = np.where(fits, np.minimum(days, left), days)
    work.usage.add(rule.counter, work.at, np.where(fits, counted, 0))
    limited = half_up(base * counted, days)
    work.note(
        Told(
            "days_limit", "年住院天数限制", rule.article, base, limited, lambda i: f"{rule.limit}天"
        ),
        lambda i: (
            f"{period}最多{rule.limit}天，此前已计{int(used[i])}天，还可计{int(left[i])}天，"
            f"本次{int(days[i])}天，"
            f"{yuan(int(base[i]))}按{int(counted[i])}天计入{yuan(int(limited[i]))}"
        ),
        when=limited < base,
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
    granting = rule.base == "none"
    work.note(
        Told("flat", work.label, work.cited(rule.amounts), spent, paid, granted),
        lambda i: (
            f"{work.label}{'定额' if granting else '限额'}{yuan(int(granted[i]))}"
            f"{_flat_words(work, rule, each, times, i)}，"
            f"{'' if granting else f'实际{yuan(int(spent[i]))}，'}支付{yuan(int(paid[i]))}"
        ),
    )
    return cap_payment(work, rule.caps, paid, rule.rounding)


def _flat_words(work: Work, rule: Flat, each: Fen, times: Fen | None, i: int) -> str:
    """Whom the amount is for, and what makes it: days or babies, and further ones."""
    one, said = int(each[i]), ""
    if times is not None:
        unit = {"day": "天", "baby": "个婴儿"}[rule.per]
        said = f"每{unit}{yuan(one)}，{int(times[i])}{unit}共{yuan(one * int(times[i]))}"
    if rule.further is not None and (more := int(further_amount(work, rule.further)[i])):
        words = further_words(work, rule.further, i)
        said = f"{said or yuan(one)}，加{yuan(more)}（{words}）"
    return aside(row_words(work.part, rule.amounts, i, fully=not one), said)


def pay_flat_layer(work: Work, rule: Flat, base: Fen) -> Fen:
    """定额救助: the amount that stands for what the layer counts; where it adds up over the period,
    less what stood for the sum before this claim."""
    now = granted = work.part.values(rule.amounts)
    earlier = work.zeros()
    if work.earlier is not None:
        work.part.extra["base"], summed = work.earlier, work.part.number("base")
        earlier = work.part.values(rule.amounts)
        work.part.extra["base"] = summed
        granted = np.maximum(now - earlier, 0)
    paid = np.minimum(granted, base)

    def words(i: int) -> str:
        less = f"{yuan(int(now[i]))}减去此前的{yuan(int(earlier[i]))}" if earlier[i] else ""
        return aside(row_words(work.part, rule.amounts, i, fully=not now[i]), less)

    work.note(
        Told("flat", work.label, work.cited(rule.amounts), base, paid, granted),
        lambda i: (
            f"{work.label}定额{yuan(int(granted[i]))}{words(i)}，"
            f"{'以计入的费用为限，' if paid[i] < granted[i] else ''}支付{yuan(int(paid[i]))}"
        ),
    )
    return cap_payment(work, rule.caps, paid, rule.rounding)


def _times(work: Work, per: str) -> Fen | None:
    number = {"day": "days", "baby": "babies"}.get(per)
    return None if number is None else work.part.number(number)


def pay_package(work: Work, rule: Package, borne: Fen) -> tuple[Fen, Fen]:
    """单病种定额、床日定额: (fund payment, what the institution bears above the agreed price).

    ``borne``: what it bears already, which counts toward that.
    """
    each = work.part.values(rule.prices)
    times = _times(work, rule.per)
    price = each if times is None else each * times
    ratio = work.part.values(rule.ratios)
    counted = np.minimum(price, work.total)
    paid = half_up(counted * ratio)
    excess = work.total - counted

    def priced(i: int) -> str:
        days = "" if times is None else f"每天{yuan(int(each[i]))}，{int(times[i])}天"
        return aside(row_words(work.part, rule.prices, i), days)

    def rest(i: int) -> str:
        if not excess[i]:
            return ""
        already = min(int(borne[i]), int(excess[i]))
        counted = f"，其中前面已列{yuan(already)}" if already else ""
        return f"，超出定额的{yuan(int(excess[i]))}由医疗机构负担{counted}"

    def whole(i: int) -> str:
        return "" if excess[i] else f"，实际{yuan(int(work.total[i]))}"

    work.note(
        Told("package", work.label, work.cited(rule.prices), work.total, paid, price),
        lambda i: (
            f"{work.label}定额{yuan(int(price[i]))}{priced(i)}{whole(i)}，"
            f"{yuan(int(counted[i]))}按{percent(int(ratio[i]))}"
            f"{aside(row_words(work.part, rule.ratios, i, fully=not ratio[i]))}"
            f"计算，基金支付{yuan(int(paid[i]))}{rest(i)}"
        ),
    )
    return cap_payment(work, rule.caps, paid, rule.rounding), excess


def pay_fees(work: Work, benefit: Benefit) -> Fen:
    """一般诊疗费: up to its fixed amount, outside deductible, ratio and caps."""
    total = work.zeros()
    for fee in benefit.fees:
        scope = work.scope_of[fee.bill_class]
        paid = np.minimum(scope, work.part.values(fee.amounts))
        if work.trace.keep:
            _note_fee(work, fee, scope, paid)
        total = total + paid
    return total


def _note_fee(work: Work, fee: Fee, scope: Fen, paid: Fen) -> None:
    most = work.part.values(fee.amounts)
    work.note(
        Told("fee", fee.name, work.cited(fee.amounts), scope, paid, most),
        lambda i: (
            f"{fee.name}{yuan(int(scope[i]))}，最多支付{yuan(int(most[i]))}"
            f"{aside(row_words(work.part, fee.amounts, i))}，基金支付{yuan(int(paid[i]))}"
        ),
        when=scope > 0,
    )


def pay_from_wallet(work: Work, counter: str, paid: Fen) -> None:
    """待遇从余额中支付: the balance, which the payment was limited to, goes down by it."""
    balance = np.maximum(work.usage.get(counter, work.at), 0)
    work.usage.add(counter, work.at, paid)
    title = work.part.terms.counters[counter].title
    work.note(
        Told(WALLET, title, work.article, balance, balance - paid, balance),
        lambda i: (
            f"{title}{yuan(int(balance[i]))}，支付{yuan(int(paid[i]))}，"
            f"余{yuan(int(balance[i] - paid[i]))}"
        ),
        when=work.in_scope > 0,
    )
