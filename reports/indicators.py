"""The indicators of fund operation R01-R27: one table of code, name, unit, numerator, denominator,
time basis and source.

Units: amounts are integer fen, ratios and points 1/10000 (9935 = 99.35 %), lengths of stay and
months 1/100. Every quotient is rounded half up once. A quotient by zero has no value: None, printed
as "—".

To add an indicator: its row in `INDICATORS`, at its place in the report, and a test by hand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from lib.money import half_up

WHOLE = 10_000
Unit = Literal["ratio", "points", "yuan", "count", "hundredth"]
UNITS: dict[Unit, str] = {
    "ratio": "%",
    "points": "百分点",
    "yuan": "元",
    "count": "人次/人",
    "hundredth": "天/月",
}
SCALES: dict[Unit, int] = {"ratio": WHOLE, "points": WHOLE, "yuan": 1, "count": 1, "hundredth": 100}
# By which day a figure counts what it counts (费用结算期, 基金支付期, 参保, 归属年度).
Basis = Literal["settled", "posted", "cover", "raised"]
BASES: dict[Basis, str] = {
    "settled": "结算日期",
    "posted": "凭证入账日期",
    "cover": "月末时点",
    "raised": "归属年度",
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


ALL_REFUNDS_OUT = "（不含退还保费）"


def without_refunds(figures: Mapping[str, Any]) -> bool:
    """Whether what townships used and the last twelve months' expense are without premiums that
    went back (schema 3 of a report's figures)."""
    return int(figures.get("schema", 1)) >= 3


MEASURES = tuple(one.name for one in fields(Activity))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Cover and fund at the end of the month: persons, and fen of the insurance year.

    `due`, `raised`: what all funders owe and have paid, less what went back. `spent`: the calendar
    year's expenditure but for premiums of the insurance year that went back, `spent_12_months` that
    of the last twelve months but for all such premiums, of which `paying_months` had any.
    `balance`: what the fund has beyond its debts, without what came in for years that
    have not begun.
    `account_…`: of the household accounts.
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
    paying_months: int = 0
    balance: int = 0
    account_brought_forward: int = 0
    account_granted: int = 0
    account_used: int = 0
    recovered_this_year: int = 0
    recovered_earlier: int = 0


@dataclass(slots=True, kw_only=True)
class Counted:
    """What happened in care, in a period or to a group.

    `stays`, `outside`, `outside_stays`: the part of `everything` that was in hospital, outside the
    county, or both. `grassroots`: stays in township hospitals and below. `beneficiaries`: different
    persons the fund paid for.
    """

    everything: Activity = field(default_factory=Activity)
    stays: Activity = field(default_factory=Activity)
    outside: Activity = field(default_factory=Activity)
    outside_stays: Activity = field(default_factory=Activity)
    grassroots: int = 0
    beneficiaries: int = 0


@dataclass(slots=True, kw_only=True)
class Facts(Counted):
    """One period as the formulas see it, with the state at the end of the report's month.
    `enrolled` is 0 where the cover of that time is not known."""

    enrolled: int = 0
    end: State = field(default_factory=State)


Formula = Callable[[Facts], int]


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a quotient: how the trade calls it, and its sum. `behind`: what lists the rows
    that it was summed from ("claims", "raised", "paid", "used", "balance", "recovered", "covers",
    "account_use"; "" where no one list does), `only`: how that list is narrowed."""

    name: str
    of: Formula
    behind: str = "claims"
    only: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        """Whether it counts people, visits or days; everything else is an amount."""
        return self.name.endswith(("人次", "人数", "天数"))


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the report. `key` is unique and for ever; several may share an official code.

    `bottom`: what `top` is divided by; None where the figure is a sum itself. `adjusted`: of those
    that are more than a quotient the whole formula, told in `note`.
    `headline`: its place among the few that a head of office looks at first; 0 for the others.
    """

    key: str
    code: str
    name: str
    unit: Unit
    basis: Basis
    source: str
    top: Part
    bottom: Part | None = None
    headline: int = 0
    adjusted: Callable[[Facts], int | None] | None = None
    note: str = ""

    def formula(self, facts: Facts) -> int | None:
        if self.adjusted is not None:
            return self.adjusted(facts)
        if self.bottom is None:
            return self.top.of(facts)
        return quotient(self.top.of(facts), self.bottom.of(facts), SCALES[self.unit])

    @property
    def at_end(self) -> bool:
        """A state at the end of the month, which has no value for the month alone."""
        return self.basis != "settled"

    @property
    def told(self) -> str:
        """The formula in words."""
        words = self.top.name if self.bottom is None else f"{self.top.name} ÷ {self.bottom.name}"
        return words + self.note

    def told_in(self, figures: Mapping[str, Any]) -> str:
        """The same of a kept report, which may have been computed before premiums that went back
        were left out."""
        return self.told if without_refunds(figures) else self.told.replace(ALL_REFUNDS_OUT, "")


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


def months_payable(balance: int, spent: int, paying_months: int) -> int | None:
    """可支付月数: balance / (expenditure of the last 12 months / months that had any). 1/100 month.

    Divided by twelve a county in its first year would seem to last longer than it does.
    """
    return quotient(balance * paying_months, spent, 100)


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

IN_BED = {"only": "stay"}
VISITS = Part("就诊人次", lambda f: f.everything.visits)
COMPENSATED = Part("补偿人次", lambda f: f.everything.compensated, only={"only": "helped"})
COST = Part("医疗总费用", lambda f: f.everything.cost)
IN_SCOPE = Part("政策范围内费用", lambda f: f.everything.in_scope)
PAID = Part("基金支付", lambda f: f.everything.paid)
STAYS = Part("住院人次", lambda f: f.stays.visits, only=IN_BED)
STAY_COST = Part("住院总费用", lambda f: f.stays.cost, only=IN_BED)
STAY_PAID = Part("住院基金支付", lambda f: f.stays.paid, only=IN_BED)
ENROLLED = Part("参保人数", lambda f: f.enrolled, "covers")
BENEFICIARIES = Part("受益人数", lambda f: f.beneficiaries, only={"only": "helped"})
RAISED = Part("当年筹资（已到位，减退还）", lambda f: f.end.raised, "raised")
SPENT = Part("当年支出（不含退还当年保费）", lambda f: f.end.spent, "used")
BALANCE = Part("累计结余（不含预收以后年度）", lambda f: f.end.balance, "balance")
AWAY = Part("异地就医人次", lambda f: f.outside.visits, only={"place": "outside"})
SERIOUS_VISITS = Part(
    "大病保险受益人次", lambda f: f.everything.serious_visits, only={"only": "serious"}
)
SERIOUS = Part("大病保险支付", lambda f: f.everything.serious, only={"only": "serious"})
ASSISTED = Part("医疗救助人次", lambda f: f.everything.assisted, only={"only": "assistance"})
ACCOUNTS = Part(
    "上年结转 + 本年划入",
    lambda f: f.end.account_brought_forward + f.end.account_granted,
    "",  # covers of all years and what was used before
)
ACCOUNT_USED = Part("本年家庭账户使用", lambda f: f.end.account_used, "account_use")

# fmt: off
INDICATORS: tuple[Indicator, ...] = (
    Indicator("visits", "", "就诊人次", "count", "settled", TRADE, VISITS),
    Indicator("compensated", "", "补偿人次", "count", "settled", TRADE, COMPENSATED),
    Indicator("beneficiaries", "", "受益人数", "count", "settled", TRADE, BENEFICIARIES),
    Indicator("stays", "", "住院人次", "count", "settled", TRADE, STAYS, headline=7),
    Indicator("cost", "", "医疗总费用", "yuan", "settled", TRADE, COST),
    Indicator("paid", "", "基金支付(结算期)", "yuan", "settled", TRADE, PAID),
    Indicator("enrollment_rate", "R01", "参保率", "ratio", "cover", REVIEW,
              ENROLLED, Part("应参保人数", lambda f: f.end.eligible, ""), headline=1),
    Indicator("special_group_rate", "R02", "五保、低保对象参保率", "ratio", "cover", REVIEW,
              Part("五保、低保已参保人数", lambda f: f.end.special_enrolled, ""),
              Part("五保、低保应参保人数", lambda f: f.end.special_eligible, "")),
    Indicator("raised_per_person", "R03", "人均筹资", "yuan", "raised", REVIEW, RAISED, ENROLLED),
    Indicator("in_place_rate", "R04", "筹资到位率", "ratio", "raised", TRADE,
              RAISED, Part("应到位筹资", lambda f: f.end.due, "covers")),
    Indicator("premium_per_person", "R05", "人均个人缴费", "yuan", "raised", TRADE,
              Part("个人缴费", lambda f: f.end.premiums, "raised", {"funder": "personal"}),
              ENROLLED),
    Indicator("subsidy_share", "R05", "财政补助占比", "ratio", "raised", TRADE,
              Part("各级财政补助", lambda f: f.end.subsidies, "raised", {"funder": "government"}),
              RAISED),
    Indicator("beneficiary_rate_visits", "R06", "受益率(人次)", "ratio", "settled", LIUYANG,
              COMPENSATED, ENROLLED),
    Indicator("beneficiary_rate_persons", "R06", "受益面(人数)", "ratio", "settled", LIUYANG,
              BENEFICIARIES, ENROLLED),
    Indicator("hospitalisation_rate", "R07", "住院率", "ratio", "settled", TRADE, STAYS, ENROLLED),
    Indicator("average_stay_cost", "R08", "次均住院费用", "yuan", "settled", TRADE,
              STAY_COST, STAYS, headline=8),
    Indicator("average_payment", "R09", "次均补偿额", "yuan", "settled", TRADE, PAID, COMPENSATED),
    Indicator("average_stay_payment", "R09", "次均住院补偿额", "yuan", "settled", TRADE,
              STAY_PAID, Part("住院补偿人次", lambda f: f.stays.compensated, only=IN_BED)),
    Indicator("average_stay", "R10", "次均住院日", "hundredth", "settled", TRADE,
              Part("住院天数", lambda f: f.stays.days, only=IN_BED), STAYS),
    Indicator("average_stay_personal", "R11", "次均住院个人支付", "yuan", "settled", TRADE,
              Part("住院个人负担", lambda f: f.stays.personal, only=IN_BED), STAYS),
    Indicator("actual_ratio", "R12", "实际补偿比", "ratio", "settled", LIUYANG,
              PAID, COST, headline=5),
    Indicator("stay_actual_ratio", "R12", "住院实际补偿比", "ratio", "settled", LIUYANG,
              STAY_PAID, STAY_COST),
    Indicator("in_scope_ratio", "R13", "政策范围内补偿比", "ratio", "settled", TRADE,
              PAID, IN_SCOPE, headline=6),
    Indicator("stay_in_scope_ratio", "R13", "住院政策范围内补偿比", "ratio", "settled", TRADE,
              STAY_PAID, Part("住院政策范围内费用", lambda f: f.stays.in_scope, only=IN_BED)),
    Indicator("off_catalogue_share", "R14", "目录外费用占比", "ratio", "settled", LIUYANG,
              Part("全自费", lambda f: f.everything.off_catalogue), COST),
    Indicator("outside_stay_visits", "R15", "县外住院人次占比", "ratio", "settled", TRADE,
              Part("县外住院人次", lambda f: f.outside_stays.visits,
                   only={"only": "stay", "place": "outside"}), STAYS),
    Indicator("outside_stay_cost", "R15", "县外住院费用占比", "ratio", "settled", TRADE,
              Part("县外住院费用", lambda f: f.outside_stays.cost,
                   only={"only": "stay", "place": "outside"}), STAY_COST),
    Indicator("outside_stay_paid", "R15", "县外住院补偿占比", "ratio", "settled", TRADE,
              Part("县外住院基金支付", lambda f: f.outside_stays.paid,
                   only={"only": "stay", "place": "outside"}), STAY_PAID),
    Indicator("inside_payment_share", "R16", "县域内基金支出占比", "ratio", "settled", TRADE,
              Part("县内基金支付", lambda f: f.everything.paid - f.outside.paid,
                   only={"place": "inside"}), PAID),
    Indicator("grassroots_share", "R17", "基层住院人次占比", "ratio", "settled", TRADE,
              Part("乡镇及以下住院人次", lambda f: f.grassroots,
                   only={"only": "stay", "level": "grassroots"}), STAYS),
    Indicator("use_rate", "R18", "当年基金使用率", "ratio", "posted", TRADE,
              SPENT, RAISED, headline=2),
    Indicator("surplus_rate", "R19", "当年结余率", "ratio", "posted", TRADE,
              Part("当年筹资 − 当年支出（不含退还当年保费）",
                   lambda f: f.end.raised - f.end.spent, ""), RAISED),
    Indicator("balance_rate", "R19", "累计结余率", "ratio", "posted", TRADE,
              BALANCE, RAISED, headline=3),
    Indicator("months_payable", "R20", "可支付月数", "hundredth", "posted", TRADE,
              BALANCE, Part(f"近十二个月支出{ALL_REFUNDS_OUT}",
                            lambda f: f.end.spent_12_months, "paid"), headline=4,
              adjusted=lambda f: months_payable(
                  f.end.balance, f.end.spent_12_months, f.end.paying_months),
              note=" × 其中有支出的月数"),
    Indicator("pace_deviation", "R21", "支出进度偏差", "points", "posted", TRADE,
              SPENT, RAISED,
              adjusted=lambda f: pace_deviation(f.end.spent, f.end.raised, f.end.month),
              note=" − 已过月数 ÷ 12"),
    Indicator("account_use_rate", "R22", "家庭账户使用率", "ratio", "cover", TRADE,
              ACCOUNT_USED, ACCOUNTS),
    Indicator("account_idle", "R22", "家庭账户沉淀额", "yuan", "cover", TRADE,
              Part("上年结转 + 本年划入 − 本年使用",
                   lambda f: ACCOUNTS.of(f) - f.end.account_used, "")),
    Indicator("serious_visits", "R23", "大病保险受益人次", "count", "settled", TRADE,
              SERIOUS_VISITS),
    Indicator("serious_paid", "R23", "大病保险支付", "yuan", "settled", TRADE, SERIOUS),
    Indicator("serious_lift", "R23", "大病提高报销比", "points", "settled", TRADE,
              SERIOUS, Part("大病受益人次总费用", lambda f: f.everything.serious_cost,
                   only={"only": "serious"})),
    Indicator("assisted", "R24", "医疗救助人次", "count", "settled", TRADE, ASSISTED),
    Indicator("average_assistance", "R24", "次均救助", "yuan", "settled", TRADE,
              Part("医疗救助支付", lambda f: f.everything.assistance,
                   only={"only": "assistance"}), ASSISTED),
    Indicator("recovered", "R25", "追回基金", "yuan", "posted", TRADE,
              Part("追回本年 + 以前年度待遇",
                   lambda f: f.end.recovered_this_year + f.end.recovered_earlier,
                   "recovered")),
    Indicator("outside_visits", "R26", "异地就医人次", "count", "settled", TRADE, AWAY),
    Indicator("direct_settlement_rate", "R26", "异地直接结算率", "ratio", "settled", TRADE,
              Part("异地直接结算人次", lambda f: f.outside.direct,
                   only={"place": "outside", "source": "counter"}), AWAY),
)
# fmt: on
