"""大足办法第二十六条 on the books: reserves, the year's surplus; and advance premiums."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from accounts.errors import Refusal
from accounts.models import Division
from funds.models import Book, Posting, Voucher
from funds.services import (
    EventLine,
    carry_surplus,
    draw_reserve,
    open_book,
    post_event,
    recognise_advances,
)
from lib.money import to_yuan
from lib.periods import Month
from policies.fund_rules import share_overspend
from policies.models import Pack
from policies.services import terms_of
from tests.funds.conftest import check_now, legs

pytestmark = pytest.mark.usefixtures("money_aside")

NOVEMBER, MARCH, NEW_YEAR = date(2025, 11, 20), date(2026, 3, 9), date(2027, 1, 5)
Y2026 = {"policy_year": 2026}


def test_v17_drawing_a_reserve_moves_net_assets_only(
    book: Book, post: Callable[..., Voucher], closing: Callable[..., Decimal]
) -> None:
    """V17: E20 over 300 000: income and expense stay, 3001 falls and 3101 rises by 300 000."""
    post("subsidy_received", "3000000.00", MARCH, funding_level="central")
    post("claim_paid", "2050.00", MARCH, purpose="inpatient")
    before = {code: closing(book, code, MARCH) for code in "1245"}

    post("reserve_drawn", "300000.00", MARCH, purpose="serious_reserve")

    check_now()
    assert {code: closing(book, code, MARCH) for code in "1245"} == before
    assert closing(book, "3001", MARCH) == Decimal("-300000.00")
    assert closing(book, "3101", MARCH) == Decimal("300000.00")
    assert closing(book, "3", MARCH) == Decimal("0.00")


def test_five_percent_each_of_what_was_raised_for_the_year(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    """Premiums paid in autumn 2025 belong to 2026; interest and other years do not count."""
    post("premium_collected", "200000.00", NOVEMBER, **Y2026)
    post("aid_premium_received", "1234.50", NOVEMBER, **Y2026)
    post("subsidy_received", "800000.00", MARCH, funding_level="central", **Y2026)
    post("interest_received", "500.00", MARCH, purpose="fiscal")
    post("premium_collected", "999.00", MARCH, policy_year=2025)

    voucher = draw_reserve(actor=cast.accountant, book=book, year=2026, on=MARCH)

    check_now()
    assert legs(voucher) == [
        ("3001", "100123.46", "0.00"),  # two reserves of 50 061.725, each rounded half up
        ("3101-serious_reserve", "0.00", "50061.73"),
        ("3101-risk_reserve", "0.00", "50061.73"),
    ]
    assert voucher.source == "2026年度筹资 1,001,234.50 元"


def test_drawing_again_takes_only_what_came_in_since(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    post("premium_collected", "200000.00", NOVEMBER, **Y2026)
    first = draw_reserve(actor=cast.accountant, book=book, year=2026, on=NOVEMBER)
    with pytest.raises(Refusal, match=r"没有应提取的风险基金：已按筹资 200,000\.00 元提足"):
        draw_reserve(actor=cast.accountant, book=book, year=2026, on=NOVEMBER)
    post("subsidy_received", "800000.00", MARCH, funding_level="county", **Y2026)

    second = draw_reserve(actor=cast.accountant, book=book, year=2026, on=MARCH)

    assert (first.amount, second.amount) == (Decimal("20000.00"), Decimal("80000.00"))
    assert closing(book, "3101-risk_reserve", MARCH) == Decimal("50000.00")


def test_the_risk_reserve_stops_above_fifteen_percent(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """第26条(二): above 15% of the fund's total nothing more goes to the risk reserve."""
    post("reserve_drawn", "15000.01", NOVEMBER, purpose="risk_reserve", policy_year=2025)
    post("premium_collected", "100000.00", NOVEMBER, **Y2026)

    voucher = draw_reserve(actor=cast.accountant, book=book, year=2026, on=MARCH)

    assert legs(voucher) == [
        ("3001", "5000.00", "0.00"),
        ("3101-serious_reserve", "0.00", "5000.00"),
    ]


def test_without_measures_nothing_is_drawn(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "100000.00", NOVEMBER, **Y2026)
    with pytest.raises(Refusal, match="没有已采用的政策办法"):
        draw_reserve(actor=cast.accountant, book=book, year=2026, on=MARCH)


