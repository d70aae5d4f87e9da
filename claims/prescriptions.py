"""What an outpatient bill holds beyond the limits of one prescription (大足办法 第三十一条). Pure.

A bill is read as one prescription. Examinations do not count towards the amount: the article says
so of township hospitals, and a county hospital's 40 yuan can mean nothing else. Which medicine is
an antibiotic the catalogue says. How many days one lasts bills do not say: that is not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lib.money import to_yuan, told
from policies.terms import Subject, Terms

DRUGS = frozenset({"western_drug", "chinese_drug", "herbal_drug"})
# 中药饮片: a decoction of a dozen herbs is one medicine.
DECOCTION = "herbal_drug"
EXAMINATIONS = frozenset({"examination", "special_examination", "laboratory"})


@dataclass(frozen=True)
class Prescribed:
    """One line: what it is, its fee category, fen."""

    name: str
    category: str
    amount: int
    is_antibiotic: bool = False


def beyond_limits(terms: Terms, *, care: str, level: str, lines: Iterable[Prescribed]) -> list[str]:
    """What to tell the hospital and the reviewer; nothing where the measures set no limits or the
    care takes a bed."""
    limits, kind = terms.prescriptions, terms.cares.get(care)
    if limits is None or kind is None or kind.bed:
        return []
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
    row = limits.amounts.find(Subject(categories={"level": level, "care": care}))
    amount = sum(each.amount for each in rows if each.category not in EXAMINATIONS)
    if row is not None and amount > row.value:
        found.append(
            f"处方 {told(to_yuan(amount))} 元（不含检查化验），这一级机构单张不超过"
            f" {told(to_yuan(row.value))} 元（{row.article or limits.article}）"
        )
    return found
