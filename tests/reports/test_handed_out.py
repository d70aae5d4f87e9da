"""What an export of the books says of settlements adds up, to the fen, as the report has it."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from funds import verify
from funds.exports import json_lines
from funds.models import Book
from funds.services import open_book
from lib.periods import Month
from reports.figures import collect
from tests.claims.recovery.conftest import ask, take  # noqa: F401 - fixtures
from tests.reports.conftest import MARCH

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


@pytest.mark.parametrize(
    ("name", "amount", "expected"),
    [
        ("total", "5000.01", "医疗费总额 5000.01，按各项重算是 5000.00"),
        ("full_self_pay", "299.99", "医疗费总额 5000.00，按各项重算是 4999.99"),
        ("personal", "2950.01", "个人负担 2950.01，按各项重算是 2950.00"),
        ("cash", "2949.99", "个人现金 2949.99，按各项重算是 2950.00"),
        ("fund", "2050.01", "基金支付 2050.01，各基金合计是 2050.00"),
        ("fund", "2050.01", "2026-03：结算的基金支付合计为 8700.00，按结算单重算是 8700.01"),
    ],
)
def test_a_changed_fen_is_named(
    records: Records, spring: SimpleNamespace, name: str, amount: str, expected: str
) -> None:
    of_kind(records, "settlement")[1]["amounts"][name] = amount
    found = findings(records)
    assert any(expected in one for one in found), found
    assert any(f"结算单 {spring.march.number}" in one for one in found)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda rows: rows.remove(of_kind(rows, "settlement")[2]), "条数与结尾一行不符"),
        (lambda rows: rows.insert(-1, of_kind(rows, "settlement")[0]), "结算单号重复"),
        (lambda rows: rows.remove(of_kind(rows, "settled")[1]), "2026-03：结算的张数合计为 0"),
        (lambda rows: of_kind(rows, "settlement")[1].update(counted=False), "重算是 1"),
        (lambda rows: of_kind(rows, "settlement")[1].update(funds=[]), "各基金合计是 0.00"),
    ],
)
def test_what_is_taken_away_or_added_is_missed(records: Records, spoil: Any, expected: str) -> None:
    spoil(records)
    assert any(expected in one for one in findings(records))


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
    """Format 1 had no settlements and counted none."""
    old = [one for one in records if not one["kind"].startswith("settle")]
    old[0]["format"] = 1
    del old[-1]["settlements"]
    assert findings(old) == []
