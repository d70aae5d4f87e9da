"""The figures of a month: collected from the rooms below, computed once, written as plain JSON.

Amounts become text with two decimals, ratios integers in 1/10000, days and months text with two
decimals. The same data gives the same text and so the same fingerprint.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from accounts.models import Division
from enrollment.models import IdentityStatus
from funds.events import FUNDING_LEVELS
from institutions.models import Level
from lib.money import half_up
from lib.periods import Month
from policies.fund_rules import quota_split
from policies.terms import Terms
from reports.activity import PERIODS, Activities
from reports.finance import Finance, Line
from reports.indicators import ratio
from reports.material import Material, gather, yuan
from reports.scorecard import scorecard
from reports.tables import PERFORMANCE, TOWNSHIPS, Performance, Township, row_of

# Stands in every kept report: by it a later reader tells what it has before it.
SCHEMA = 1
WHOLE = 10_000


def collect(*, area: Division, month: Month) -> dict[str, Any]:
    """All figures of the month. Raises Refusal when the area has no measures or no books.

    A constant number of statements (tests/reports/test_monthly_report.py counts them), each a
    grouped sum inside PostgreSQL.
    """
    material = gather(area=area, month=month)
    return {
        "schema": SCHEMA,
        "area": {"code": area.code, "name": area.name},
        "year": month.year,
        "month": month.month,
        "first_day": month.first.isoformat(),
        "last_day": month.last.isoformat(),
        "policy_year": material.policy_year,
        "measures": material.measures,
        "enrollment": _enrollment(material),
        "income": _lines(material.books.income),
        "expenditure": _lines(material.books.expense),
        "flows": _flows(material.books),
        "funds": _funds(material.books),
        "care": _groups(material.care, "care", material.terms.vocabulary["care"]),
        "levels": _groups(material.care, "level", _level_names(material.terms)),
        "townships": _townships(material),
        **_layers(material.care, material.terms),
        "indicators": scorecard(material),
    }


def canonical(figures: Mapping[str, Any]) -> str:
    """The one text of the figures: sorted keys, no blanks."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(figures: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(figures).encode()).hexdigest()


def _enrollment(material: Material) -> dict[str, Any]:
    people, books = material.people, material.books
    eligible, names = sum(people.eligible.values()), dict(IdentityStatus.Code.choices)
    return {
        "eligible": eligible,
        "enrolled": material.enrolled,
        "households": sum(people.households.values()),
        "rate": ratio(material.enrolled, eligible),
        "tiers": [
            {"name": material.terms.vocabulary["tier"].get(tier, tier), "persons": persons}
            for tier, persons in sorted(people.tiers.items())
        ],
        "statuses": [
            {
                "name": names.get(group.code, group.code),
                "eligible": group.eligible,
                "enrolled": group.enrolled,
                "rate": ratio(group.enrolled, group.eligible),
            }
            for group in sorted(people.statuses, key=lambda one: list(names).index(one.code))
        ],
        "funding": [
            {
                "name": FUNDING_LEVELS[funder],
                "due": yuan(due),
                "received": yuan(books.received[funder]),
                "rate": ratio(books.received[funder], due),
            }
            for funder, due in people.due.items()
            if due or books.received[funder]
        ],
        "funding_total": {
            "due": yuan(sum(people.due.values())),
            "received": yuan(material.raised),
            "rate": ratio(material.raised, sum(people.due.values())),
        },
    }


def _lines(lines: list[Line]) -> dict[str, Any]:
    return {
        "lines": [
            {"code": line.code, "name": line.name}
            | {period: yuan(getattr(line, period)) for period in PERIODS}
            for line in lines
            if line.month or line.previous or line.year
        ],
        "total": {period: yuan(sum(getattr(line, period) for line in lines)) for period in PERIODS},
    }


def _flows(books: Finance) -> list[dict[str, Any]]:
    """Twelve months with the balance at the end of each, counted back from the present one."""
    rows: list[dict[str, Any]] = []
    balance = books.balance
    for month, (income, expense) in reversed(books.flows.items()):
        rows.append(
            {
                "month": str(month),
                "income": yuan(income),
                "expenditure": yuan(expense),
                "balance": yuan(balance),
            }
        )
        balance -= income - expense
    return rows[::-1]


def _funds(books: Finance) -> dict[str, Any]:
    return {
        "balance": yuan(books.balance),
        "reserve": yuan(books.reserve),
        "general": yuan(books.balance - books.reserve),
        "banks": [{"name": name, "balance": yuan(fen)} for name, fen in books.banks],
    }


def _level_names(terms: Terms) -> dict[str, str]:
    """The house's own names, and those that the measures add (pharmacies)."""
    return {**dict(Level.choices), **terms.vocabulary["level"]}


def _groups(care: Activities, kind: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row for every code with visits, in the order of `names`."""
    order = list(names)
    codes = {code for period in PERIODS for group, code in care.sums[period] if group == kind}
    return [
        {"code": code, "name": names.get(code, code)}
        | {period: _performance(care, period, kind, code) for period in PERIODS}
        for code in sorted(codes, key=lambda c: (order.index(c) if c in order else len(order), c))
    ]


def _layers(care: Activities, terms: Terms) -> dict[str, Any]:
    """What each layer of payment came to; nothing where the base layer alone paid."""
    codes = dict.fromkeys(layer for period in PERIODS for layer in care.layers[period])
    if codes.keys() <= {""}:
        return {}
    names = {**terms.layer_names, "": terms.base_layer.name}
    order = ["", *(layer.code for layer in terms.layers)]
    return {
        "layers": [
            {"code": code or terms.base_layer.code, "name": names.get(code, code)}
            | {period: yuan(care.layers[period].get(code, 0)) for period in PERIODS}
            for code in sorted(codes, key=lambda c: (order.index(c) if c in order else 99, c))
        ]
    }


def _performance(care: Activities, period: str, kind: str, code: str) -> dict[str, Any]:
    persons = care.persons[period].get((kind, code), 0)
    return row_of(PERFORMANCE, Performance(done=care.of(period, kind, code), persons=persons))


def quotas(material: Material) -> dict[str, int]:
    """Township code → fen it may use this year: the funds raised so far less what the reserves
    take, by head count (大足办法第二十六条(三)). Empty while there is nothing to share out.
    """
    rules, members = material.terms.fund, material.people.enrolled
    if rules is None or material.raised <= 0 or not any(members.values()):
        return {}
    withheld = sum(reserve.ratio for reserve in rules.reserves)
    available = half_up(material.raised * (WHOLE - withheld), WHOLE)
    return quota_split(total=available, members=members)


def _townships(material: Material) -> list[dict[str, Any]]:
    """A row for every township, and one for what the books assign to none."""
    people, care, allotted = material.people, material.care, quotas(material)
    rows = []
    for code, name in material.townships.items():
        spent, spent_month = material.books.townships.get(code, (0, 0))
        facts = Township(
            code=code,
            name=name,
            eligible=people.eligible.get(code, 0),
            enrolled=people.enrolled.get(code, 0),
            beneficiaries=care.beneficiaries["year"].get(("township", code), 0),
            done=care.of("year", "township", code),
            stays=care.of("year", "stay township", code),
            spent_month=spent_month,
            spent=spent,
            quota=allotted.get(code),
        )
        rows.append(row_of(TOWNSHIPS, facts))
    rest = material.spent - sum(spent for spent, _ in material.books.townships.values())
    if rest:
        rows.append({"code": "", "name": "未分乡镇", "spent": yuan(rest)})
    return rows