def test_v13_half_of_the_pools_surplus_goes_to_the_risk_fund(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    """V13: a surplus of 1 000 000 → 500 000 to the risk fund, 500 000 stays in the pool.

    Raised 3 000 000, reserves 300 000, benefits 1 500 000, families keep 200 000 on their accounts.
    """
    post("premium_collected", "3000000.00", NOVEMBER, **Y2026)
    draw_reserve(actor=cast.accountant, book=book, year=2026, on=MARCH)
    post("claim_paid", "1600000.00", MARCH, purpose="inpatient", **Y2026)
    post("claim_recovered", "100000.00", MARCH, purpose="inpatient", **Y2026)

    voucher = carry_surplus(
        actor=cast.accountant,
        book=book,
        year=2026,
        on=NEW_YEAR,
        household_balances=Decimal("200000.00"),
    )

    check_now()
    assert legs(voucher) == [
        ("3001", "500000.00", "0.00"),
        ("3101-risk_fund", "0.00", "500000.00"),
    ]
    assert closing(book, "3101", NEW_YEAR) == Decimal("800000.00")
    again = carry_surplus(
        actor=cast.accountant,
        book=book,
        year=2026,
        on=NEW_YEAR,
        household_balances=Decimal("200000.00"),
    )
    assert again == voucher


def test_no_surplus_no_voucher(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "1000.00", NOVEMBER, **Y2026)
    post("claim_paid", "900.00", MARCH, purpose="inpatient", **Y2026)
    facts = {"actor": cast.accountant, "book": book, "year": 2026}

    with pytest.raises(Refusal, match=r"没有可分配的结余：收支相抵 100\.00 元"):
        carry_surplus(on=NEW_YEAR, household_balances=Decimal("100.00"), **facts)
    with pytest.raises(Refusal, match="还没有结束"):
        carry_surplus(on=date(2026, 12, 30), household_balances=Decimal("0.00"), **facts)
    with pytest.raises(Refusal, match="不能为负"):
        carry_surplus(on=NEW_YEAR, household_balances=Decimal("-1.00"), **facts)
    assert Voucher.objects.count() == 2


def test_v12_an_overspend_of_ten_thousand_comes_back_in_two_parts(
    book: Book, pack: Pack, town_a: Division, cast: SimpleNamespace
) -> None:
    """V12: 街镇 4 000, 定点 6 000, booked as received."""
    parts = share_overspend(terms_of(pack), pool="township", overspend=1_000_000)
    levels = {"township": "township", "institutions": "institution"}

    voucher = post_event(
        event="overspend_received",
        area=book.area,
        on=MARCH,
        key="overspend:500225101:2026",
        source="超支分担通知",
        actor=cast.accountant,
        lines=[
            EventLine(to_yuan(amount), township=town_a, funding_level=levels[party])
            for party, amount in parts.items()
        ],
    )

    received = voucher.postings.filter(account__code="4501-overspend")
    assert dict(received.values_list("funding_level", "credit")) == {
        "township": Decimal("4000.00"),
        "institution": Decimal("6000.00"),
    }


def test_advance_premiums_wait_until_their_year_begins(
    cast: SimpleNamespace, county: Division, town_a: Division, closing: Callable[..., Decimal]
) -> None:
    """The switch of the 2026 supplement: 2001 in autumn, 4001 in January, once."""
    book = open_book(
        actor=cast.accountant,
        area=county,
        first_month=Month(2025, 10),
        defers_advance_premium=True,
    )

    def take(key: str, event: str, amount: str, on: date) -> Voucher:
        return post_event(
            event=event,
            area=county,
            on=on,
            key=key,
            source="缴款单",
            actor=cast.accountant,
            lines=[EventLine(Decimal(amount), township=town_a, tier="tier1", policy_year=2026)],
        )

    early = take("r:1", "premium_collected", "20.00", NOVEMBER)
    take("r:2", "aid_premium_received", "40.00", NOVEMBER)
    take("r:3", "premium_refunded", "5.00", NOVEMBER)
    in_year = take("r:4", "premium_collected", "7.00", date(2026, 1, 3))

    assert legs(early)[1] == ("2001-advance_personal", "0.00", "20.00")
    assert legs(in_year)[1] == ("4001-personal", "0.00", "7.00")
    with pytest.raises(Refusal, match="2026年还没有开始"):
        recognise_advances(actor=cast.accountant, book=book, year=2026, on=NOVEMBER)
    voucher = recognise_advances(actor=cast.accountant, book=book, year=2026, on=date(2026, 1, 5))
    check_now()
    assert legs(voucher) == [
        ("2001-advance_aid", "40.00", "0.00"),
        ("2001-advance_personal", "15.00", "0.00"),
        ("4001-aid", "0.00", "40.00"),
        ("4001-personal", "0.00", "15.00"),
    ]
    assert set(voucher.postings.values_list("tier", "township")) == {("tier1", town_a.pk)}
    assert closing(book, "2001", date(2026, 1, 31)) == Decimal("0.00")
    with pytest.raises(Refusal, match="没有等待转为 2026 年收入的预收保费"):
        recognise_advances(actor=cast.accountant, book=book, year=2026, on=date(2026, 1, 5))
    assert Posting.objects.filter(account__code="4001-personal", voucher=early).count() == 0
