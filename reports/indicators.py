"""The indicators of fund operation R01-R27: one table of code, name, unit, source and formula.

Units: amounts are integer fen, ratios 1/10000 (9935 = 99.35 %), lengths of stay and months 1/100.
Every quotient is rounded half up once. A quotient by zero has no value: None, printed as "—".

To add an indicator: its row in `INDICATORS`, at its place in the report, and a test by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Literal

from lib.money import half_up

WHOLE = 10_000
Unit = Literal["ratio", "yuan", "count", "hundredth"]
UNITS: dict[Unit, str] = {
    "ratio": "%",
    "yuan": "元",
    "count": "人次/人",
    "hundredth": "天/月",
}


@dataclass(slots=True)
class Activity:
    """Sums over visits: counts, days, and fen."""

    visits: int = 0
    compensated: int = 0
    days: int = 0
    direct: int = 0
    cost: int = 0
    in_scope: int = 0
    off_catalogue: int = 0
    paid: int = 0
    personal: int = 0
    serious: int = 0
    serious_visits: int = 0
    serious_cost: int = 0
    assistance: int = 0
    assisted: int = 0

    def add(self, other: "Activity") -> None:
        for measure in MEASURES:
            setattr(self, measure, getattr(self, measure) + getattr(other, measure))


MEASURES = tuple(one.name for one in fields(Activity))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Cover and fund at the end of the month: persons, and fen of the insurance year.

    `due`, `raised`: what all funders owe and have paid. `spent`: the calendar year's expenditure,
    `spent_12_months` that of the last twelve months. `account_…`: of the household accounts.
    """

    month: int = 0
    eligible: int = 0
    special_eligible: int = 0
    special_enrolled: int = 0
    due: int = 0
    raised: int = 0
    premiums: int = 0
    subsidies: int = 0
    spent: int = 0
    spent_12_months: int = 0
    balance: int = 0
    account_brought_forward: int = 0
    account_granted: int = 0
    account_used: int = 0
    recovered_this_year: int = 0
    recovered_earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One period as the formulas see it, with the state at the end of the report's month.

    `stays`, `outside`, `outside_stays`: the part of `everything` that was in hospital, outside the
    county, or both. `grassroots`: stays in township hospitals and below. `beneficiaries`: different
    persons the fund paid for. `enrolled` is 0 where the cover of that time is not known.
    """

    everything: Activity = field(default_factory=Activity)
    stays: Activity = field(default_factory=Activity)
    outside: Activity = field(default_factory=Activity)
    outside_stays: Activity = field(default_factory=Activity)
    grassroots: int = 0
    beneficiaries: int = 0
    enrolled: int = 0
    end: State = field(default_factory=State)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the report. `key` is unique and for ever; several may share an official code.

    `at_end`: a state at the end of the month, which has no value for the month alone or before it.
    `headline`: its place among the few that a head of office looks at first; 0 for the others.
    """

    key: str
    code: str
    name: str
    unit: Unit
    source: str
    formula: Callable[[Facts], int | None]
    at_end: bool = False
    headline: int = 0


def quotient(numerator: int, denominator: int, scale: int = 1) -> int | None:
    """`numerator * scale / denominator`, half up; None when nothing is there to divide by."""
    if denominator <= 0:
        return None
    return half_up(numerator * scale, denominator)


def ratio(part: int, whole: int) -> int | None:
    """`part / whole` in 1/10000."""
    return quotient(part, whole, WHOLE)


def growth(now: int, before: int) -> int | None:
    """同比, 环比: (now - before) / before, in 1/10000; None when there was nothing before."""
    return ratio(now - before, before)


def months_payable(balance: int, spent_in_12_months: int) -> int | None:
    """可支付月数: balance / (expenditure of the last 12 months / 12). 1/100 month."""
    return quotient(balance * 12, spent_in_12_months, 100)


def pace_deviation(spent: int, raised: int, month: int) -> int | None:
    """进度偏差: use rate so far - months gone / 12. 1/10000; above zero spends too fast."""
    used = ratio(spent, raised)
    return None if used is None else used - half_up(month * WHOLE, 12)


