"""What an export of the books says of settlements adds up, to the fen, as the report has it."""

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from funds import named, verify
from funds.events import YEAR_END
from funds.exports import json_lines
from funds.handing_out import writing
from funds.models import Book
from funds.services import open_book
from lib.periods import Month
from lib.tables.writing import Sheet, workbook_bytes
from reports import activity, scorecard
from reports.figures import collect
from reports.finance import GOVERNMENT
from reports.indicators import INDICATORS
from tests.claims.recovery.conftest import ask, take  # noqa: F401 - fixtures
from tests.reports.conftest import MARCH

OF_THE_BOOKS = ("income", "expense", "surplus", "balance", "ahead")
Records = list[dict[str, Any]]


def records_of(book: Book) -> Records:
    return [json.loads(line) for line in json_lines(book)]


@pytest.fixture
def records(spring: SimpleNamespace, book: Book) -> Records:
    return records_of(book)


def of_kind(records: Records, kind: str) -> Records:
    return [one for one in records if one["kind"] == kind]


def findings(records: Records) -> list[str]:
    return [str(one) for one in verify.verify(records).findings]


def test_settlements_add_up_and_so_do_their_months(
    records: Records, spring: SimpleNamespace, county: Division
) -> None:
    """王建国 5000.00 → 2050.00 and 张大山 20000.00 → 6650.00 of March, 李秀兰 of February."""
    assert findings(records) == []
    first, second, third = of_kind(records, "settlement")
    assert first["number"] == spring.february.number
    assert second["amounts"]["full_self_pay"] == "300.00"
    assert [(one["amounts"]["total"], one["amounts"]["fund"]) for one in (second, third)] == [
        ("5000.00", "2050.00"),
        ("20000.00", "6650.00"),
    ]
    assert [part["amount"] for part in second["funds"]] == ["2050.00"]
    told = {one["month"]: one for one in of_kind(records, "settled")}
    whole = collect(area=county, month=MARCH)["all_care"]["month"]
    assert (told["2026-03"]["total"], told["2026-03"]["fund"]) == (whole["cost"], whole["paid"])
    assert (told["2026-03"]["count"], told["2026-03"]["fund"]) == (2, "8700.00")
    assert records[-1]["settlements"] == 3
    assert "结算单 3 张" in verify.verify(records).lines()[0]


def test_no_name_and_no_id_leaves(records: Records) -> None:
    text = json.dumps(of_kind(records, "settlement"), ensure_ascii=False)
    for name in ("王建国", "李秀兰", "张大山", "500225198"):
        assert name not in text


def test_a_changed_fen_is_named(records: Records, spring: SimpleNamespace) -> None:
    for name, amount, expected in (
        ("total", "5000.01", "医疗费总额 5000.01，按各项重算是 5000.00"),
        ("full_self_pay", "299.99", "医疗费总额 5000.00，按各项重算是 4999.99"),
        ("personal", "2950.01", "个人负担 2950.01，按各项重算是 2950.00"),
        ("cash", "2949.99", "个人现金 2949.99，按各项重算是 2950.00"),
        ("fund", "2050.01", "基金支付 2050.01，各基金合计是 2050.00"),
        ("fund", "2050.01", "2026-03：结算的基金支付合计为 8700.00，按结算单重算是 8700.01"),
    ):
        spoilt = deepcopy(records)
        of_kind(spoilt, "settlement")[1]["amounts"][name] = amount
        found = findings(spoilt)
        assert any(expected in one for one in found), (name, found)
        assert any(f"结算单 {spring.march.number}" in one for one in found)


SPOILT: tuple[tuple[Callable[[Records], Any], str], ...] = (
    (lambda rows: rows.remove(of_kind(rows, "settlement")[2]), "条数与结尾一行不符"),
    (lambda rows: rows.insert(-1, of_kind(rows, "settlement")[0]), "结算单号重复"),
    (lambda rows: rows.remove(of_kind(rows, "settled")[1]), "2026-03：结算的张数合计为 0"),
    (lambda rows: of_kind(rows, "settlement")[1].update(counted=False), "重算是 1"),
    (lambda rows: of_kind(rows, "settlement")[1].update(funds=[]), "各基金合计是 0.00"),
    (lambda rows: rows.remove(figure(rows, "use_rate")), "条数与结尾一行不符"),
)


