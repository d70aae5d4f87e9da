"""A premium of 2026 that was paid in 2025 and goes back in 2026, in books on cash basis.

赵小妹 paid 60.00 for 2026 on 26 October 2025. She joins the scheme for employees, her cover ends,
and the money goes back on 12 January 2026, when 2025 is over: 借 其他支出 贷 支出户存款 (E11). With
and without her is the same 2026: 560.00 of premiums are there, not 620.00.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Division
from funds import verify
from funds.exports import json_lines
from funds.law.working import raised
from funds.models import Book
from funds.named import fund_position
from reports.figures import collect
from reports.showing import indicator_grid
from tests.recount.books import Books
from tests.recount.care import Care
from tests.recount.rows import read
from tests.reports.conftest import MARCH

pytestmark = pytest.mark.usefixtures("spring")
OF_MONEY = (
    "raised_per_person", "in_place_rate", "premium_per_person", "subsidy_share", "use_rate",
    "surplus_rate", "balance_rate", "pace_deviation", "months_payable",
)  # fmt: skip


@pytest.fixture
def paid_and_back(post: Callable[..., Any], town_b: Division) -> Callable[[], None]:
    def play() -> None:
        hers = {"township": town_b, "policy_year": 2026, "funding_level": "personal"}
        post("premium_collected", "60.00", date(2025, 10, 26), **hers)
        post("prior_premium_refunded", "60.00", date(2026, 1, 12), **hers)

    return play


def figures(county: Division) -> dict[str, Any]:
    return {
        one["key"]: (one["year"], one["top"]["year"], one["bottom"]["year"])
        for one in collect(area=county, month=MARCH)["indicators"]
        if one["key"] in OF_MONEY
    }


def test_what_went_back_was_neither_raised_nor_used(
    county: Division, paid_and_back: Callable[[], None]
) -> None:
    """R04 personal: 560.00 arrived and stayed; the four who are covered owe as before."""
    before, funding = figures(county), collect(area=county, month=MARCH)["enrollment"]["funding"]

    paid_and_back()

    assert figures(county) == before
    told = collect(area=county, month=MARCH)
    assert told["enrollment"]["funding"] == funding
    assert (
        next(one for one in told["enrollment"]["funding"] if one["funder"] == "personal")[
            "received"
        ]
        == "560.00"
    )


def test_the_statement_keeps_it_as_the_rules_book_it(
    county: Division, paid_and_back: Callable[[], None]
) -> None:
    """60.00 more of expense of 2026 in the books."""
    before = collect(area=county, month=MARCH)["expenditure"]["total"]["year"]
    paid_and_back()
    after = collect(area=county, month=MARCH)["expenditure"]["total"]["year"]
    assert Decimal(after) - Decimal(before) == 60


def test_no_month_has_to_pay_it_and_no_quota_is_used_by_it(
    county: Division, post: Callable[..., Any], paid_and_back: Callable[[], None]
) -> None:
    """5122.34 are there; 400.00 and 2050.00 were paid in two months: 5122.34 × 2 ÷ 2450.00 = 4.18.
    With the 60.00 as if they were benefits it would be 5122.34 × 3 ÷ 2510.00 = 6.12: more than
    before, by money that went out. 9.00 of a premium of 2025 went back in the same way: 5113.34 × 2
    ÷ 2450.00 = 4.17. Nothing was paid for anybody of 万古镇, which used nothing of its 3402.00."""
    paid_and_back()
    post("prior_premium_refunded", "9.00", date(2026, 2, 3), policy_year=2025)
    told = collect(area=county, month=MARCH)
    lasting = next(one for one in told["indicators"] if one["key"] == "months_payable")
    assert (lasting["top"]["year"], lasting["bottom"]["year"]) == (511_334, 245_000)
    assert lasting["year"] == "4.17"
    towns = {one["name"]: one for one in told["townships"]}
    assert (towns["万古镇"]["spent"], towns["万古镇"]["use_rate"]) == ("0.00", 0)
    assert towns["万古镇"]["quota"] == "3402.00"
    assert "未分乡镇" not in towns
    total = told["townships_total"]
    assert (total["spent_month"], total["spent"]) == ("2050.00", "2450.00")

    position = fund_position(county, MARCH.last)
    assert (position.balance, position.expense, position.months) == (
        Decimal("5113.34"),
        Decimal("2450.00"),
        2,
    )
    # Came in within the twelve months: 560.00 + 60.00 + 7012.34, less what went back.
    assert position.income == Decimal("7563.34")
    recounted = Care(read(county.code), Books(read(county.code)))
    assert recounted.indicators((2026, 3))["指标 months_payable 本年"] == 417
    assert recounted.townships((2026, 3))["街镇 500225102 额度使用率"] == 0


def test_the_list_behind_has_what_was_divided_by(
    county: Division,
    cast: SimpleNamespace,
    as_user: Callable[..., Client],
    post: Callable[..., Any],
    paid_and_back: Callable[[], None],
) -> None:
    """Twelve months up to March and not the calendar year: 30.00 of December are among them."""
    paid_and_back()
    post("claim_paid", "30.00", date(2025, 12, 3), purpose="outpatient")
    told = collect(area=county, month=MARCH)
    lasting = next(one for one in told["indicators"] if one["key"] == "months_payable")
    assert lasting["bottom"]["year"] == 248_000
    cells = next(
        row for row in indicator_grid(told).rows if any(cell.value == "可支付月数" for cell in row)
    )
    where = next(cell.address for cell in cells if cell.value == Decimal("2480.00"))
    page = as_user(cast.accountant).get(where).text
    assert "2,480.00" in page
    assert "退还以前年度保费" not in page


def test_measures_checker_and_recount_agree(
    county: Division, book: Book, paid_and_back: Callable[[], None]
) -> None:
    before = raised(book, 2026)
    paid_and_back()
    assert raised(book, 2026) == before
    records = [json.loads(line) for line in json_lines(book)]
    assert [str(one) for one in verify.verify(records).findings] == []
    assert Books(read(county.code)).raised(2026, date(2026, 3, 31))["personal"] == 56_000


def test_a_refund_of_an_earlier_insurance_year_is_spent(
    county: Division, post: Callable[..., Any]
) -> None:
    """9.00 of a premium of 2025: nothing of it was raised for 2026, so it is expense of 2026."""
    before = {one["key"]: one["top"]["year"] for one in _of(county)}
    post("prior_premium_refunded", "9.00", date(2026, 2, 3), policy_year=2025)
    after = {one["key"]: one["top"]["year"] for one in _of(county)}
    assert after["use_rate"] - before["use_rate"] == 900
    assert after["in_place_rate"] == before["in_place_rate"]


def _of(county: Division) -> list[dict[str, Any]]:
    return [
        one for one in collect(area=county, month=MARCH)["indicators"] if one["key"] in OF_MONEY
    ]
