"""The indicators of the month as rows of code, name, unit and three periods."""

from collections.abc import Mapping, Sequence
from typing import Any

from reports.activity import OUTSIDE, PERIODS
from reports.finance import GOVERNMENT
from reports.indicators import INDICATORS, Facts, Indicator, State
from reports.material import Material, yuan

GRASSROOTS = ("village", "township", "central")


def scorecard(material: Material) -> list[dict[str, Any]]:
    """A row for every indicator, in the order of the table."""
    state = _state(material)
    facts = {period: _facts(material, period, state) for period in PERIODS}
    return [_row(indicator, facts) for indicator in INDICATORS]


def headline(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The few rows that a head of office looks at first.

    A row of a kept report is known by its code and name, which stay as they were printed.
    """
    kept = {(row["code"], row["name"]): row for row in rows}
    first = sorted((one for one in INDICATORS if one.headline), key=lambda one: one.headline)
    return [kept[one.code, one.name] for one in first if (one.code, one.name) in kept]


def _row(indicator: Indicator, facts: Mapping[str, Facts]) -> dict[str, Any]:
    """Ratios and counts as integers, amounts and hundredths as text with two decimals."""
    row: dict[str, Any] = {
        "code": indicator.code,
        "name": indicator.name,
        "unit": indicator.unit,
    }
    for period in PERIODS:
        known = period == "year" or not indicator.at_end
        value = indicator.formula(facts[period]) if known else None
        row[period] = value if indicator.unit in {"ratio", "count"} else yuan(value)
    return row


def _state(material: Material) -> State:
    people, books = material.people, material.books
    brought_forward, used = material.account
    return State(
        month=material.month.month,
        eligible=sum(people.eligible.values()),
        special_eligible=people.special.eligible,
        special_enrolled=people.special.enrolled,
        due=sum(people.due.values()),
        raised=material.raised,
        premiums=books.received["personal"],
        subsidies=sum(books.received[level] for level in GOVERNMENT),
        spent=material.spent,
        spent_12_months=sum(expense for _, expense in books.flows.values()),
        balance=books.balance,
        account_brought_forward=brought_forward,
        account_granted=people.account_granted,
        account_used=used,
        recovered_this_year=books.recovered_this_year,
        recovered_earlier=books.recovered_earlier,
    )


def _facts(material: Material, period: str, state: State) -> Facts:
    care = material.care
    enrolled = material.enrolled
    if period == "previous":
        # Another insurance year's cover is not known here: rates over it have no value.
        enrolled = material.people.enrolled_before if material.same_year else 0
    return Facts(
        everything=care.of(period),
        stays=care.of(period, "stay"),
        outside=care.of(period, "place", OUTSIDE),
        outside_stays=care.of(period, "stay place", OUTSIDE),
        grassroots=sum(care.of(period, "stay level", level).visits for level in GRASSROOTS),
        beneficiaries=care.beneficiaries[period].get(("all", ""), 0),
        enrolled=enrolled,
        end=state,
    )
