"""The indicators of the month as rows of code, name, unit and periods, with their parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.activity import EVERYTHING, OUTSIDE, PERIODS
from reports.finance import GOVERNMENT
from reports.indicators import INDICATORS, Facts, Indicator, State, Unit
from reports.material import AtEnd, Material, yuan
from reports.thresholds import bounds

GRASSROOTS = ("village", "township", "central")


def scorecard(material: Material) -> list[dict[str, Any]]:
    """A row for every indicator, in the order of the table."""
    facts = {period: _facts(material, period) for period in PERIODS}
    return [_row(indicator, facts, material) for indicator in INDICATORS]


def headline(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The few rows that a head of office looks at first.

    A row of a kept report is known by its code and name, which stay as they were printed.
    """
    kept = {(row["code"], row["name"]): row for row in rows}
    first = sorted((one for one in INDICATORS if one.headline), key=lambda one: one.headline)
    return [kept[one.code, one.name] for one in first if (one.code, one.name) in kept]


def _row(
    indicator: Indicator, facts: Mapping[str, Facts | None], material: Material
) -> dict[str, Any]:
    """Ratios and counts as integers, amounts and hundredths as text with two decimals.

    `top`, `bottom`: of each period what was divided by what; `standing`: how the year's figure
    stands against its `bound`.
    """
    row: dict[str, Any] = {
        "key": indicator.key,
        "code": indicator.code,
        "name": indicator.name,
        "unit": indicator.unit,
        "top": {},
        "bottom": {},
    }
    for period, known in facts.items():
        has_value = known is not None and (not indicator.at_end or period in ("year", "last_year"))
        row[period] = None
        if has_value and known is not None:
            row[period] = _written(indicator.formula(known), indicator.unit)
            row["top"][period] = indicator.top.of(known)
            row["bottom"][period] = indicator.bottom.of(known) if indicator.bottom else None
    year = facts["year"]
    value = indicator.formula(year) if year is not None else None
    bound = bounds(material.terms).get(indicator.key)
    row["standing"] = bound.standing(value, material.month.month) if bound else ""
    row["bound"] = bound.told(indicator.unit) if bound else ""
    return row


def _written(value: int | None, unit: Unit) -> int | str | None:
    return value if unit in {"ratio", "points", "count"} else yuan(value)


def _state(end: AtEnd) -> State:
    people, books = end.people, end.books
    brought_forward, used = end.account
    return State(
        month=end.month.month,
        eligible=sum(people.eligible.values()),
        special_eligible=people.special.eligible,
        special_enrolled=people.special.enrolled,
        due=sum(people.due.values()),
        raised=end.raised,
        premiums=books.received["personal"],
        subsidies=sum(books.received[level] for level in GOVERNMENT),
        spent=end.used,
        spent_12_months=sum(books.paid.values()),
        paying_months=books.paying_months,
        balance=books.surplus,
        account_brought_forward=brought_forward,
        account_granted=people.account_granted,
        account_used=used,
        recovered_this_year=books.recovered_this_year,
        recovered_earlier=books.recovered_earlier,
    )


def _facts(material: Material, period: str) -> Facts | None:
    """None for a period of which there are no accounts (无账)."""
    if not material.keeps(period):
        return None
    care, end = material.care, material.at_end
    enrolled = end.enrolled
    if period == "previous":
        # Another insurance year's cover is not known here: rates over it have no value.
        enrolled = material.people.enrolled_before if material.same_year else 0
    if period == "last_year":
        if material.before is None:
            return None
        end = material.before
        enrolled = end.enrolled
    return Facts(
        everything=care.of(period),
        stays=care.of(period, "stay"),
        outside=care.of(period, "place", OUTSIDE),
        outside_stays=care.of(period, "stay place", OUTSIDE),
        grassroots=sum(care.of(period, "stay level", level).visits for level in GRASSROOTS),
        beneficiaries=care.beneficiaries[period].get(EVERYTHING, 0),
        enrolled=enrolled,
        end=_state(end),
    )
