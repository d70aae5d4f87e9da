"""The tables of a report as page and workbook show them, from its snapshot.

A snapshot of an earlier schema lacks what came later; what is not there is not shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.urls import reverse

from lib.money import to_fen
from lib.periods import Month
from reports.behind import (
    Span,
    account_use,
    claims,
    covers,
    postings,
    postings_up_to,
    spans,
    statement,
)
from reports.finance import twelve_months
from reports.grids import NO_BOOKS, Cell, Grid, Head
from reports.indicators import (
    BASES,
    INDICATORS,
    UNITS,
    Indicator,
    Part,
    growth,
    without_refunds,
)
from reports.tables import COMPARED, PERFORMANCE, TOWNSHIPS, Column
from reports.thresholds import STANDINGS

Figures = Mapping[str, Any]
PERIOD_NAMES = {
    "month": "本月",
    "previous": "上月",
    "year": "本年累计",
    "last_year": "上年同月",
}
ORDER = ("month", "previous", "last_year", "year")
BY_KEY = {one.key: one for one in INDICATORS}
# Title of a table by group, and the field of the list of claims that its rows are narrowed by.
GROUPS = (
    ("institutions", "各医疗机构", "机构", "institution"),
    ("tiers", "各档次", "档次", "tier"),
    ("statuses", "困难身份（按结算日的身份，一人多种身份各计一次，合计不重复）", "身份", "status"),
    ("diseases", "住院病种（按 ICD-10 类目，支付最多的二十种）", "病种", "disease"),
)


def month_of(figures: Figures) -> Month:
    return Month(figures["year"], figures["month"])


def sections(figures: Figures) -> dict[str, Grid]:
    """Every table by its key, in the order of the workbook."""
    found = {
        "income": _money("收入", "income", figures),
        "expenditure": _money("支出", "expense", figures),
        "flows": _flows(figures),
        "funding": _funding(figures),
        "identities": _identities(figures),
        "levels": _performance("机构级别", "level", figures["levels"], figures),
        "care": _performance("就医类别", "care", figures["care"], figures),
        "layers": _layers(figures),
        "townships": _townships(figures),
    }
    for key, title, noun, field in GROUPS:
        if "by" in figures:
            found[key] = _compared(figures["by"][key], title, noun, field, figures)
    if "large" in figures:
        found["large"] = _large(figures)
    return found | {"indicators": indicator_grid(figures)}


def _periods(figures: Figures) -> list[str]:
    """Those that the snapshot has, in reading order."""
    return [one for one in ORDER if one in figures["income"]["total"]]


def _missing(figures: Figures, period: str) -> str:
    return NO_BOOKS if not figures.get("kept", {}).get(period, True) else "—"


def _money(title: str, kind: str, figures: Figures) -> Grid:
    section = figures["income" if kind == "income" else "expenditure"]
    dates, periods = spans(month_of(figures)), _periods(figures)

    def cells(line: Mapping[str, Any], **asked: str) -> list[Cell]:
        return [
            Cell(line[one], "yuan", postings(dates[one], **asked), missing=_missing(figures, one))
            for one in periods
        ]

    return Grid(
        title,
        [
            Head("科目编号", "code"),
            Head("科目"),
            *(Head(PERIOD_NAMES[one], "yuan") for one in periods),
        ],
        [
            [
                Cell(line["code"], "code"),
                Cell(line["name"]),
                *cells(line, account=line.get("account", line["code"])),
            ]
            for line in section["lines"]
        ],
        [Cell("", "code"), Cell("合计"), *cells(section["total"], kind=kind)],
        hidden=frozenset({0}),
        empty="本年至今没有发生",
        widths={1: 30},
    )


def _flows(figures: Figures) -> Grid:
    rows = []
    for row in figures["flows"]:
        month = Month.parse(row["month"])
        span = (month, month)
        rows.append(
            [
                Cell(row["month"] + ("　未结账" if row["month"] in _open(figures) else "")),
                Cell(row["income"], "yuan", postings(span, kind="income")),
                Cell(row["expenditure"], "yuan", postings(span, kind="expense")),
                Cell(row["balance"], "yuan", statement("balance-sheet", month)),
            ]
        )
    heads = [Head("月份"), *(Head(one, "yuan") for one in ("收入", "支出", "月末累计结余"))]
    total = [Cell("合计"), *(_sum(rows, at) for at in (1, 2)), Cell("")]
    if rows:
        whole = (Month.parse(figures["flows"][0]["month"]), month_of(figures))
        for at, kind in ((1, "income"), (2, "expense")):
            total[at] = replace(total[at], address=postings(whole, kind=kind))
    return Grid("各月收支", heads, rows, total)


def _open(figures: Figures) -> Sequence[str]:
    found: Sequence[str] = figures.get("open_months", ())
    return found


def _sum(rows: Iterable[Sequence[Cell]], at: int) -> Cell:
    return Cell(sum((Decimal(row[at].value) for row in rows), Decimal("0.00")), "yuan")


def _funding(figures: Figures) -> Grid:
    cover, month = figures["enrollment"], month_of(figures)

    def cells(row: Mapping[str, Any], funder: str) -> list[Cell]:
        where = postings_up_to(month, funder=funder, policy_year=figures["policy_year"])
        return [
            Cell(row["due"], "yuan", covers(month, policy_year=figures["policy_year"])),
            Cell(row["received"], "yuan", where),
            Cell(row["rate"], "ratio"),
        ]

    return Grid(
        f"{figures['policy_year']} 年度筹资到位",
        [Head("资金来源"), Head("应到位", "yuan"), Head("已到位", "yuan"), Head("到位率", "ratio")],
        [
            [Cell(row["name"]), *cells(row, row.get("funder") or "every")]
            for row in cover["funding"]
        ],
        [Cell("合计"), *cells(cover["funding_total"], "every")],
        empty="还没有筹资",
    )


def _identities(figures: Figures) -> Grid:
    def cells(row: Mapping[str, Any]) -> list[Cell]:
        return [
            Cell(row["eligible"], "count"),
            Cell(row["enrolled"], "count"),
            Cell(row["rate"], "ratio"),
        ]

    cover = figures["enrollment"]
    total = cover.get("statuses_total")
    return Grid(
        "特殊人群参保",
        [
            Head("身份"),
            Head("应参人数", "count"),
            Head("参保人数", "count"),
            Head("参保率", "ratio"),
        ],
        [[Cell(row["name"]), *cells(row)] for row in cover["statuses"]],
        [Cell("合计（不重复）"), *cells(total)] if total else (),
        empty="没有登记特殊身份人员",
    )


def _cells(columns: Iterable[Column[Any]], row: Mapping[str, Any], address: str = "") -> list[Cell]:
    """What the row says nothing of stays blank; counts and amounts lead to their rows."""
    found = []
    for column in columns:
        if column.key not in row:
            found.append(Cell(""))
            continue
        leads = address if column.unit in ("count", "yuan") else ""
        found.append(Cell(row[column.key], column.unit, leads))
    return found


def _performance(
    noun: str, field: str, groups: Sequence[Mapping[str, Any]], figures: Figures
) -> Grid:
    dates, periods = spans(month_of(figures)), _periods(figures)
    everything = figures.get("all_care")

    def lines(name: str, of: Mapping[str, Any], **asked: str) -> list[list[Cell]]:
        return [
            [
                Cell(name if period == periods[0] else ""),
                Cell(PERIOD_NAMES[period]),
                *_of_period(figures, period, of[period], claims(dates[period], **asked)),
            ]
            for period in periods
        ]

    rows = [line for row in groups for line in lines(row["name"], row, **{field: row["code"]})]
    strong: frozenset[int] = frozenset()
    if everything and rows:
        totals = lines("合计", everything)
        strong = frozenset(range(len(rows), len(rows) + len(totals)))
        rows += totals
    heads = [Head(noun), Head("期间"), *(Head(one.title, one.unit) for one in PERFORMANCE)]
    return Grid(noun, heads, rows, strong=strong, empty="本年至今没有结算")


def _of_period(figures: Figures, period: str, row: Mapping[str, Any], address: str) -> list[Cell]:
    """Of a period without accounts every cell says so."""
    cells = _cells(PERFORMANCE, row, address)
    missing = _missing(figures, period)
    if missing == NO_BOOKS:
        return [replace(one, value=None, address="", missing=missing) for one in cells]
    return cells


def _layers(figures: Figures) -> Grid:
    periods, dates = _periods(figures), spans(month_of(figures))
    layers = figures.get("layers", [])
    rows = [
        [
            Cell(row["code"], "code"),
            Cell(row["name"]),
            *(
                Cell(
                    row[one],
                    "yuan",
                    claims(dates[one], layer=row["code"]),
                    missing=_missing(figures, one),
                )
                for one in periods
            ),
        ]
        for row in layers
    ]
    total = [Cell("", "code"), Cell("合计"), *(_sum(rows, 2 + at) for at in range(len(periods)))]
    return Grid(
        "支付层次",
        [
            Head("代码", "code"),
            Head("支付层次"),
            *(Head(PERIOD_NAMES[one], "yuan") for one in periods),
        ],
        rows,
        total if rows else (),
        hidden=frozenset({0}),
    )


def _townships(figures: Figures) -> Grid:
    year = spans(month_of(figures))["year"]
    month = spans(month_of(figures))["month"]

    def cells(row: Mapping[str, Any], code: str) -> list[Cell]:
        found = []
        for column, cell in zip(TOWNSHIPS, _cells(TOWNSHIPS, row), strict=True):
            where = ""
            if column.key in ("visits", "cost", "settled"):
                where = claims(year, township=code)
            elif column.key == "stays":
                where = claims(year, township=code, only="stay")
            elif column.key in ("spent", "spent_month"):
                span = year if column.key == "spent" else month
                where = postings(span, township=code, **_paid(figures))
            elif column.key == "enrolled":
                where = covers(month[1], policy_year=figures["policy_year"], township=code)
            elif column.key in ("quota", "overspend"):
                where = reverse("claims:quotas")
            found.append(replace(cell, address=where) if cell.value not in ("", None) else cell)
        return found

    rows = [cells(row, row["code"] or "none") for row in figures["townships"]]
    total = figures.get("townships_total")
    return Grid(
        "各乡镇",
        [Head(one.title, one.unit) for one in TOWNSHIPS],
        rows,
        cells(total, "") if total else (),
        hidden=frozenset(at for at, one in enumerate(TOWNSHIPS) if not one.on_page),
    )


def _compared(
    group: Mapping[str, Any], title: str, noun: str, field: str, figures: Figures
) -> Grid:
    dates = spans(month_of(figures))
    whole = {"status": "any"} if field == "status" else {}
    whole = {"only": "stay"} if field == "disease" else whole

    def cells(row: Mapping[str, Any], asked: Mapping[str, str]) -> list[Cell]:
        found = []
        for column, cell in zip(COMPARED, _cells(COMPARED, row), strict=True):
            where = ""
            if column.key in ("visits_month", "cost_month", "paid_month"):
                where = claims(dates["month"], **asked)
            elif column.key == "paid_last_year":
                where = claims(dates["last_year"], **asked)
            elif column.key in ("visits", "cost", "paid"):
                where = claims(dates["year"], **asked)
            elif column.key == "stays":
                where = claims(dates["year"], **{**asked, "only": "stay"})
            elif column.key in ("serious", "assistance") and (field in asked or asked == {}):
                where = claims(dates["year"], **{**asked, "only": column.key})
            missing = NO_BOOKS if column.key == "paid_last_year" else "—"
            found.append(replace(cell, address=where, missing=missing))
        return found

    rows = []
    for row in group["rows"]:
        asked = {field: row["code"] or "none"}
        rows.append(cells(row, asked | ({"only": "stay"} if field == "disease" else {})))
    return Grid(
        title,
        [Head(noun if one.key == "name" else one.title, one.unit) for one in COMPARED],
        rows,
        cells(group["total"], whole) if rows else (),
        hidden=frozenset(at for at, one in enumerate(COMPARED) if not one.on_page),
    )


def _large(figures: Figures) -> Grid:
    rows = [
        [
            Cell(row["number"], "code", f"/claims/{row['id']}"),
            Cell(row["institution"]),
            Cell(row["care"]),
            Cell(row["cost"], "yuan", f"/claims/{row['id']}"),
            Cell(row["paid"], "yuan", f"/claims/{row['id']}"),
            Cell(row["ratio"], "ratio"),
            Cell(row["why"]),
        ]
        for row in figures["large"]
    ]
    total = [Cell("合计", "code"), Cell(f"{len(rows)} 件"), Cell("")]
    total += [_sum(rows, 3), _sum(rows, 4), Cell(None, "ratio", missing=""), Cell("")]
    return Grid(
        "大额与异常结算",
        [
            Head("结算单号", "code"),
            Head("医疗机构"),
            Head("就医类别"),
            Head("总费用", "yuan"),
            Head("基金支付", "yuan"),
            Head("补偿比", "ratio"),
            Head("列入原因"),
        ],
        rows,
        total if rows else (),
        empty="本月没有",
        widths={6: 40},
    )


def indicator_grid(figures: Figures) -> Grid:
    """Every indicator in one row: its values, the change over a year, what was divided by what."""
    periods = [one for one in ORDER if figures["indicators"] and one in figures["indicators"][0]]
    heads = [
        Head("代码", "code"),
        Head("指标"),
        Head("单位"),
        *(Head("本年 / 月末" if one == "year" else PERIOD_NAMES[one], "mixed") for one in periods),
        Head("较上年同月"),
        Head("状态（限值）"),
        Head("分子", "mixed"),
        Head("分母", "mixed"),
        Head("公式"),
        Head("时间口径"),
        Head("来源"),
    ]
    rows = [_indicator(row, periods, figures) for row in figures["indicators"]]
    return Grid("指标", heads, rows, widths={1: 22, len(heads) - 3: 44, len(heads) - 1: 24})


def _indicator(row: Mapping[str, Any], periods: Sequence[str], figures: Figures) -> list[Cell]:
    one = BY_KEY.get(row.get("key", ""))
    standing = row.get("standing", "")
    told = f"{STANDINGS[standing]}{row.get('bound', '')}" if standing else ""
    return [
        Cell(row["code"], "code"),
        Cell(row["name"]),
        Cell(_unit(row)),
        *(
            Cell(
                row[period],
                row["unit"],
                _of_sum(one, period, figures),
                missing=_no_value(row, period, figures),
            )
            for period in periods
        ),
        Cell(change(row)),
        Cell(told, tone=standing),
        _part(one.top if one else None, row, "top", one, figures),
        _part(one.bottom if one else None, row, "bottom", one, figures),
        Cell(one.told_in(figures) if one else ""),
        Cell(BASES[one.basis] if one else ""),
        Cell(one.source if one else ""),
    ]


# Of what is counted and measured by names of their own.
MEASURED = {"beneficiaries": "人", "average_stay": "天", "months_payable": "月"}


def _unit(row: Mapping[str, Any]) -> str:
    own = {"count": "人次"}.get(row["unit"], UNITS[row["unit"]])
    return MEASURED.get(row.get("key", ""), own)


def _no_value(row: Mapping[str, Any], period: str, figures: Figures) -> str:
    """A state has no value for the month alone; before the books there is none at all."""
    one = BY_KEY.get(row.get("key", ""))
    if one is not None and one.at_end and period in ("month", "previous"):
        return ""
    return _missing(figures, period)


def _part(
    part: Part | None,
    row: Mapping[str, Any],
    side: str,
    one: Indicator | None,
    figures: Figures,
) -> Cell:
    """Of the year so far, or of the month's end."""
    if part is None or one is None:
        return Cell("")
    value = row[side].get("year")
    is_money = not part.is_counted
    where = _behind(part, spans(month_of(figures))["year"], figures)
    if value is None:
        return Cell(None)
    return Cell(
        Decimal(value).scaleb(-2) if is_money else value, "yuan" if is_money else "count", where
    )


