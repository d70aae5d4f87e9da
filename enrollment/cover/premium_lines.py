"""A file of people, one JSON object a line: what each pays for a year, and who adds what.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from enrollment.cover.premiums import (
    Payer,
    Premium,
    PremiumError,
    assess,
    cover,
    household_problem,
    late_cover,
)
from lib.json_lines import FieldError, Fields, object_of
from lib.money import to_yuan
from policies.terms import Step, Terms

FIELDS = (
    "key", "household", "year", "birth_date", "sex", "tier", "residence", "statuses", "late",
)  # fmt: skip
LATE_FIELDS = ("paid_on", "gap_years", "repaired_years")
YEARS = range(2000, 2101)


def assess_lines(lines: Iterable[str], terms: Terms) -> Iterator[dict[str, Any]]:
    """One JSON value per line that is not blank: a premium, or an ``error`` naming line, field and
    remedy.  Lines of one household that stand in a row are held against its rule on tiers."""
    before: list[Fields] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = Fields(object_of(line), "")
            fields.only(FIELDS)
            before = [*before, fields] if before and _together(before[0], fields) else [fields]
            yield _assessed(fields, before, terms)
        except (FieldError, PremiumError) as error:
            yield {"error": {"line": number, "field": error.field, "message": str(error)}}


def _together(one: Fields, other: Fields) -> bool:
    """Whether two lines are of one household and year."""
    same = ("household", "year")
    return "household" in one.values and all(
        one.values.get(key) == other.values.get(key) for key in same
    )


def _assessed(fields: Fields, household: list[Fields], terms: Terms) -> dict[str, Any]:
    key, year = fields.text("key"), _year(fields, terms)
    payer = Payer(
        birth_date=fields.day("birth_date"),
        tier=fields.text("tier", ""),
        residence=fields.text("residence", ""),
        sex=fields.text("sex", ""),
        statuses=fields.codes("statuses"),
    )
    premium = assess(payer, terms, year=year)
    tiers = [each.text("tier", "") for each in household]
    if problem := household_problem(tiers, terms):
        raise FieldError("tier", problem)
    first, last = _cover(fields, payer, terms, year)
    covered = {"from": str(first), "to": str(last)} if first <= last else None
    return {"key": key, "year": year, **_written(premium, terms), "cover": covered}


def _year(fields: Fields, terms: Terms) -> int:
    if "year" not in fields.values:
        raise FieldError("year", "缺少“year”，写参保年度，例如 2026")
    year = fields.whole("year", 0)
    first, last = terms.valid_from, terms.valid_to
    if year not in YEARS or not first <= terms.year.bounds(year)[0] <= last:
        raise FieldError("year", f"这份办法不管 {year} 年度，它从 {first} 到 {last}")
    return year


def _cover(fields: Fields, payer: Payer, terms: Terms, year: int) -> Any:
    if "late" not in fields.values:
        return cover(terms, year=year)
    late = fields.object("late")
    late.only(LATE_FIELDS)
    return late_cover(
        payer,
        terms,
        year=year,
        paid_on=late.day("paid_on"),
        gap_years=late.whole("gap_years", 0),
        repaired_years=late.whole("repaired_years", 0),
    )


def _written(premium: Premium, terms: Terms) -> dict[str, Any]:
    return {
        "standard": _yuan(premium.standard),
        "personal": _yuan(premium.personal),
        "cash": _yuan(premium.cash),
        "paid_by": premium.paid_by,
        "subsidy": _yuan(premium.subsidy),
        "shares": _each(premium.shares),
        "credit": _yuan(premium.credit),
        "grants": _each(premium.grants),
        "subsidies": [
            {
                "code": part.code,
                "name": part.name,
                "article": part.article,
                "amount": _yuan(part.amount),
                "toward_premium": _yuan(part.toward_premium),
                "credit": _yuan(part.credit),
                "shares": _each(part.shares),
            }
            for part in premium.subsidies
        ],
        "steps": [_step(step) for step in premium.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "code": step.code,
        "name": step.name,
        "article": step.article,
        "before": _yuan(step.before),
        "after": _yuan(step.after),
        "parameter": step.parameter,
        "sentence": step.sentence,
    }


def _each(amounts: Mapping[str, int]) -> dict[str, str]:
    return {code: _yuan(fen) for code, fen in amounts.items()}


def _yuan(fen: int) -> str:
    return str(to_yuan(fen))
