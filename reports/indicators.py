"""The statistical indicators R01-R27 of fund operation, as pure formulas.

Units: amounts are integer fen, ratios 1/10000 (9935 = 99.35 %), lengths of stay and months 1/100.
Every quotient is rounded half up once. A quotient by zero has no value: None, printed as "—".

Sources: the annual review of a district of 2021 (R01, R03), the targets of Liuyang (R06, R12, R14),
the measures of Dazu (R27), the trade's monthly reports (the others).
"""

from dataclasses import dataclass

from lib.money import half_up

WHOLE = 10_000


def quotient(numerator: int, denominator: int, scale: int = 1) -> int | None:
    """`numerator * scale / denominator`, half up; None when nothing is there to divide by."""
    if denominator <= 0:
        return None
    return half_up(numerator * scale, denominator)


def ratio(part: int, whole: int) -> int | None:
    """`part / whole` in 1/10000."""
    return quotient(part, whole, WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Three readings of one share, each in 1/10000."""

    visits: int | None
    cost: int | None
    paid: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How much happened somewhere: visits, and fen of total cost and of fund payment."""

    visits: int
    cost: int
    paid: int


def enrollment_rate(enrolled: int, eligible: int) -> int | None:
    """R01 参合(保)率: enrolled persons / persons who should enrol. 1/10000."""
    return ratio(enrolled, eligible)


def special_group_rate(enrolled: int, eligible: int) -> int | None:
    """R02 特殊人群参合率: the same for persons of an assisted status; the target is 100 %."""
    return ratio(enrolled, eligible)


def raised_per_person(raised: int, enrolled: int) -> int | None:
    """R03 人均筹资: funds raised for the year / enrolled persons. Fen per person."""
    return quotient(raised, enrolled)


def in_place_rate(received: int, due: int) -> int | None:
    """R04 筹资到位率, one funding level at a time: received / due. 1/10000."""
    return ratio(received, due)


def premium_per_person(premiums: int, enrolled: int) -> int | None:
    """R05 人均缴费: premiums paid by households / enrolled persons. Fen per person."""
    return quotient(premiums, enrolled)


def subsidy_share(subsidies: int, raised: int) -> int | None:
    """R05 财政补助占比: subsidies of all government levels / funds raised. 1/10000."""
    return ratio(subsidies, raised)


def growth(now: int, before: int) -> int | None:
    """R05 同比, 环比: (now - before) / before, in 1/10000; None when there was nothing before."""
    return ratio(now - before, before)


def beneficiary_rate_visits(compensated_visits: int, enrolled: int) -> int | None:
    """R06 受益率(人次): visits the fund paid for / enrolled persons. May exceed 10000."""
    return ratio(compensated_visits, enrolled)


def beneficiary_rate_persons(compensated_persons: int, enrolled: int) -> int | None:
    """R06 受益面(人数): different persons the fund paid for / enrolled persons. 1/10000."""
    return ratio(compensated_persons, enrolled)


def hospitalisation_rate(stays: int, enrolled: int) -> int | None:
    """R07 住院率: hospital stays / enrolled persons. 1/10000."""
    return ratio(stays, enrolled)


def average_cost(cost: int, visits: int) -> int | None:
    """R08 次均费用: total cost / visits. Fen."""
    return quotient(cost, visits)


def average_payment(paid: int, compensated_visits: int) -> int | None:
    """R09 次均补偿额: fund payment / visits the fund paid for. Fen."""
    return quotient(paid, compensated_visits)


def average_stay(days: int, stays: int) -> int | None:
    """R10 次均住院日: days in hospital / stays. 1/100 day."""
    return quotient(days, stays, 100)


def average_personal(personal: int, visits: int) -> int | None:
    """R11 次均个人支付: amounts borne by patients / visits. Fen."""
    return quotient(personal, visits)


def actual_ratio(paid: int, cost: int) -> int | None:
    """R12 实际补偿比: fund payment / total medical cost. 1/10000."""
    return ratio(paid, cost)


def in_scope_ratio(paid: int, in_scope: int) -> int | None:
    """R13 政策范围内补偿比: fund payment / cost within the scope of the measures. 1/10000."""
    return ratio(paid, in_scope)


def off_catalogue_share(off_catalogue: int, cost: int) -> int | None:
    """R14 目录外(自费)占比: wholly self-paid cost / total cost. 1/10000."""
    return ratio(off_catalogue, cost)


def outside_shares(outside: Volume, everywhere: Volume) -> Shares:
    """R15 县外占比: what happened outside the county / everything, by visits, cost, payment."""
    return Shares(
        visits=ratio(outside.visits, everywhere.visits),
        cost=ratio(outside.cost, everywhere.cost),
        paid=ratio(outside.paid, everywhere.paid),
    )


def inside_payment_share(inside: int, everywhere: int) -> int | None:
    """R16 县域内基金支出占比: fund payment for care inside the county / all. 1/10000."""
    return ratio(inside, everywhere)


def grassroots_share(grassroots_stays: int, stays: int) -> int | None:
    """R17 基层住院占比: stays in township hospitals and below / all stays. 1/10000."""
    return ratio(grassroots_stays, stays)


def use_rate(spent: int, raised: int) -> int | None:
    """R18 当年基金使用率: the year's expenditure / funds raised for the year. 1/10000."""
    return ratio(spent, raised)


def balance_rate(balance: int, raised: int) -> int | None:
    """R19 结余率: the year's surplus, or the whole balance, / funds raised for the year. 1/10000.

    Negative when the year runs a deficit.
    """
    return ratio(balance, raised)


def months_payable(balance: int, spent_in_12_months: int) -> int | None:
    """R20 可支付月数: balance / (expenditure of the last 12 months / 12). 1/100 month."""
    return quotient(balance * 12, spent_in_12_months, 100)


def pace_deviation(spent: int, raised: int, month: int) -> int | None:
    """R21 进度偏差: use rate so far - months gone / 12. 1/10000; above zero spends too fast."""
    used = use_rate(spent, raised)
    return None if used is None else used - half_up(month * WHOLE, 12)


def account_use_rate(spent: int, brought_forward: int, granted: int) -> int | None:
    """R22 家庭账户使用率: paid from accounts / (brought forward + granted this year). 1/10000."""
    return ratio(spent, brought_forward + granted)


def account_idle(spent: int, brought_forward: int, granted: int) -> int:
    """R22 家庭账户沉淀额: what households have left in their accounts. Fen."""
    return brought_forward + granted - spent


def serious_relief(serious_paid: int, persons: int) -> int | None:
    """R23 人均减负: serious-illness payments / persons who got them. Fen."""
    return quotient(serious_paid, persons)


def serious_lift(serious_paid: int, cost_of_these: int) -> int | None:
    """R23 大病提高报销比: serious-illness payments / total cost of the same visits. 1/10000."""
    return ratio(serious_paid, cost_of_these)


def average_assistance(assisted: int, visits: int) -> int | None:
    """R24 次均救助: medical assistance / assisted visits. Fen."""
    return quotient(assisted, visits)


def recovered(this_year: int, earlier_years: int) -> int:
    """R25 追回基金: taken back, of this year (booked against expenditure) and of earlier. Fen."""
    return this_year + earlier_years


def direct_settlement_rate(direct_visits: int, outside_visits: int) -> int | None:
    """R26 异地直接结算率: outside visits settled at the hospital / all outside visits. 1/10000."""
    return ratio(direct_visits, outside_visits)


def quota_use_rate(spent: int, quota: int) -> int | None:
    """R27 街镇额度使用率: payments for a township's people / its allotted quota. 1/10000."""
    return ratio(spent, quota)


def quota_overspend(spent: int, quota: int) -> int:
    """R27 街镇超支额: spending above the quota, never below zero. Fen."""
    return max(0, spent - quota)
