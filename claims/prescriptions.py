"""What an outpatient bill holds beyond the limits of one prescription (大足办法 第三十一条). Pure.

A bill is read as one prescription. Examinations do not count towards the amount: the article says
so of township hospitals, and a county hospital's 40 yuan can mean nothing else. Which medicine is
an antibiotic the catalogue says, how many days one lasts the bill where it tells it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib.money import to_yuan, told
from policies.terms import PrescriptionLimits, Subject, Terms

DRUGS = frozenset({"western_drug", "chinese_drug", "herbal_drug"})
# 中药饮片: a decoction of a dozen herbs is one medicine.
DECOCTION = "herbal_drug"
# 门诊慢特病 of the national kinds of care (med_type): the article's 慢性病处方.
CHRONIC = "14"
EXAMINATIONS = frozenset({"examination", "special_examination", "laboratory"})


@dataclass(frozen=True)
class Prescribed:
    """One line: what it is, its fee category, fen; `days` that it lasts, None where not told."""

    name: str
    category: str
    amount: int
    is_antibiotic: bool = False
    days: int | None = None


def cares_with_days(terms: Terms) -> list[str]:
    """The kinds of care of whose medicines the measures ask how long they last."""
    return [care.code for care in terms.cares.values() if terms.prescriptions and not care.bed]


def beyond_limits(terms: Terms, *, care: str, level: str, lines: Iterable[Prescribed]) -> list[str]:
    """What to tell the hospital and the reviewer; nothing where the measures set no limits or the
    care takes a bed."""
    limits, kind = terms.prescriptions, terms.cares.get(care)
    if limits is None or kind is None or kind.bed:
        return []
    is_chronic = kind.med_type.startswith(CHRONIC)
    rows = list(lines)
    found = []
    drugs = {
        DECOCTION if row.category == DECOCTION else row.name
        for row in rows
        if row.category in DRUGS
    }
    if len(drugs) > limits.max_drugs:
        found.append(
            f"药品 {len(drugs)} 种，单张处方不超过 {limits.max_drugs} 种（{limits.article}）"
        )
    kinds = {row.name for row in rows if row.is_antibiotic}
    if len(kinds) > limits.max_antibiotics:
        found.append(
            f"抗菌药物 {len(kinds)} 种（{'、'.join(sorted(kinds))}），"
            f"单张处方不超过 {limits.max_antibiotics} 种（{limits.article}）"
        )
    found += _too_long(limits, rows, is_chronic=is_chronic)
    row = limits.amounts.find(Subject(categories={"level": level, "care": care}))
    amount = sum(each.amount for each in rows if each.category not in EXAMINATIONS)
    if row is not None and amount > row.value:
        found.append(
            f"处方 {told(to_yuan(amount))} 元（不含检查化验），这一级机构单张不超过"
            f" {told(to_yuan(row.value))} 元（{row.article or limits.article}）"
        )
    return found


def _too_long(
    limits: PrescriptionLimits, rows: Iterable[Prescribed], *, is_chronic: bool
) -> Iterator[str]:
    """One sentence for all medicines that last longer than the article allows."""
    most = limits.max_days_chronic if is_chronic else limits.max_days
    long = {row.name: row.days for row in rows if row.category in DRUGS and (row.days or 0) > most}
    if long:
        told_days = "、".join(f"{name} {days} 天" for name, days in sorted(long.items()))
        kind = "慢性病处方" if is_chronic else "单张门诊处方"
        yield f"{told_days}，{kind}用药量不超过 {most} 天（{limits.article}）"
