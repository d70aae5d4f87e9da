"""What can be analysed: the indicators of the month report, and what it shows beside them.

A measure is an `Indicator` (name, unit, numerator, denominator, time basis, source), here with what
has to be read for it. To add one: its row here; `tests/reports/analysis/test_measures.py` compares
it with the report of the month.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reports.indicators import (
    ACCOUNT_USED,
    COST,
    ENROLLED,
    INDICATORS,
    TRADE,
    VISITS,
    Indicator,
    Part,
)

# Settlements, covers, household accounts with their grants, postings of premiums.
Source = Literal["care", "cover", "accounts", "books"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`group`: the heading under which it is offered; `reads`: what its parts are summed from."""

    indicator: Indicator
    group: str
    reads: frozenset[Source]

    @property
    def is_quotient(self) -> bool:
        return self.indicator.bottom is not None

    @property
    def at_end(self) -> bool:
        """A state at the end of the months asked for, not what happened in them."""
        return self.indicator.at_end


PERSONAL = Part("个人负担", lambda f: f.everything.personal)
PREMIUMS = Part("个人缴费", lambda f: f.end.premiums, "raised", {"funder": "personal"})
GRANTED = Part("本年划入", lambda f: f.end.account_granted, "covers")

# fmt: off
BESIDE = (
    Indicator("personal", "", "个人负担", "yuan", "settled", TRADE, PERSONAL),
    Indicator("average_cost", "", "次均费用", "yuan", "settled", TRADE, COST, VISITS),
    Indicator("own_pay_share", "", "个人负担占比", "ratio", "settled", TRADE, PERSONAL, COST),
    Indicator("enrolled", "", "参保人数", "count", "cover", TRADE, ENROLLED),
    Indicator("premiums", "", "个人缴费（当年筹资）", "yuan", "raised", TRADE, PREMIUMS),
    Indicator("account_granted", "", "家庭账户本年划入", "yuan", "cover", TRADE, GRANTED),
    Indicator("account_used", "", "家庭账户本年使用", "yuan", "cover", TRADE,
              ACCOUNT_USED),
)
OFFERED: tuple[tuple[str, tuple[Source, ...], tuple[str, ...]], ...] = (
    ("人次与费用", ("care",), (
        "visits", "compensated", "beneficiaries", "stays", "cost", "paid", "personal",
        "serious_visits", "serious_paid", "assisted", "outside_visits")),
    ("次均与占比", ("care",), (
        "average_cost", "average_payment", "average_stay_cost", "average_stay_payment",
        "average_stay_personal", "average_stay", "own_pay_share", "actual_ratio",
        "in_scope_ratio", "stay_actual_ratio", "off_catalogue_share", "outside_stay_visits",
        "outside_stay_paid", "average_assistance", "direct_settlement_rate")),
    ("受益与住院率", ("care", "cover"), (
        "hospitalisation_rate", "beneficiary_rate_visits", "beneficiary_rate_persons")),
    ("参保与筹资", ("cover",), ("enrolled",)),
    ("参保与筹资", ("books",), ("premiums",)),
    ("家庭账户", ("accounts",), (
        "account_granted", "account_used", "account_idle", "account_use_rate")),
)
# fmt: on


def _offered() -> Iterator[tuple[str, Measure]]:
    known = {one.key: one for one in (*INDICATORS, *BESIDE)}
    for group, reads, keys in OFFERED:
        for key in keys:
            yield key, Measure(known[key], group, frozenset(reads))


MEASURES: dict[str, Measure] = dict(_offered())