def test_what_is_taken_away_or_added_is_missed(records: Records) -> None:
    for spoil, expected in SPOILT:
        spoilt = deepcopy(records)
        spoil(spoilt)
        assert any(expected in one for one in findings(spoilt)), expected


def test_what_is_wholly_back_is_there_and_counts_in_no_month(
    spring: SimpleNamespace, book: Book, request: pytest.FixtureRequest
) -> None:
    ask, take = (request.getfixturevalue(name) for name in ("ask", "take"))  # noqa: F811
    take(ask(spring.march, on=MARCH.last), "2050.00", on=MARCH.last)
    records = records_of(book)
    assert findings(records) == []
    assert [one["counted"] for one in of_kind(records, "settlement")] == [True, False, True]
    told = {one["month"]: one["fund"] for one in of_kind(records, "settled")}
    assert told == {"2026-02": "400.00", "2026-03": "6650.00"}


def test_another_fund_has_those_that_it_pays_of(
    spring: SimpleNamespace, county: Division, cast: SimpleNamespace
) -> None:
    aid = open_book(
        actor=cast.accountant, area=county, first_month=Month(2026, 1),
        fund_type=Book.FundType.ASSISTANCE,
    )  # fmt: skip
    assert of_kind(records_of(aid), "settlement") == []
    assert findings(records_of(aid)) == []


def test_an_export_of_before_is_read_as_well(records: Records) -> None:
    """Format 1 had no settlements and counted none; 2 had no figures and nothing of the visits."""
    second = [one for one in records if one["kind"] != "figure"]
    second[0]["format"] = 2
    del second[-1]["figures"]
    for one in of_kind(second, "settlement"):
        del one["visit"]
    assert findings(second) == []
    first = [one for one in second if not one["kind"].startswith("settle")]
    first[0]["format"] = 1
    del first[-1]["settlements"]
    assert findings(first) == []


# Who is covered, and what is in households' accounts, is in no export.
ONLY_THE_REGISTER_SAYS = {
    "beneficiaries", "enrollment_rate", "special_group_rate", "beneficiary_rate_persons",
    "account_use_rate", "account_idle", "raised_per_person", "in_place_rate", "premium_per_person",
    "beneficiary_rate_visits", "hospitalisation_rate",
}  # fmt: skip


def test_every_figure_is_worked_out_anew_or_only_the_register_says_it() -> None:
    """What vouchers or settlements say alone has its row of `FIGURES` in funds/verify/."""
    unsaid = {one.key for one in INDICATORS if None in verify.FIGURES.get(one.key, (None,))}
    assert unsaid == ONLY_THE_REGISTER_SAYS


def figure(records: Records, key: str, month: str = "2026-03", period: str = "year") -> Any:
    (found,) = (
        one
        for one in of_kind(records, "figure")
        if (one["key"], one["month"], one["period"]) == (key, month, period)
    )
    return found


def test_the_figures_are_those_of_the_report_and_worked_out_anew(
    records: Records, county: Division
) -> None:
    """Of March: 3012.34 came in and 2050.00 went out, of the year 7012.34 and 2450.00; with 560.00
    of October the fund has 5122.34. Raised for 2026 are 7560.00: 2450.00 ÷ 7560.00 = 32.41 %."""
    told = {
        (key, period): figure(records, key, period=period)["value"]
        for key in ("income", "expense", "surplus")
        for period in ("month", "year")
    }
    assert told == {
        ("income", "month"): "3012.34", ("income", "year"): "7012.34",
        ("expense", "month"): "2050.00", ("expense", "year"): "2450.00",
        ("surplus", "month"): "962.34", ("surplus", "year"): "4562.34",
    }  # fmt: skip
    assert figure(records, "balance")["value"] == "5122.34"
    used = figure(records, "use_rate")
    assert (used["top"], used["bottom"], used["value"]) == (245_000, 756_000, 3241)
    assert (figure(records, "actual_ratio", period="month")["value"]) == 3480  # 8700 ÷ 25000
    for row in collect(area=county, month=MARCH)["indicators"]:
        if row["year"] is not None:
            assert figure(records, row["key"])["value"] == row["year"]
    outcome = verify.verify(records)
    assert outcome.findings == []
    figures = of_kind(records, "figure")
    anew = [one for one in figures if one["key"] not in ONLY_THE_REGISTER_SAYS]
    assert (outcome.figures, outcome.recomputed) == (len(figures), len(anew))
    assert len({one["month"] for one in figures}) == 6  # since October
    assert (
        f"月报指标 {outcome.figures} 项（{outcome.recomputed} 项由记录重算）" in outcome.lines()[0]
    )