def _of_sum(one: Indicator | None, period: str, figures: Figures) -> str:
    """Of an indicator that is no quotient the figure itself leads to its rows."""
    if one is None or one.bottom is not None or one.at_end:
        return ""
    return _behind(one.top, spans(month_of(figures))[period], figures)


def _behind(part: Part, year: Span, figures: Figures) -> str:
    if part.behind == "claims":
        return claims(year, **part.only)
    if part.behind == "raised":
        asked = {"funder": "every"} | dict(part.only)
        return postings_up_to(year[1], policy_year=figures["policy_year"], **asked)
    if part.behind == "used":
        return postings(year, kind="expense", kept=figures["policy_year"])
    if part.behind == "paid":
        return postings((next(twelve_months(year[1])), year[1]), **_paid(figures))
    if part.behind == "recovered":
        return postings(year, only="recovered")
    return _behind_at_end(part, year[1], figures)


def _paid(figures: Figures) -> dict[str, str]:
    """What lists the expense that a report of its time counted as paid."""
    return {"only": "paid"} if without_refunds(figures) else {"kind": "expense"}


def _behind_at_end(part: Part, month: Month, figures: Figures) -> str:
    if part.behind == "balance":
        return statement("balance-sheet", month)
    at_end = {"covers": covers, "account_use": account_use}.get(part.behind)
    return at_end(month, policy_year=figures["policy_year"]) if at_end else ""


def change(row: Mapping[str, Any]) -> str:
    """Against the same month of the year before: of ratios in points, of what is counted in
    percent."""
    one = BY_KEY.get(row.get("key", ""))
    now = row["year" if one is not None and one.at_end else "month"]
    before = row.get("last_year")
    if now is None or before is None:
        return "—"
    if row["unit"] in ("ratio", "points"):
        return f"{(now - before) / 100:+.2f} 百分点"
    if row["unit"] != "count":
        now, before = to_fen(now), to_fen(before)
    found = growth(now, before)
    return "—" if found is None else f"{found / 100:+.2f}%"
