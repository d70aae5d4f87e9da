"""The indicators of the month (R01-R27) as rows of code, name, unit and three periods."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reports import indicators
from reports.activity import OUTSIDE, PERIODS, Activity
from reports.finance import GOVERNMENT
from reports.indicators import Volume
from reports.material import Material, yuan

GRASSROOTS = ("village", "township", "central")


def scorecard(material: Material) -> list[dict[str, Any]]:
    """All rows: plain counts first, then R01-R27 in order."""
    rows = (
        _enrollment_indicators(material) + _care_indicators(material) + _fund_indicators(material)
    )
    return sorted(rows, key=lambda row: row["code"])


def _indicator(code: str, name: str, unit: str, values: Mapping[str, int | None]) -> dict[str, Any]:
    """`unit`: ratio (1/10000), yuan, count, or hundredth (days, months)."""
    write: Callable[[int | None], Any] = (lambda v: v) if unit in {"ratio", "count"} else yuan
    row: dict[str, Any] = {"code": code, "name": name, "unit": unit}
    return row | {period: write(values.get(period)) for period in PERIODS}


def _enrollment_indicators(material: Material) -> list[dict[str, Any]]:
    """R01-R05: the state at the end of the month."""
    people, received = material.people, material.books.received
    eligible, enrolled = sum(people.eligible.values()), material.enrolled
    subsidies = sum(received[level] for level in GOVERNMENT)
    special = people.special
    rate = indicators.special_group_rate(special.enrolled, special.eligible)
    states = (
        ("R01", "参保率", "ratio", indicators.enrollment_rate(enrolled, eligible)),
        ("R02", "五保、低保对象参保率", "ratio", rate),
        ("R03", "人均筹资", "yuan", indicators.raised_per_person(material.raised, enrolled)),
        (
            "R04",
            "筹资到位率",
            "ratio",
            indicators.in_place_rate(material.raised, sum(people.due.values())),
        ),
        (
            "R05",
            "人均个人缴费",
            "yuan",
            indicators.premium_per_person(received["personal"], enrolled),
        ),
        ("R05", "财政补助占比", "ratio", indicators.subsidy_share(subsidies, material.raised)),
    )
    return [_indicator(code, name, unit, {"year": value}) for code, name, unit, value in states]


@dataclass(frozen=True, slots=True)
class View:
    """One period as the formulas see it."""

    everything: Activity
    stays: Activity
    outside: Activity
    outside_stays: Activity
    grassroots: int
    beneficiaries: int
    enrolled: int


def _view(material: Material, period: str) -> View:
    care = material.care
    enrolled = material.enrolled
    if period == "previous":
        # Another insurance year's cover is not known here: rates over it have no value.
        enrolled = material.people.enrolled_before if material.same_year else 0
    return View(
        everything=care.of(period),
        stays=care.of(period, "stay"),
        outside=care.of(period, "place", OUTSIDE),
        outside_stays=care.of(period, "stay place", OUTSIDE),
        grassroots=sum(care.of(period, "stay level", level).visits for level in GRASSROOTS),
        beneficiaries=care.beneficiaries[period].get(("all", ""), 0),
        enrolled=enrolled,
    )


def _outside(view: View) -> indicators.Shares:
    def volume(done: Activity) -> Volume:
        return Volume(visits=done.visits, cost=done.cost, paid=done.paid)

    return indicators.outside_shares(volume(view.outside_stays), volume(view.stays))


# Formulas over one period; they are asked for the month, the one before and the year so far.
CARE_INDICATORS: tuple[tuple[str, str, str, Callable[[View], int | None]], ...] = (
    ("", "就诊人次", "count", lambda v: v.everything.visits),
    ("", "补偿人次", "count", lambda v: v.everything.compensated),
    ("", "受益人数", "count", lambda v: v.beneficiaries),
    ("", "住院人次", "count", lambda v: v.stays.visits),
    ("", "医疗总费用", "yuan", lambda v: v.everything.cost),
    ("", "基金支付(结算期)", "yuan", lambda v: v.everything.paid),
    (
        "R06",
        "受益率(人次)",
        "ratio",
        lambda v: indicators.beneficiary_rate_visits(v.everything.compensated, v.enrolled),
    ),
    (
        "R06",
        "受益面(人数)",
        "ratio",
        lambda v: indicators.beneficiary_rate_persons(v.beneficiaries, v.enrolled),
    ),
    (
        "R07",
        "住院率",
        "ratio",
        lambda v: indicators.hospitalisation_rate(v.stays.visits, v.enrolled),
    ),
    (
        "R08",
        "次均住院费用",
        "yuan",
        lambda v: indicators.average_cost(v.stays.cost, v.stays.visits),
    ),
    (
        "R09",
        "次均补偿额",
        "yuan",
        lambda v: indicators.average_payment(v.everything.paid, v.everything.compensated),
    ),
    (
        "R09",
        "次均住院补偿额",
        "yuan",
        lambda v: indicators.average_payment(v.stays.paid, v.stays.compensated),
    ),
    (
        "R10",
        "次均住院日",
        "hundredth",
        lambda v: indicators.average_stay(v.stays.days, v.stays.visits),
    ),
    (
        "R11",
        "次均住院个人支付",
        "yuan",
        lambda v: indicators.average_personal(v.stays.personal, v.stays.visits),
    ),
    (
        "R12",
        "实际补偿比",
        "ratio",
        lambda v: indicators.actual_ratio(v.everything.paid, v.everything.cost),
    ),
    (
        "R12",
        "住院实际补偿比",
        "ratio",
        lambda v: indicators.actual_ratio(v.stays.paid, v.stays.cost),
    ),
    (
        "R13",
        "政策范围内补偿比",
        "ratio",
        lambda v: indicators.in_scope_ratio(v.everything.paid, v.everything.in_scope),
    ),
    (
        "R13",
        "住院政策范围内补偿比",
        "ratio",
        lambda v: indicators.in_scope_ratio(v.stays.paid, v.stays.in_scope),
    ),
    (
        "R14",
        "目录外费用占比",
        "ratio",
        lambda v: indicators.off_catalogue_share(v.everything.off_catalogue, v.everything.cost),
    ),
    ("R15", "县外住院人次占比", "ratio", lambda v: _outside(v).visits),
    ("R15", "县外住院费用占比", "ratio", lambda v: _outside(v).cost),
    ("R15", "县外住院补偿占比", "ratio", lambda v: _outside(v).paid),
    (
        "R16",
        "县域内基金支出占比",
        "ratio",
        lambda v: indicators.inside_payment_share(
            v.everything.paid - v.outside.paid, v.everything.paid
        ),
    ),
    (
        "R17",
        "基层住院人次占比",
        "ratio",
        lambda v: indicators.grassroots_share(v.grassroots, v.stays.visits),
    ),
    ("R23", "大病保险受益人次", "count", lambda v: v.everything.serious_visits),
    ("R23", "大病保险支付", "yuan", lambda v: v.everything.serious),
    (
        "R23",
        "大病提高报销比",
        "ratio",
        lambda v: indicators.serious_lift(v.everything.serious, v.everything.serious_cost),
    ),
    ("R24", "医疗救助人次", "count", lambda v: v.everything.assisted),
    (
        "R24",
        "次均救助",
        "yuan",
        lambda v: indicators.average_assistance(v.everything.assistance, v.everything.assisted),
    ),
    ("R26", "异地就医人次", "count", lambda v: v.outside.visits),
    (
        "R26",
        "异地直接结算率",
        "ratio",
        lambda v: indicators.direct_settlement_rate(v.outside.direct, v.outside.visits),
    ),
)


def _care_indicators(material: Material) -> list[dict[str, Any]]:
    views = {period: _view(material, period) for period in PERIODS}
    return [
        _indicator(code, name, unit, {period: formula(view) for period, view in views.items()})
        for code, name, unit, formula in CARE_INDICATORS
    ]


def _fund_indicators(material: Material) -> list[dict[str, Any]]:
    """R18-R25: the fund at the end of the month."""
    books, raised, spent = material.books, material.raised, material.spent
    forward, used = material.account
    granted = material.people.account_granted
    twelve = sum(expense for _, expense in books.flows.values())
    month = material.month.month
    states: tuple[tuple[str, str, str, int | None], ...] = (
        ("R18", "当年基金使用率", "ratio", indicators.use_rate(spent, raised)),
        ("R19", "当年结余率", "ratio", indicators.balance_rate(raised - spent, raised)),
        ("R19", "累计结余率", "ratio", indicators.balance_rate(books.balance, raised)),
        ("R20", "可支付月数", "hundredth", indicators.months_payable(books.balance, twelve)),
        ("R21", "支出进度偏差", "ratio", indicators.pace_deviation(spent, raised, month)),
        (
            "R22",
            "家庭账户使用率",
            "ratio",
            indicators.account_use_rate(used, forward, granted),
        ),
        ("R22", "家庭账户沉淀额", "yuan", indicators.account_idle(used, forward, granted)),
        (
            "R25",
            "追回基金",
            "yuan",
            indicators.recovered(books.recovered_this_year, books.recovered_earlier),
        ),
    )
    return [_indicator(code, name, unit, {"year": value}) for code, name, unit, value in states]
