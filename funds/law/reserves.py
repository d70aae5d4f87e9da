"""风险基金: what a year sets aside, and what of a reserve that was used is put back later."""

from datetime import date
from decimal import Decimal

from funds.balances import account_balances
from funds.chart import HOUSEHOLDS, RESERVE
from funds.events import RESERVES
from funds.law.working import (
    Step,
    Working,
    before_year,
    by_code,
    cited,
    credit_balance,
    of_year,
    percent,
    postings,
    raised,
    rules_of,
)
from funds.models import ZERO, Book
from funds.services.posting import EventLine
from lib.money import half_up, to_fen, to_yuan, told
from policies.fund_rules import WHOLE, is_full, reserve_extraction
from policies.terms import Reserve


def set_aside(book: Book, year: int, on: date) -> Working:
    """What the measures ask of the year's funds so far, less what was set aside for the year.

    A reserve with a stop is compared, without what this year set aside, with the same funds. Each
    reserve rounds to the fen.
    """
    terms, rules = rules_of(book, year)
    base = raised(book, year)
    drawn = by_code(of_year(book, year).filter(voucher__event="reserve_drawn"))
    stands = by_code(postings(book).filter(account__code__startswith=RESERVE))
    before = {
        one.code: to_fen(_at(stands, one.code) - _at(drawn, one.code)) for one in rules.reserves
    }
    wanted = reserve_extraction(
        terms, income=to_fen(base), balances=before, fund_total=to_fen(base)
    )
    steps = [Step(f"{year}年度筹资（保费、资助、财政补助）", base)]
    lines = []
    for one in rules.reserves:
        done, asked = _at(drawn, one.code), to_yuan(wanted[one.code])
        due = asked - done
        steps += _set_aside_steps(one, base, before[one.code], asked, done)
        if due > 0:
            lines.append(EventLine(due, purpose=one.code, policy_year=year))
        elif due < 0 and asked:
            steps.append(
                Step(f"{one.name}多提", -due, "筹资减少；可红冲原凭证后重新提取", one.article)
            )
    return Working(
        event="reserve_drawn",
        year=year,
        law=cited(terms, *(one.article for one in rules.reserves)),
        source=f"{year}年度筹资 {told(base)} 元",
        steps=tuple(steps),
        lines=tuple(lines),
        nothing=f"{year}年度没有应提取的风险基金：已按筹资 {told(base)} 元提足"
        if rules.reserves
        else f"《{terms.title}》没有规定提取风险基金",
    )


def asked_of_year(book: Book, year: int, on: date) -> Decimal:
    """What the reserves take of the year's funds: set aside already, and due."""
    done = of_year(book, year).filter(
        voucher__event="reserve_drawn", account__code__startswith=RESERVE
    )
    return credit_balance(done) + set_aside(book, year, on).total


def _set_aside_steps(
    one: Reserve, base: Decimal, before: int, asked: Decimal, done: Decimal
) -> list[Step]:
    steps = []
    if one.stop_ratio is not None:
        ceiling = _ceiling(base, one.stop_ratio)
        said = "已超过，不再提取" if is_full(one, before, to_fen(base)) else "未超过，继续提取"
        there = f"以前提取现有 {told(to_yuan(before))} 元，{said}"
        how = f"筹资 × {percent(one.stop_ratio)}；{there}"
        steps.append(Step(f"{one.name}停提线", ceiling, how, one.article))
    steps.append(Step(f"{one.name}应提", asked, f"筹资 × {percent(one.ratio)}", one.article))
    if done:
        steps.append(Step(f"{one.name}本年已提", done))
    return steps


def refill(book: Book, year: int, on: date) -> Working:
    """What was used of the reserves for earlier years and has not been put back: out of what the
    pool has on the day, and not beyond a reserve's stop."""
    terms, rules = rules_of(book, year)
    base = raised(book, year)
    used = by_code(before_year(book, year).filter(voucher__event="reserve_used"))
    back = by_code(postings(book).filter(voucher__event="reserve_refilled"))
    stands = by_code(postings(book).filter(account__code__startswith=RESERVE))
    left = pool = pool_on(book, on)
    steps = [Step("统筹基金现有（资产减负债、风险基金、门诊账户）", pool)]
    lines = []
    for code, account in RESERVES.accounts.items():
        owed = -_at(used, code) - _at(back, code)
        if owed <= 0:
            continue
        reserve = next((one for one in rules.reserves if one.code == code), None)
        name = reserve.name if reserve else "年终结余转入"
        steps.append(Step(f"{name}以前年度动用未补足", owed))
        room = owed
        if reserve is not None and reserve.stop_ratio is not None:
            ceiling = _ceiling(base, reserve.stop_ratio)
            room = max(ZERO, ceiling - stands.get(account, ZERO))
            steps.append(
                Step(f"{name}距停提线", room, f"筹资 × {percent(reserve.stop_ratio)} 减现有")
            )
        amount = min(owed, room, max(ZERO, left))
        left -= amount
        if amount > 0:
            lines.append(EventLine(amount, purpose=code, policy_year=year))
    return Working(
        event="reserve_refilled",
        year=year,
        law=cited(terms, rules.refill_article),
        source=f"{year}年度补足以前年度动用",
        steps=tuple(steps),
        lines=tuple(lines) if rules.refill_article else (),
        nothing=_nothing_to_refill(bool(rules.refill_article), len(steps) > 1),
    )


def _nothing_to_refill(is_asked: bool, is_owed: bool) -> str:
    if not is_asked:
        return "办法没有规定动用后补足"
    return "统筹基金或停提线不容再补" if is_owed else "没有以前年度动用而未补足的风险基金"


def pool_on(book: Book, on: date) -> Decimal:
    """What the book has beyond debts, reserves and the households' accounts."""
    balances = account_balances(area=book.area, through=on, fund_type=book.fund_type)
    total = ZERO
    for one in balances:
        if one.kind == "asset":
            total += one.closing
        elif one.kind == "liability" or one.code.startswith(RESERVE) or one.code == HOUSEHOLDS:
            total -= one.closing
    return total


def _ceiling(base: Decimal, ratio: int) -> Decimal:
    return to_yuan(half_up(to_fen(base) * ratio, WHOLE))


def _at(sums: dict[str, Decimal], code: str) -> Decimal:
    """Of a reserve by its code in the measures."""
    return sums.get(RESERVES.accounts.get(code, ""), ZERO)
