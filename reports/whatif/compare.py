"""A year as it was settled beside what other measures would have made of it. Pure, in fen.

Every table row says: claims, cost, what was paid (``before``) and what the draft pays (``after``)
out of the fund, and the actual and in-scope ratios (1/10000) of both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from claims.adjudication import Decisions
from policies.terms import Terms
from reports.indicators import ratio
from reports.whatif.columns import Year
from reports.whatif.copying import Column

# First completed year of each band, with its name.
AGE_BANDS: tuple[tuple[int, str], ...] = (
    (0, "0—5 岁"), (6, "6—17 岁"), (18, "18—44 岁"), (45, "45—59 岁"), (60, "60—69 岁"),
    (70, "70—79 岁"), (80, "80 岁以上"),
)  # fmt: skip
QUANTILES = (10, 25, 50, 75, 90, 100)
MOST_DIFFERENT = 30  # claims that are shown one by one
NO_STATUS = "普通居民（无特殊身份）"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The columns that tables are summed from; ``before`` as settled, ``after`` under the draft."""

    total: Column
    before: Column
    after: Column
    scope_before: Column
    scope_after: Column

    @classmethod
    def of(cls, year: Year, decisions: Decisions) -> "Outcome":
        return cls(
            total=year.settled["total"],
            before=year.settled["fund"],
            after=decisions.fund_pay,
            scope_before=year.settled["in_scope"],
            scope_after=decisions.in_scope,
        )

    def rows(self, group: Column, names: list[str]) -> list[Row]:
        """One row per group number that has claims, named by ``names``."""
        size = len(names)
        count = np.bincount(group, minlength=size)
        sums = {name: _summed(getattr(self, name), group, size) for name in self.__slots__}
        return [
            _row(names[at], int(count[at]), {name: int(sums[name][at]) for name in sums})
            for at in range(size)
            if count[at]
        ]

    def row(self, name: str, chosen: Any) -> Row:
        """The row of the claims that ``chosen`` marks."""
        sums = {each: int(getattr(self, each)[chosen].sum()) for each in self.__slots__}
        return _row(name, int(chosen.sum()), sums)


def _row(name: str, claims: int, sums: Mapping[str, int]) -> Row:
    before, after, total = sums["before"], sums["after"], sums["total"]
    return {
        "name": name,
        "claims": claims,
        "total": total,
        "before": before,
        "after": after,
        "change": after - before,
        "actual_before": ratio(before, total),
        "actual_after": ratio(after, total),
        "in_scope_before": ratio(before, sums["scope_before"]),
        "in_scope_after": ratio(after, sums["scope_after"]),
    }


def _summed(values: Column, group: Column, size: int) -> Column:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums


def compare(
    year: Year,
    terms: Terms,
    decisions: Decisions,
    township_names: Mapping[int, str],
    layers: Mapping[str, tuple[str, int]],
) -> dict[str, Any]:
    """Every figure about claims. ``township_names``: nine-digit code as a number → name;
    ``layers``: code → name and fen of each layer as settled."""
    outcome = Outcome.of(year, decisions)
    everyone = np.ones(len(year), dtype=bool)
    towns, town = np.unique(year.township, return_inverse=True)
    town_names = [township_names.get(int(code), str(code)) for code in towns]
    starts = [first for first, _ in AGE_BANDS]
    band = np.searchsorted(np.array(starts), year.age, side="right") - 1
    tables = [
        _table("level", "按机构级别", _by_code(outcome, decisions, "level", terms)),
        _table("care", "按就医类别", _by_code(outcome, decisions, "care", terms)),
        _table("township", "按乡镇", outcome.rows(town, town_names)),
        _table("status", "按身份（多种身份的分别计入）", _by_status(outcome, decisions, terms)),
        _table("age", "按年龄", outcome.rows(band, [name for _, name in AGE_BANDS])),
        _table("tier", "按档次", _by_code(outcome, decisions, "tier", terms)),
    ]
    return {
        "claims": len(year),
        "persons": len(year.persons),
        "total": outcome.row("合计", everyone),
        "layers": _layers(year, terms, decisions, layers),
        "tables": [table for table in tables if table["rows"]],
        "refused": {
            "before": int((year.settled["fund"] == 0).sum()),
            "after": int((decisions.fund_pay == 0).sum()),
        },
        "gains": _gains(year, decisions),
        "differences": _differences(year, decisions),
    }


def _differences(year: Year, decisions: Decisions) -> dict[str, Any]:
    """How many claims the fund would have paid otherwise, and those that differ most."""
    change = decisions.fund_pay - year.settled["fund"]
    most = np.argsort(-np.abs(change), kind="stable")[:MOST_DIFFERENT]
    return {
        "changed": int((change != 0).sum()),
        "rows": [
            {
                "claim": int(year.claim[at]),
                "before": int(year.settled["fund"][at]),
                "after": int(decisions.fund_pay[at]),
                "change": int(change[at]),
            }
            for at in most
            if change[at]
        ],
    }


def _table(code: str, title: str, rows: list[Row]) -> dict[str, Any]:
    return {"code": code, "title": title, "rows": rows}


