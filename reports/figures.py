"""The figures of a month: collected from the rooms below, computed once, written as plain JSON.

Amounts become text with two decimals, ratios integers in 1/10000, days and months text with two
decimals. The same data gives the same text and so the same fingerprint.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import Division
from enrollment.models import IdentityStatus
from funds.events import FUNDING_LEVELS
from institutions.models import Level
from lib.money import half_up, to_fen
from lib.periods import Month
from policies.fund_rules import quota_split
from policies.terms import Terms
from reports.activity import EVERYTHING, PERIODS, Activities
from reports.finance import Finance, Line
from reports.indicators import quota_overspend, ratio
from reports.material import Material, gather, yuan
from reports.scorecard import scorecard
from reports.tables import (
    COMPARED,
    PERFORMANCE,
    TOWNSHIPS,
    Comparison,
    Performance,
    Township,
    row_of,
)

# Stands in every kept report: by it a later reader tells what it has before it. 2 has the parts of
# the indicators, the same month a year ago, totals, and the groups of `tables.COMPARED`; in 3 what
# townships used and the twelve months' expense are without premiums that went back
# (`without_refunds`).
SCHEMA = 3
MAX_DISEASES = 20  # of some two thousand categories those that cost the most
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
        "closed": material.books.closed.get(month, False),
        "open_months": [
            str(one) for one in material.books.flows if not material.books.closed.get(one, False)
        ],
        "kept": {period: material.keeps(period) for period in PERIODS},
        "enrollment": _enrollment(material),
        "income": _lines(material.books.income, material),
        "expenditure": _lines(material.books.expense, material),
        "flows": _flows(material.books),
        "funds": _funds(material.books),
        "care": _groups(material.care, "care", material.terms.vocabulary["care"]),
        "levels": _groups(material.care, "level", _level_names(material.terms)),
        "all_care": {period: _performance(material.care, period) for period in PERIODS},
        "townships": _townships(material),
        "townships_total": _townships_total(material),
        "quotas": "decided" if material.quotas else "reference",
        **_compared(material),
        "large": _large(material),
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
        "enrolled": material.at_end.enrolled,
        "households": people.households,
        "rate": ratio(material.at_end.enrolled, eligible),
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
        "statuses_total": {
            "eligible": people.any_status.eligible,
            "enrolled": people.any_status.enrolled,
            "rate": ratio(people.any_status.enrolled, people.any_status.eligible),
        },
        "funding": [
            {
                "funder": funder,
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
            "received": yuan(material.at_end.raised),
            "rate": ratio(material.at_end.raised, sum(people.due.values())),
        },
    }


def _lines(lines: list[Line], material: Material) -> dict[str, Any]:
    """What moved by account. Of a month without books there is nothing to say, not zero."""
    month = material.month
    kept = {
        "month": True,
        "previous": material.books.keeps(month.previous()),
        "year": True,
        "last_year": material.before is not None,
    }

    def moved(lines: Iterable[Line]) -> dict[str, str | None]:
        return {
            period: yuan(sum(getattr(line, period) for line in lines)) if kept[period] else None
            for period in PERIODS
        }

    return {
        "lines": [
            {"code": line.code, "name": line.name} | _address(line) | moved([line])
            for line in lines
            if any(getattr(line, period) for period in PERIODS)
        ],
        "total": moved(lines),
    }


def _address(line: Line) -> dict[str, str]:
    """How the list of its postings is asked for, where that is not by the printed code."""
    return {} if line.account == line.code else {"account": line.account}


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
        "ahead": yuan(books.ahead),
        "surplus": yuan(books.surplus),
        "reserve": yuan(books.reserve),
        "general": yuan(books.surplus - books.reserve),
        "banks": [{"name": name, "balance": yuan(fen)} for name, fen in books.banks],
    }


def _level_names(terms: Terms) -> dict[str, str]:
    """The house's own names, and those that the measures add (pharmacies)."""
    return {**dict(Level.choices), **terms.vocabulary["level"]}