TAMPERED: tuple[tuple[str, str, str, Any, str], ...] = (
    ("income", "month", "value", "3012.35",
     "2026-03：月报指标“基金收入”（本月）是 3012.35，按分子分母重算是 3012.34"),
    ("surplus", "year", "top", 456_235,
     "月报指标“本期结余”（本年累计）分子是 456235，按记录重算是 456234"),
    ("balance", "year", "top", 1,
     "月报指标“累计结余”（本年累计）分子是 1，按记录重算是 512234"),
    ("use_rate", "year", "value", 3240,
     "月报指标“R18 当年基金使用率”（本年累计）是 3240，按分子分母重算是 3241"),
    ("use_rate", "year", "bottom", 756_001, "分母是 756001，按记录重算是 756000"),
    ("months_payable", "year", "value", "6.00", "“R20 可支付月数”（本年累计）是 6.00"),
    ("pace_deviation", "year", "value", 0, "“R21 支出进度偏差”（本年累计）是 0，"),
    ("average_stay_cost", "month", "top", 1, "“R08 次均住院费用”（本月）分子是 1，"),
    ("outside_stay_cost", "month", "bottom", 1, "“R15 县外住院费用占比”（本月）分母是 1，"),
    # How many are covered no record says; what is divided is divided again.
    ("enrollment_rate", "year", "value", 9999, "“R01 参保率”（本年累计）是 9999，"),
)  # fmt: skip


def test_a_tampered_figure_is_named(records: Records) -> None:
    for key, period, name, value, expected in TAMPERED:
        spoilt = deepcopy(records)
        figure(spoilt, key, period=period)[name] = value
        found = findings(spoilt)
        assert any(expected in one for one in found), (key, found)


def test_a_tampered_figure_of_the_workbook_is_named_by_its_row(
    records: Records, tmp_path: Path
) -> None:
    """The sheet as the export writes it: whole, then with another use rate."""
    figures = of_kind(records, "figure")
    path = tmp_path / "账簿.xlsx"
    for changed in (None, Decimal("32.40")):
        rows = [list(row) for row in writing._figure_rows(figures)]
        at = figures.index(figure(records, "use_rate"))
        rows[at][7] = changed or rows[at][7]
        path.write_bytes(workbook_bytes([Sheet("月报指标", writing.FIGURE_COLUMNS, rows)]))
        found = [str(one) for one in verify.check_workbook(path, figures)]
        wrong = f"月报指标 第 {at + 2} 行：数值是 '32.40'，记录是 '32.41'"
        assert found == (
            [] if changed is None else [f"{wrong}（2026-03 当年基金使用率（本年累计））"]
        )


def test_the_checker_knows_the_accounts_and_events_of_the_books() -> None:
    """It repeats them, as it runs alone."""
    funders = {name: set(accounts) for name, accounts in named.FUNDERS.items()}
    assert set(verify.RAISED) == set().union(*funders.values())
    assert set(verify.PREMIUMS) == funders["personal"]
    assert set(verify.SUBSIDIES) == set().union(*(funders[one] for one in GOVERNMENT))
    assert (verify.YEAR_END, verify.RECOVERED) == (YEAR_END, named.RECOVERED)
    assert named.account_of("prior_recovery", "credit") == verify.RECOVERED_EARLIER
    assert (verify.SERIOUS, verify.ASSISTANCE) == (activity.SERIOUS, activity.ASSISTANCE)
    assert verify.GRASSROOTS == scorecard.GRASSROOTS
    assert set(verify.FIGURES) - {one.key for one in INDICATORS} == set(OF_THE_BOOKS)
