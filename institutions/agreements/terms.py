"""What an agreement promises in numbers (协议指标). Pure: no Django, no clock.

Kept as whole hundredths: of a percent, of a yuan, of a day. Which of them an agreement has, and how
high, is between the county and the institution; what the county's measures say for every
institution of a level (大足办法 第三十条、第三十一条) stands in its pack and need not be repeated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Term:
    """`most`: above it the number was mistyped; in the unit."""

    code: str
    name: str
    unit: str
    most: int


# 质量保证金: kept back of every month, given back by the year's assessment; agreements that are
# published keep 5 % or 10 % (domain.md 6.4).
DEPOSIT = Term("deposit", "质量保证金", "%", 30)
OFF_CATALOGUE = Term("off_catalogue", "目录外费用占比", "%", 100)
DRUGS = Term("drugs", "药品费用占比", "%", 100)
STAY_COST = Term("stay_cost", "次均住院费用", "元", 1_000_000)
STAY_DAYS = Term("stay_days", "平均住院日", "天", 365)
VISIT_COST = Term("visit_cost", "次均门诊费用", "元", 100_000)
PRESCRIPTION = Term("prescription", "单张处方金额", "元", 10_000)
TERMS = (DEPOSIT, OFF_CATALOGUE, DRUGS, STAY_COST, STAY_DAYS, VISIT_COST, PRESCRIPTION)
BY_CODE = {term.code: term for term in TERMS}


def kept(values: Mapping[str, Decimal | None]) -> dict[str, int]:
    """What was typed in units as it is kept; what was left empty is not there. ValueError names the
    code of a number with more than two decimals or beyond what it can be."""
    found = {}
    for term in TERMS:
        value = values.get(term.code)
        if value is None:
            continue
        hundredths = value * HUNDREDTHS
        if hundredths != int(hundredths) or not 0 <= value <= term.most:
            raise ValueError(term.code)
        if term is DEPOSIT and hundredths % HUNDREDTHS:
            raise ValueError(term.code)  # a statement keeps whole percents
        found[term.code] = int(hundredths)
    return found


def shown(terms: Mapping[str, int]) -> list[tuple[str, str]]:
    """Name and value of what was agreed, in the order of the form: 质量保证金, 5 %."""
    return [(term.name, told(term, terms[term.code])) for term in TERMS if term.code in terms]


def typed(terms: Mapping[str, int]) -> dict[str, Decimal]:
    """As a form shows them."""
    return {code: Decimal(value) / HUNDREDTHS for code, value in terms.items() if code in BY_CODE}


def told(term: Term, value: int) -> str:
    whole, rest = divmod(value, HUNDREDTHS)
    number = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
    return f"{number} {term.unit}"