def _groups(care: Activities, kind: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row for every code with visits, in the order of `names`."""
    order, codes = list(names), care.codes(kind)
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


def _performance(
    care: Activities, period: str, kind: str = "all", code: str = ""
) -> dict[str, Any]:
    persons = care.persons[period].get((kind, code), 0)
    return row_of(PERFORMANCE, Performance(done=care.of(period, kind, code), persons=persons))


def quotas(material: Material) -> dict[str, int]:
    """Township code → fen it may use this year: what two people shared out; before that for
    reference the funds raised so far less what the reserves take, by head count
    (大足办法第二十六条(三)). Empty while there is nothing to share out.
    """
    if material.quotas:
        return material.quotas
    rules, members = material.terms.fund, material.people.enrolled
    raised = material.at_end.raised
    if rules is None or raised <= 0 or not any(members.values()):
        return {}
    withheld = sum(reserve.ratio for reserve in rules.reserves)
    available = half_up(raised * (WHOLE - withheld), WHOLE)
    return quota_split(total=available, members=members)


def _townships(material: Material) -> list[dict[str, Any]]:
    """A row for every township, and one for what the books assign to none."""
    allotted = quotas(material)
    rows = [
        row_of(TOWNSHIPS, _township(material, code, name, allotted.get(code)))
        for code, name in material.townships.items()
    ]
    rest = _unassigned(material)
    if rest:
        rows.append({"code": "", "name": "未分乡镇", "spent": yuan(rest)})
    return rows


def _unassigned(material: Material) -> int:
    spent = sum(spent for spent, _ in material.books.townships.values())
    return material.books.paid_in_year - spent


def _township(material: Material, code: str, name: str, quota: int | None) -> Township:
    people, care = material.people, material.care
    spent, spent_month = material.books.townships.get(code, (0, 0))
    return Township(
        code=code,
        name=name,
        eligible=people.eligible.get(code, 0),
        enrolled=people.enrolled.get(code, 0),
        beneficiaries=care.beneficiaries["year"].get(("township", code), 0),
        done=care.of("year", "township", code),
        stays=care.of("year", "stay township", code),
        spent_month=spent_month,
        spent=spent,
        quota=quota,
        overspend=None if quota is None else quota_overspend(spent, quota),
    )


def _townships_total(material: Material) -> dict[str, Any]:
    """The county: what names no township included, and every person once."""
    care, books, allotted = material.care, material.books, quotas(material)
    total = Township(
        code="",
        name="合计",
        eligible=sum(material.people.eligible.values()),
        enrolled=material.at_end.enrolled,
        beneficiaries=care.beneficiaries["year"].get(EVERYTHING, 0),
        done=care.of("year"),
        stays=care.of("year", "stay"),
        spent_month=books.paid[material.month],
        spent=books.paid_in_year,
        quota=sum(allotted.values()) if allotted else None,
        overspend=(
            sum(
                quota_overspend(books.townships.get(code, (0, 0))[0], quota)
                for code, quota in allotted.items()
            )
            if allotted
            else None
        ),
    )
    return row_of(TOWNSHIPS, total)


def _compared(material: Material) -> dict[str, Any]:
    """Tables of the same columns by institution, tier, identity and disease, each with its total;
    of diseases the dearest, by identity who bore two once in the total."""
    care, terms = material.care, material.terms
    statuses = dict(IdentityStatus.Code.choices)
    kinds: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
        ("institutions", "institution", "all", material.names),
        ("tiers", "tier", "all", terms.vocabulary["tier"]),
        ("statuses", "status", "statuses", statuses),
        ("diseases", "disease", "stay", care.diagnoses),
    )
    found = {}
    for title, kind, whole, names in kinds:
        rows = [_compare(material, kind, code, names.get(code, code)) for code in care.codes(kind)]
        rows.sort(key=lambda row: (-to_fen(row["paid"] or "0"), row["code"]))
        if kind == "disease":
            rows = [row | {"name": row["name"] or "未填诊断"} for row in rows[:MAX_DISEASES]]
        total = row_of(COMPARED, _comparison(material, whole, "", "合计"))
        found[title] = {"rows": rows, "total": total}
    return {"by": found}


def _compare(material: Material, kind: str, code: str, name: str) -> dict[str, Any]:
    return row_of(COMPARED, _comparison(material, kind, code, name))


def _comparison(material: Material, kind: str, code: str, name: str) -> Comparison:
    care = material.care
    stay = kind if kind in ("disease", "stay") else "stay" if kind == "all" else f"stay {kind}"
    return Comparison(
        code=code,
        name=name,
        month=care.of("month", kind, code),
        year=care.of("year", kind, code),
        last_year=care.of("last_year", kind, code) if material.keeps("last_year") else None,
        stays=care.of("year", stay, code),
    )


def _large(material: Material) -> list[dict[str, Any]]:
    """No names: who may see the claim goes to it by its number."""
    names = material.terms.vocabulary["care"]
    return [
        {
            "id": one.pk,
            "number": one.number,
            "institution": one.institution,
            "care": names.get(one.care, one.care),
            "cost": yuan(one.cost),
            "paid": yuan(one.paid),
            "ratio": ratio(one.paid, one.cost),
            "why": one.why,
        }
        for one in material.large
    ]
