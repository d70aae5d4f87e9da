"""A long stay settled in parts (中途结算): each part pays what the bill so far adds. Pure.

A part is the whole stay up to its day less the whole stay up to the day before it, both judged by
what everybody else has used by now. So the deductible is borne once, segments, days and ceilings go
on where the last part left off, and the parts together are what one settlement would have paid. Had
the parts been taken from what was paid, a bill settled in between (which counted on what an earlier
part had used up) would be counted again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from claims.adjudication import Decision
from claims.adjudication.cases import UsageChange
from lib.money import to_yuan, told
from policies.terms import Step

# Every amount of a decision, in fen.
AMOUNTS = tuple(
    each.name for each in fields(Decision) if each.type == "int" and each.name != "ratio"
)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """An earlier part as it was settled: its number and day, what the fund paid (fen)."""

    number: str
    charged_to: date
    fund_pay: int


def difference(
    whole: Decision, before: Decision, earlier: Sequence[Paid], used: Mapping[str, int]
) -> Decision:
    """What the part pays. `used`: counters as they stand, with what earlier parts put in."""
    amounts = {name: getattr(whole, name) - getattr(before, name) for name in AMOUNTS}
    codes = [*whole.layers, *(code for code in before.layers if code not in whole.layers)]
    return replace(
        whole,
        **amounts,
        layers={code: whole.layers.get(code, 0) - before.layers.get(code, 0) for code in codes},
        changes=tuple(_changes(whole.changes, before.changes, used)),
        steps=(*whole.steps, _less(whole, before, earlier)),
        written=(*whole.written, *before.written),
    )


def short_of(part: Decision) -> str:
    """What the bill so far takes back of what earlier parts paid, in words; "" when nothing.

    Some measures pay less for more: nothing can be paid back by a settlement.
    """
    named = {
        "基金支付": min([part.fund_pay, *part.layers.values()]),
        "个人现金": part.cash,
        "符合政策范围金额": part.in_scope,
        "全自费": part.full_self_pay - part.borne,
        "医院负担": min(part.borne, part.hospital_part - part.borne),
        "定额补助超过费用": part.beyond,
    }
    return "、".join(name for name, fen in named.items() if fen < 0)


def _changes(
    whole: Iterable[UsageChange], before: Iterable[UsageChange], used: Mapping[str, int]
) -> Iterable[UsageChange]:
    known = {(each.counter, each.owner): each for each in (*before, *whole)}
    moved = dict.fromkeys(known, 0)
    for sign, changes in ((1, whole), (-1, before)):
        for each in changes:
            moved[each.counter, each.owner] += sign * each.delta
    for key, delta in moved.items():
        if delta:
            start = used.get(key[0], 0)
            yield replace(known[key], before=start, after=start + delta)


def _less(whole: Decision, before: Decision, earlier: Sequence[Paid]) -> Step:
    """The last line of the sheet: how this part follows from the stay so far."""
    listed = "、".join(
        f"{each.number}（截至{each.charged_to}）{_yuan(each.fund_pay)}" for each in earlier
    )
    paid = sum(each.fund_pay for each in earlier)
    now = whole.fund_pay - before.fund_pay
    apart = (
        f"（其间另有结算，按现在的累计应为{_yuan(before.fund_pay)}）"
        if paid != before.fund_pay
        else ""
    )
    return Step(
        code="interim",
        name="减此前中途结算",
        article="",
        before=whole.fund_pay,
        after=now,
        parameter=f"{len(earlier)}次",
        sentence=(
            f"以上按入院以来全部费用{_yuan(whole.total)}计算，基金应支付{_yuan(whole.fund_pay)}；"
            f"此前中途结算{len(earlier)}次，{listed}，合计{_yuan(paid)}{apart}，"
            f"本次费用{_yuan(whole.total - before.total)}，本次支付{_yuan(now)}，"
            f"累计支付{_yuan(paid + now)}"
        ),
    )


def _yuan(fen: int) -> str:
    return f"{told(to_yuan(fen))}元"