def _by_code(outcome: Outcome, decisions: Decisions, dimension: str, terms: Terms) -> list[Row]:
    """By a category, in the order in which the draft declares its codes."""
    names = list(terms.vocabulary.get(dimension, {}).values())
    column = decisions.cases.categories[dimension]
    return outcome.rows(column, names) if names and not (column < 0).any() else []


def _by_status(outcome: Outcome, decisions: Decisions, terms: Terms) -> list[Row]:
    bits = decisions.cases.flags["status"]
    chosen = [
        (name, bits >> at & 1 == 1)
        for at, name in enumerate(terms.vocabulary.get("status", {}).values())
    ]
    rows = [outcome.row(name, marked) for name, marked in [*chosen, (NO_STATUS, bits == 0)]]
    return [row for row in rows if row["claims"]]


def _layers(
    year: Year, terms: Terms, decisions: Decisions, settled: Mapping[str, tuple[str, int]]
) -> list[Row]:
    """Each layer before and after, first those of the draft; what wallets pay of the patients' part
    stands beside them."""
    after = {code: int(column.sum()) for code, column in decisions.layers.items()}
    names = terms.layer_names
    names |= {code: name for code, (name, _) in settled.items() if code not in names}
    rows = [
        _change(name, settled.get(code, ("", 0))[1], after.get(code, 0))
        for code, name in names.items()
    ]
    rows = [row for row in rows if row["before"] or row["after"]]
    for code, name in (("account", "家庭账户支付"), ("credit", "记账余额抵付")):
        row = _change(name, int(year.settled[code].sum()), int(getattr(decisions, code).sum()))
        if row["before"] or row["after"]:
            rows.append(row | {"beside": True})
    return rows


def _change(name: str, before: int, after: int) -> Row:
    return {"name": name, "before": before, "after": after, "change": after - before}


def _gains(year: Year, decisions: Decisions) -> dict[str, Any]:
    """Whose own burden (个人负担) falls and whose rises, by claims and by persons."""
    saved = year.settled["personal"] - decisions.personal
    by_person = _summed(saved, year.person, len(year.persons))
    return {"claims": _sides(saved), "persons": _sides(by_person)}


def _sides(saved: Column) -> dict[str, Any]:
    return {
        "better": _spread(saved[saved > 0]),
        "worse": _spread(-saved[saved < 0]),
        "same": int((saved == 0).sum()),
    }


def _spread(amounts: Column) -> dict[str, Any]:
    """Count, sum and quantiles (fen; the amount that so many percent do not exceed)."""
    ordered = np.sort(amounts)
    count = len(ordered)
    return {
        "count": count,
        "sum": int(ordered.sum()),
        "quantiles": [
            {"percent": q, "amount": int(ordered[-(-q * count // 100) - 1])} for q in QUANTILES
        ]
        if count
        else [],
    }


def self_check(year: Year, pack: int, decisions: Decisions) -> dict[str, Any]:
    """The measures in force computed anew against what was really settled under them.

    ``pack``: id of these measures; claims settled under others are not compared. Equal means equal
    to the fen in fund, in-scope amount, personal part, account, credit and cash.
    """
    pairs: list[tuple[Column, Column]] = [
        (year.settled["fund"], decisions.fund_pay),
        (year.settled["in_scope"], decisions.in_scope),
        (year.settled["personal"], decisions.personal),
        (year.settled["account"], decisions.account),
        (year.settled["credit"], decisions.credit),
        (year.settled["cash"], decisions.cash),
    ]
    mine = year.pack == pack
    differs = np.zeros(len(year), dtype=bool)
    for settled, computed in pairs:
        differs |= settled != computed
    differs &= mine
    first = np.flatnonzero(differs)[:20]
    return {
        "compared": int(mine.sum()),
        "others": int((~mine).sum()),
        "differing": int(differs.sum()),
        "settled": int(year.settled["fund"][mine].sum()),
        "computed": int(decisions.fund_pay[mine].sum()),
        "examples": [
            {
                "claim": int(year.claim[at]),
                "settled": int(year.settled["fund"][at]),
                "computed": int(decisions.fund_pay[at]),
            }
            for at in first
        ],
    }


def changes_by_month(
    year: Year, decisions: Decisions, month_of: Callable[[Column], Column]
) -> tuple[dict[int, int], dict[str, int]]:
    """How much more or less leaves the fund's account.

    ``month_of``: days since 1970 → any number for a month. Returns (month → change of what was
    paid in it, the claims not paid yet as settled and as computed). Fen.
    """
    after = decisions.fund_pay + decisions.account + decisions.credit
    paid = year.paid_on >= 0
    months, place = np.unique(month_of(year.paid_on[paid]), return_inverse=True)
    change = _summed((after - year.payable)[paid], place, len(months))
    waiting = {
        "claims": int((~paid).sum()),
        "before": int(year.payable[~paid].sum()),
        "after": int(after[~paid].sum()),
    }
    return {int(m): int(c) for m, c in zip(months, change, strict=True)}, waiting
