"""Money moves as the accounting rules say: typical entries E01 to E28, one voucher each."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from funds.events import EVENTS
from funds.models import Book, Period, Posting, Voucher
from funds.services import EventLine, open_book, post_event
from lib.periods import Month
from tests.funds.conftest import check_now, legs

pytestmark = pytest.mark.usefixtures("money_aside")

MARCH = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("event", "options", "debit", "credit"),
    [
        ("premium_collected", {}, "1002", "4001-personal"),
        ("premium_transferred", {}, "1003", "1002"),
        ("aid_premium_received", {}, "1003", "4001-aid"),
        ("subsidy_received", {"funding_level": "central"}, "1003", "4101-central"),
        ("subsidy_received", {"funding_level": "county"}, "1003", "4101-county"),
        ("expenditure_funded", {}, "1004", "1003"),
        ("claim_paid", {"purpose": "inpatient"}, "5001-inpatient", "1004"),
        ("claim_paid", {"purpose": "outpatient"}, "5001-outpatient", "1004"),
        ("claim_paid", {"purpose": "serious"}, "5101-own", "1004"),
        ("returned_kept", {"purpose": "outpatient"}, "2001-returned", "5001-outpatient"),
        ("prior_returned_kept", {}, "2001-returned", "4501-recovery"),
        ("deposit_withheld", {"purpose": "inpatient"}, "5001-inpatient", "2001-deposit"),
        ("deposit_returned", {}, "2001-deposit", "1004"),
        ("deposit_forfeited", {}, "2001-deposit", "4501-other"),
        ("deposit_forfeit_undone", {}, "4501-other", "2001-deposit"),
        ("prepayment_out", {}, "1101-advance", "1004"),
        ("prepayment_used", {"purpose": "outpatient"}, "5001-outpatient", "1101-advance"),
        ("prepayment_back", {}, "1004", "1101-advance"),
        ("claim_recovered", {"purpose": "inpatient"}, "1004", "5001-inpatient"),
        ("prior_recovery", {}, "1003", "4501-recovery"),
        ("prior_recovery_set_off", {}, "1004", "4501-recovery"),
        ("overspend_received", {}, "1003", "4501-overspend"),
        ("premium_refunded", {}, "4001-personal", "1004"),
        ("suspense_returned", {}, "2001-unidentified", "1004"),
        ("prior_premium_refunded", {}, "5401", "1004"),
        ("earlier_gained", {"purpose": "expenditure"}, "1004", "4501-earlier"),
        ("earlier_lost", {"purpose": "fiscal"}, "5401-earlier", "1003"),
        (
            "earlier_level",
            {"funding_level": "central", "purpose": "to_city"},
            "4101-central",
            "4101-city",
        ),
        ("interest_received", {"purpose": "expenditure"}, "1004", "4201"),
        ("interest_received", {"purpose": "fiscal"}, "1003", "4201"),
        ("reserve_drawn", {"purpose": "risk_reserve"}, "3001", "3101-risk_reserve"),
        ("reserve_used", {"purpose": "serious_reserve"}, "3101-serious_reserve", "3001"),
    ],
)
def test_each_event_debits_and_credits_what_the_rules_say(
    post: Callable[..., Voucher], event: str, options: dict[str, str], debit: str, credit: str
) -> None:
    voucher = post(event, "2050.00", MARCH, **options)

    check_now()
    assert legs(voucher) == [(debit, "2050.00", "0.00"), (credit, "0.00", "2050.00")]
    assert voucher.amount == Decimal("2050.00")
    assert voucher.summary == EVENTS[event].title


def test_a_days_takings_are_one_voucher_with_tiers_and_townships_apart(
    book: Book, cast: SimpleNamespace, town_a: Division, town_b: Division
) -> None:
    """不同筹资标准分别列账: two families of tier 1 and one of tier 2 in two townships."""
    lines = [
        EventLine(Decimal("80.00"), township=town_a, tier="tier1", policy_year=2026),
        EventLine(Decimal("40.00"), township=town_a, tier="tier1", policy_year=2026),
        EventLine(Decimal("480.00"), township=town_b, tier="tier2", policy_year=2026),
    ]

    voucher = post_event(
        event="premium_collected",
        area=book.area,
        on=date(2025, 11, 3),
        key="remittance:12",
        source="缴款单 20251103-01",
        actor=cast.accountant,
        lines=lines,
    )

    check_now()
    rows = voucher.postings.values_list(
        "account__code", "tier", "township__name", "debit", "credit"
    )
    assert list(rows) == [
        ("1002", "tier1", "龙水镇", Decimal("120.00"), Decimal("0.00")),
        ("1002", "tier2", "万古镇", Decimal("480.00"), Decimal("0.00")),
        ("4001-personal", "tier1", "龙水镇", Decimal("0.00"), Decimal("120.00")),
        ("4001-personal", "tier2", "万古镇", Decimal("0.00"), Decimal("480.00")),
    ]
    assert voucher.label == "2025-11-0001"
    assert (voucher.amount, voucher.line_count) == (Decimal("600.00"), 4)
    assert voucher.preparer == "郑淑芬"


def test_numbers_run_per_month_and_months_open_by_themselves(
    book: Book, post: Callable[..., Voucher]
) -> None:
    labels = [
        post("premium_collected", "1.00", day).label
        for day in (date(2026, 1, 5), date(2025, 12, 30), date(2026, 1, 2), date(2025, 12, 31))
    ]

    assert labels == ["2026-01-0001", "2025-12-0001", "2026-01-0002", "2025-12-0002"]
    months = [str(period.as_month) for period in Period.objects.filter(book=book)]
    assert months == ["2025-10", "2025-11", "2025-12", "2026-01"]


def test_the_same_key_with_the_same_content_is_the_same_voucher(
    post: Callable[..., Voucher],
) -> None:
    first = post("claim_paid", "2050.00", MARCH, purpose="inpatient", key="settlement:34")
    again = post("claim_paid", "2050.00", MARCH, purpose="inpatient", key="settlement:34")

    assert again == first
    assert Voucher.objects.count() == 1
    assert Posting.objects.count() == 2
    assert Period.objects.get(year=2026, month=3).next_number == 2


@pytest.mark.parametrize(
    ("amount", "day", "options"),
    [
        ("2051.00", MARCH, {"purpose": "inpatient"}),
        ("2050.00", date(2026, 3, 10), {"purpose": "inpatient"}),
        ("2050.00", MARCH, {"purpose": "outpatient"}),
        ("2050.00", MARCH, {"purpose": "inpatient", "tier": "tier1"}),
        ("2050.00", MARCH, {"purpose": "inpatient", "summary": "别的"}),
    ],
)
def test_the_same_key_with_other_content_is_refused(
    post: Callable[..., Voucher], amount: str, day: date, options: dict[str, str]
) -> None:
    post("claim_paid", "2050.00", MARCH, purpose="inpatient", key="settlement:34")

    with pytest.raises(Refusal, match="已记入凭证 2026-03-0001，内容却与这次不同"):
        post("claim_paid", amount, day, key="settlement:34", **options)

    assert Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "field", "words"),
    [
        ("0.00", "amount", "应大于零"),
        ("-5.00", "amount", "应大于零"),
        ("10.005", "amount", "小数最多两位"),
        ("NaN", "amount", "小数最多两位"),
        ("1000000000000.00", "amount", "应大于零"),
    ],
)
def test_amounts_that_are_none_are_refused(
    post: Callable[..., Voucher], amount: str, field: str, words: str
) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        post("premium_collected", amount, MARCH)

    assert refusal.value.field == field
    assert not Voucher.objects.exists()


def test_a_subsidy_must_say_whose_it_is(post: Callable[..., Voucher]) -> None:
    with pytest.raises(Refusal, match=r"收到财政补助.*中央、省、市、县、乡镇") as refusal:
        post("subsidy_received", "400000.00", MARCH)

    assert refusal.value.field == "funding_level"


def test_a_benefit_must_say_what_it_was_for(post: Callable[..., Voucher]) -> None:
    with pytest.raises(Refusal, match=r"支付待遇.*住院、门诊、其他、大病") as refusal:
        post("claim_paid", "600.00", MARCH, purpose="dental")

    assert refusal.value.field == "purpose"


def test_a_township_of_another_county_is_refused(
    post: Callable[..., Voucher], other_county: Division
) -> None:
    stranger = Division.objects.create(
        code="500226101",
        name="昌元镇",
        level="township",
        parent=other_county,
        first_day=date(2010, 1, 1),
    )
    with pytest.raises(Refusal, match="昌元镇不是大足县的乡镇"):
        post("premium_collected", "20.00", MARCH, township=stranger)


def test_days_before_the_book_or_far_ahead_are_refused(post: Callable[..., Voucher]) -> None:
    with pytest.raises(Refusal, match="账套自 2025年10月 启用"):
        post("premium_collected", "20.00", date(2025, 9, 30))
    with pytest.raises(Refusal, match="晚一年以上"):
        post("premium_collected", "20.00", date(2062, 3, 9))
    assert Period.objects.count() == 1


def test_without_a_book_nothing_is_posted(cast: SimpleNamespace, county: Division) -> None:
    with pytest.raises(Refusal, match="大足县还没有城乡居民基本医疗保险基金账套"):
        post_event(
            event="premium_collected",
            area=county,
            on=MARCH,
            key="remittance:1",
            source="缴款单 1",
            actor=cast.accountant,
            lines=[EventLine(Decimal("20.00"))],
        )


def test_medical_assistance_has_books_of_its_own(
    cast: SimpleNamespace, book: Book, county: Division
) -> None:
    aid = open_book(
        actor=cast.accountant, area=county, first_month=Month(2026, 1), fund_type="assistance"
    )
    facts = {
        "area": county,
        "on": MARCH,
        "key": "settlement:34",
        "source": "结算单 34",
        "actor": cast.cashier,
        "lines": [EventLine(Decimal("300.00"), purpose="inpatient")],
    }

    in_aid = post_event(event="claim_paid", fund_type="assistance", **facts)
    in_insurance = post_event(event="claim_paid", **facts)

    assert (in_aid.book, in_insurance.book) == (aid, book)
    with pytest.raises(Refusal, match="本账套没有科目 4001-personal"):
        post_event(event="premium_collected", fund_type="assistance", **facts | {"key": "x:1"})


def test_a_book_is_opened_once_and_for_a_county(
    cast: SimpleNamespace, book: Book, town_a: Division
) -> None:
    with pytest.raises(Refusal, match="已经建过"):
        open_book(actor=cast.accountant, area=book.area, first_month=Month(2026, 1))
    with pytest.raises(Refusal, match="只能为县"):
        open_book(actor=cast.accountant, area=town_a, first_month=Month(2026, 1))


def test_every_voucher_leaves_a_line_in_the_audit_trail(
    post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    voucher = post("claim_paid", "2050.00", MARCH, purpose="inpatient", key="settlement:34")

    line = AuditLine.objects.get(action="funds.post")
    assert (line.user, line.subject_id) == (cast.accountant, str(voucher.pk))
    assert line.after == {
        "label": "2026-03-0001",
        "event": "claim_paid",
        "amount": "2050.00",
        "key": "settlement:34",
    }


def test_posting_takes_few_statements(post: Callable[..., Voucher]) -> None:
    post("premium_collected", "20.00", MARCH)

    with CaptureQueriesContext(connection) as queries:
        post("premium_collected", "20.00", MARCH)

    assert len(queries) <= 10


def test_year_end_events_cannot_be_posted_by_hand(post: Callable[..., Voucher]) -> None:
    with pytest.raises(ValueError, match="closing a year"):
        post("income_closed", "20.00", MARCH)


def test_the_tax_bureaus_premiums_pass_through_the_treasury_account(book, post, closing):
    """E02 税务征收入国库, then E03 国库划财政专户: 1005 is empty again."""
    facts = {"tier": "tier1", "policy_year": 2026, "funding_level": "personal"}
    post("tax_premium_collected", "24000.00", date(2025, 10, 20), **facts)
    assert closing(book, "1005", date(2025, 10, 31)) == Decimal("24000.00")
    post("tax_premium_transferred", "24000.00", date(2025, 10, 31), policy_year=2026)
    assert closing(book, "1005", date(2025, 10, 31)) == 0
    assert closing(book, "1003", date(2025, 10, 31)) == Decimal("24000.00")
    assert closing(book, "4001-personal", date(2025, 10, 31)) == Decimal("24000.00")


def test_a_sponsors_money_is_owed_until_a_premium_is_paid_with_it(book, post, closing):
    """600 arrive, 240 are used, 120 go back to the fund after a refund: 480 are still owed."""
    day = date(2025, 10, 20)
    facts = {"tier": "tier2", "policy_year": 2026, "funding_level": "other"}
    post("sponsor_received", "600.00", day, policy_year=2026, funding_level="other")
    assert (closing(book, "1002", day), closing(book, "2001-sponsor", day)) == (600, 600)
    assert closing(book, "4001-aid", day) == 0
    post("sponsor_used", "240.00", day, **facts)
    post("sponsor_restored", "120.00", day, **facts)
    assert closing(book, "2001-sponsor", day) == Decimal("480.00")
    assert closing(book, "4001-aid", day) == Decimal("120.00")