def quota_overspend(spent: int, quota: int) -> int:
    """街镇超支额 (R27): spending above the quota, never below zero. Fen."""
    return max(0, spent - quota)


# Where the definitions come from.
REVIEW = "某区 2021 年度审查（年报）"
LIUYANG = "浏阳工作计划的目标"
TRADE = "基金运行月报通例"

# fmt: off
INDICATORS: tuple[Indicator, ...] = (
    Indicator("visits", "", "就诊人次", "count", TRADE, lambda f: f.everything.visits),
    Indicator("compensated", "", "补偿人次", "count", TRADE, lambda f: f.everything.compensated),
    Indicator("beneficiaries", "", "受益人数", "count", TRADE, lambda f: f.beneficiaries),
    Indicator("stays", "", "住院人次", "count", TRADE, lambda f: f.stays.visits, headline=7),
    Indicator("cost", "", "医疗总费用", "yuan", TRADE, lambda f: f.everything.cost),
    Indicator("paid", "", "基金支付(结算期)", "yuan", TRADE, lambda f: f.everything.paid),
    Indicator("enrollment_rate", "R01", "参保率", "ratio", REVIEW,
              lambda f: ratio(f.enrolled, f.end.eligible), at_end=True, headline=1),
    Indicator("special_group_rate", "R02", "五保、低保对象参保率", "ratio", REVIEW,
              lambda f: ratio(f.end.special_enrolled, f.end.special_eligible), at_end=True),
    Indicator("raised_per_person", "R03", "人均筹资", "yuan", REVIEW,
              lambda f: quotient(f.end.raised, f.enrolled), at_end=True),
    Indicator("in_place_rate", "R04", "筹资到位率", "ratio", TRADE,
              lambda f: ratio(f.end.raised, f.end.due), at_end=True),
    Indicator("premium_per_person", "R05", "人均个人缴费", "yuan", TRADE,
              lambda f: quotient(f.end.premiums, f.enrolled), at_end=True),
    Indicator("subsidy_share", "R05", "财政补助占比", "ratio", TRADE,
              lambda f: ratio(f.end.subsidies, f.end.raised), at_end=True),
    Indicator("beneficiary_rate_visits", "R06", "受益率(人次)", "ratio", LIUYANG,
              lambda f: ratio(f.everything.compensated, f.enrolled)),
    Indicator("beneficiary_rate_persons", "R06", "受益面(人数)", "ratio", LIUYANG,
              lambda f: ratio(f.beneficiaries, f.enrolled)),
    Indicator("hospitalisation_rate", "R07", "住院率", "ratio", TRADE,
              lambda f: ratio(f.stays.visits, f.enrolled)),
    Indicator("average_stay_cost", "R08", "次均住院费用", "yuan", TRADE,
              lambda f: quotient(f.stays.cost, f.stays.visits), headline=8),
    Indicator("average_payment", "R09", "次均补偿额", "yuan", TRADE,
              lambda f: quotient(f.everything.paid, f.everything.compensated)),
    Indicator("average_stay_payment", "R09", "次均住院补偿额", "yuan", TRADE,
              lambda f: quotient(f.stays.paid, f.stays.compensated)),
    Indicator("average_stay", "R10", "次均住院日", "hundredth", TRADE,
              lambda f: quotient(f.stays.days, f.stays.visits, 100)),
    Indicator("average_stay_personal", "R11", "次均住院个人支付", "yuan", TRADE,
              lambda f: quotient(f.stays.personal, f.stays.visits)),
    Indicator("actual_ratio", "R12", "实际补偿比", "ratio", LIUYANG,
              lambda f: ratio(f.everything.paid, f.everything.cost), headline=5),
    Indicator("stay_actual_ratio", "R12", "住院实际补偿比", "ratio", LIUYANG,
              lambda f: ratio(f.stays.paid, f.stays.cost)),
    Indicator("in_scope_ratio", "R13", "政策范围内补偿比", "ratio", TRADE,
              lambda f: ratio(f.everything.paid, f.everything.in_scope), headline=6),
    Indicator("stay_in_scope_ratio", "R13", "住院政策范围内补偿比", "ratio", TRADE,
              lambda f: ratio(f.stays.paid, f.stays.in_scope)),
    Indicator("off_catalogue_share", "R14", "目录外费用占比", "ratio", LIUYANG,
              lambda f: ratio(f.everything.off_catalogue, f.everything.cost)),
    Indicator("outside_stay_visits", "R15", "县外住院人次占比", "ratio", TRADE,
              lambda f: ratio(f.outside_stays.visits, f.stays.visits)),
    Indicator("outside_stay_cost", "R15", "县外住院费用占比", "ratio", TRADE,
              lambda f: ratio(f.outside_stays.cost, f.stays.cost)),
    Indicator("outside_stay_paid", "R15", "县外住院补偿占比", "ratio", TRADE,
              lambda f: ratio(f.outside_stays.paid, f.stays.paid)),
    Indicator("inside_payment_share", "R16", "县域内基金支出占比", "ratio", TRADE,
              lambda f: ratio(f.everything.paid - f.outside.paid, f.everything.paid)),
    Indicator("grassroots_share", "R17", "基层住院人次占比", "ratio", TRADE,
              lambda f: ratio(f.grassroots, f.stays.visits)),
    Indicator("use_rate", "R18", "当年基金使用率", "ratio", TRADE,
              lambda f: ratio(f.end.spent, f.end.raised), at_end=True, headline=2),
    Indicator("surplus_rate", "R19", "当年结余率", "ratio", TRADE,
              lambda f: ratio(f.end.raised - f.end.spent, f.end.raised), at_end=True),
    Indicator("balance_rate", "R19", "累计结余率", "ratio", TRADE,
              lambda f: ratio(f.end.balance, f.end.raised), at_end=True, headline=3),
    Indicator("months_payable", "R20", "可支付月数", "hundredth", TRADE,
              lambda f: months_payable(f.end.balance, f.end.spent_12_months),
              at_end=True, headline=4),
    Indicator("pace_deviation", "R21", "支出进度偏差", "ratio", TRADE,
              lambda f: pace_deviation(f.end.spent, f.end.raised, f.end.month), at_end=True),
    Indicator("account_use_rate", "R22", "家庭账户使用率", "ratio", TRADE,
              lambda f: ratio(f.end.account_used,
                              f.end.account_brought_forward + f.end.account_granted),
              at_end=True),
    Indicator("account_idle", "R22", "家庭账户沉淀额", "yuan", TRADE,
              lambda f: f.end.account_brought_forward + f.end.account_granted
              - f.end.account_used, at_end=True),
    Indicator("serious_visits", "R23", "大病保险受益人次", "count", TRADE,
              lambda f: f.everything.serious_visits),
    Indicator("serious_paid", "R23", "大病保险支付", "yuan", TRADE,
              lambda f: f.everything.serious),
    Indicator("serious_lift", "R23", "大病提高报销比", "ratio", TRADE,
              lambda f: ratio(f.everything.serious, f.everything.serious_cost)),
    Indicator("assisted", "R24", "医疗救助人次", "count", TRADE,
              lambda f: f.everything.assisted),
    Indicator("average_assistance", "R24", "次均救助", "yuan", TRADE,
              lambda f: quotient(f.everything.assistance, f.everything.assisted)),
    Indicator("recovered", "R25", "追回基金", "yuan", TRADE,
              lambda f: f.end.recovered_this_year + f.end.recovered_earlier, at_end=True),
    Indicator("outside_visits", "R26", "异地就医人次", "count", TRADE,
              lambda f: f.outside.visits),
    Indicator("direct_settlement_rate", "R26", "异地直接结算率", "ratio", TRADE,
              lambda f: ratio(f.outside.direct, f.outside.visits)),
)
# fmt: on
