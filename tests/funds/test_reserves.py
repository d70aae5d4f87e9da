"""大足办法第二十六条 on the books: reserves, the year's surplus; and advance premiums."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from funds.drafts.services import enter_draft, make_draft, make_reversal, take_step
from funds.events import EVENTS
from funds.law import year_end
from funds.law.known import HouseholdAccounts
from funds.law.services import make_by_law
from funds.law.workings import WORKINGS, work_out
from funds.law.year_end import surplus_rates
from funds.models import Book, Period, Posting, Voucher, VoucherDraft
from funds.named import fund_position
from funds.payments.lasting import lasting
from funds.services import (
    EventLine,
    closing_problems,
    open_book,
    post_event,
    reverse_voucher,
)
from lib.money import to_yuan
from lib.periods import Month
from policies.fund_rules import share_overspend
from policies.models import Pack
from policies.services import terms_of
from tests.at_once import at_once
from tests.funds.by_law import by_law
from tests.funds.conftest import check_now, legs, through_all_hands

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

    voucher = by_law(cast, book, "reserve_drawn", 2026, MARCH)

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
    first = by_law(cast, book, "reserve_drawn", 2026, NOVEMBER)
    with pytest.raises(Refusal, match=r"没有应提取的风险基金：已按筹资 200,000\.00 元提足"):
        by_law(cast, book, "reserve_drawn", 2026, NOVEMBER)
    post("subsidy_received", "800000.00", MARCH, funding_level="county", **Y2026)

    second = by_law(cast, book, "reserve_drawn", 2026, MARCH)

    assert (first.amount, second.amount) == (Decimal("20000.00"), Decimal("80000.00"))
    assert closing(book, "3101-risk_reserve", MARCH) == Decimal("50000.00")


def test_the_risk_reserve_stops_above_fifteen_percent(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """第26条(二): above 15% of the fund's total nothing more goes to the risk reserve."""
    post("reserve_drawn", "15000.01", NOVEMBER, purpose="risk_reserve", policy_year=2025)
    post("premium_collected", "100000.00", NOVEMBER, **Y2026)

    voucher = by_law(cast, book, "reserve_drawn", 2026, MARCH)

    assert legs(voucher) == [
        ("3001", "5000.00", "0.00"),
        ("3101-serious_reserve", "0.00", "5000.00"),
    ]


def test_without_measures_nothing_is_drawn(
    book: Book, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "100000.00", NOVEMBER, **Y2026)
    with pytest.raises(Refusal, match="没有已采用的政策办法"):
        by_law(cast, book, "reserve_drawn", 2026, MARCH)


def keeping(monkeypatch: pytest.MonkeyPatch, **yuan: str) -> None:
    """What the registers say of the households' accounts."""
    held = HouseholdAccounts(**{name: Decimal(amount) for name, amount in yuan.items()})
    monkeypatch.setattr(year_end, "household_accounts", lambda book, year: held)


def test_v13_half_of_the_pools_surplus_goes_to_the_risk_fund(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """V13: a surplus of 1 000 000 → 500 000 to the risk fund, 500 000 stays in the pool.

    Raised 3 000 000, reserves 300 000, benefits 1 500 000, families keep 200 000 on their accounts,
    which have to be carried over before.
    """
    keeping(monkeypatch, granted="230000", used="30000", left="200000")
    post("premium_collected", "3000000.00", NOVEMBER, **Y2026)
    by_law(cast, book, "reserve_drawn", 2026, MARCH)
    post("claim_paid", "1600000.00", MARCH, purpose="inpatient", **Y2026)
    post("claim_recovered", "100000.00", MARCH, purpose="inpatient", **Y2026)
    with pytest.raises(Refusal) as said:
        by_law(cast, book, "surplus_reserved", 2026, NEW_YEAR)
    assert said.value.message == (
        "2026年末门诊账户结余台账为 200,000.00 元，账上转存 0.00 元，请先办理门诊账户结余转存"
    )

    kept = by_law(cast, book, "accounts_carried", 2026, NEW_YEAR)
    voucher = by_law(cast, book, "surplus_reserved", 2026, NEW_YEAR)

    check_now()
    assert legs(kept) == [("3001", "200000.00", "0.00"), ("3001-household", "0.00", "200000.00")]
    assert legs(voucher) == [
        ("3001", "500000.00", "0.00"),
        ("3101-risk_fund", "0.00", "500000.00"),
    ]
    assert voucher.summary == (
        "年终结余转入风险基金（《大足县城乡居民合作医疗保险办法》第二十六条(四)）"
    )
    assert voucher.source == "2026年度统筹结余 1,000,000.00 元"
    assert closing(book, "3101", NEW_YEAR) == Decimal("800000.00")
    with pytest.raises(Refusal, match="2026年度结余已按办法转入风险基金"):
        by_law(cast, book, "surplus_reserved", 2026, NEW_YEAR)


def test_the_next_year_keeps_only_what_the_accounts_grew(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2025 ends with 100.00 on the accounts, 2026 with 130.00: 30.00 more. Of an income of 430.00
    400.00 is the pool's surplus, half of it 200.00. In 2027 they fall to 90.00."""
    day = date(2028, 1, 5)
    keeping(monkeypatch, left="100")
    by_law(cast, book, "accounts_carried", 2025, date(2026, 1, 5))
    keeping(monkeypatch, brought="100", granted="30", left="130")
    post("premium_collected", "430.00", NOVEMBER, **Y2026)
    assert by_law(cast, book, "accounts_carried", 2026, NEW_YEAR).amount == Decimal("30.00")
    assert by_law(cast, book, "surplus_reserved", 2026, NEW_YEAR).amount == Decimal("200.00")
    keeping(monkeypatch, brought="130", used="40", left="90")
    with pytest.raises(Refusal, match="账上多于台账，请办理“门诊账户结余减少”"):
        by_law(cast, book, "accounts_carried", 2027, day)
    assert legs(by_law(cast, book, "accounts_released", 2027, day)) == [
        ("3001-household", "40.00", "0.00"),
        ("3001", "0.00", "40.00"),
    ]
    check_now()


def test_a_difference_between_accounts_and_books_is_named_and_stops(
    book: Book, pack: Pack, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100.00 were carried for 2025; then a claim of 7.00 of that year was taken back."""
    keeping(monkeypatch, left="100")
    by_law(cast, book, "accounts_carried", 2025, date(2026, 1, 5))
    keeping(monkeypatch, brought="107", left="107", unpaid="5", unpaid_count="2",
            below="3", below_count="1")  # fmt: skip
    with pytest.raises(Refusal) as said:
        by_law(cast, book, "accounts_carried", 2026, date(2026, 12, 31))
    assert said.value.message == (
        "有 1 户的账户低于零，合计 3.00 元，账户合计与收支不符；请先在参保和结算中查明；"
        "2025年末账上转存 100.00 元，台账为 107.00 元，相差 7.00 元"
        "（转存以后又有退保、撤销或补结的）；请先按 2025 年度补转或减少；"
        "有 2 笔结算已从账户扣减 5.00 元而还没有支付，账上还没有这笔支出；请先支付或撤销"
    )
    keeping(monkeypatch, left="107")
    late = date(2026, 12, 31)
    assert by_law(cast, book, "accounts_carried", 2025, late).amount == Decimal("7.00")


def test_no_surplus_no_voucher(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "1000.00", NOVEMBER, **Y2026)
    post("claim_paid", "1000.00", MARCH, purpose="inpatient", **Y2026)
    with pytest.raises(Refusal, match="2026年度没有可分配的结余"):
        by_law(cast, book, "surplus_reserved", 2026, NEW_YEAR)
    with pytest.raises(Refusal, match="还没有结束"):
        by_law(cast, book, "surplus_reserved", 2026, date(2026, 12, 30))
    with pytest.raises(Refusal, match="还没有结束"):
        by_law(cast, book, "accounts_carried", 2026, date(2026, 12, 30))
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
        by_law(cast, book, "advance_recognised", 2026, NOVEMBER)
    january = Period.objects.get(book=book, year=2026, month=1)
    found = "；".join(closing_problems(january, date(2026, 2, 1)))
    assert "预收保费 55.00 元的受益年度已经开始，还没有转为收入" in found
    december = Period.objects.get(book=book, year=2025, month=12)
    assert "预收保费" not in "；".join(closing_problems(december, date(2026, 1, 1)))
    voucher = by_law(cast, book, "advance_recognised", 2026, date(2026, 1, 5))
    check_now()
    assert "预收保费" not in "；".join(closing_problems(january, date(2026, 2, 1)))
    assert legs(voucher) == [
        ("2001-advance_aid", "40.00", "0.00"),
        ("2001-advance_personal", "15.00", "0.00"),
        ("4001-aid", "0.00", "40.00"),
        ("4001-personal", "0.00", "15.00"),
    ]
    assert set(voucher.postings.values_list("tier", "township")) == {("tier1", town_a.pk)}
    assert closing(book, "2001", date(2026, 1, 31)) == Decimal("0.00")
    with pytest.raises(Refusal, match="没有等待转为 2026 年收入的预收保费"):
        by_law(cast, book, "advance_recognised", 2026, date(2026, 1, 5))
    assert Posting.objects.filter(account__code="4001-personal", voucher=early).count() == 0


def test_every_event_by_law_has_its_working() -> None:
    assert set(WORKINGS) == {name for name, event in EVENTS.items() if event.by_law}
    assert not [name for name, event in EVENTS.items() if event.by_law and event.manual]


def test_shown_before_it_is_posted_to_the_last_step(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """Raised 100,000.00; 15,000.01 of former years in the risk reserve, the stop at 15,000.00."""
    post("reserve_drawn", "15000.01", NOVEMBER, purpose="risk_reserve", policy_year=2025)
    post("premium_collected", "100000.00", NOVEMBER, **Y2026)

    working = work_out("reserve_drawn", book, 2026, MARCH)

    assert [(one.what, one.how, str(one.amount)) for one in working.steps] == [
        ("2026年度筹资（保费、资助、财政补助）", "", "100000.00"),
        ("大病储备金应提", "筹资 × 5%", "5000.00"),
        ("风险储备金停提线", "筹资 × 15%；以前提取现有 15,000.01 元，已超过，不再提取", "15000.00"),
        ("风险储备金应提", "筹资 × 5%", "0.00"),
    ]
    assert working.law == "《大足县城乡居民合作医疗保险办法》第二十六条(二)"
    assert not Voucher.objects.filter(event="reserve_drawn", key__startswith="manual").exists()


def test_by_law_takes_three_people_and_what_is_due_when_it_is_entered(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """10,000.00 are due of 100,000.00; before the voucher is entered 50,000.00 go back."""
    post("premium_collected", "100000.00", MARCH, **Y2026)
    facts: dict[str, object] = {"event": "reserve_drawn", "book": book, "year": 2026}
    facts |= {"on": MARCH, "today": MARCH, "actor": cast.accountant}
    draft = make_by_law(**facts)  # type: ignore[arg-type]
    assert draft.working[0]["amount"] == "100000.00"
    with pytest.raises(Refusal, match=r"提取风险基金已制单（手工凭证 \d+ 号），请等待复核、记账"):
        make_by_law(**facts)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"您的角色不能办理|必须由不同的人办理"):
        take_step(actor=cast.accountant, draft=draft, event="review_voucher")
    take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    post("expenditure_funded", "50000.00", MARCH)
    post("premium_refunded", "50000.00", MARCH, **Y2026)

    with pytest.raises(Refusal) as said:
        enter_draft(actor=cast.accountant2, draft=draft, today=MARCH)

    assert said.value.message == (
        "制单以后账上有变动：现在应为 2,500.00 元，凭证写的是 5,000.00 元；请退回后重新计算"
    )
    take_step(actor=cast.supervisor, draft=draft, event="refuse_voucher", reason="有退保")
    assert by_law(cast, book, "reserve_drawn", 2026, MARCH).amount == Decimal("5000.00")


def test_nobody_types_what_is_worked_out(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "100000.00", MARCH, **Y2026)
    with pytest.raises(Refusal, match="“提取风险基金”按办法计算，请在“风险基金与结余”制单"):
        make_draft(
            actor=cast.accountant, book=book, event="reserve_drawn", on=MARCH, today=MARCH,
            document="批复", key="typed", lines=[EventLine(Decimal(1), purpose="risk_reserve")],
        )  # fmt: skip


def use(book: Book, cast: SimpleNamespace, amount: str, on: date, summary: str) -> VoucherDraft:
    return make_draft(
        actor=cast.accountant, book=book, event="reserve_used", on=on, today=on,
        document="财社〔2026〕9号", key=f"use:{amount}", summary=summary,
        lines=[EventLine(Decimal(amount), purpose="risk_reserve", policy_year=2026)],
    )  # fmt: skip


def test_no_word_of_what_a_reserve_is_used_for_is_lost(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """The article stands before the purpose: 200 characters hold both, or it is said by how much
    they do not."""
    post("premium_collected", "100000.00", MARCH, **Y2026)
    by_law(cast, book, "reserve_drawn", 2026, MARCH)
    words = "大病住院超支" * 33
    with pytest.raises(Refusal, match=r"超过 200 字，请缩短 \d+ 字") as said:
        use(book, cast, "10.00", MARCH, words)
    more = int(said.value.message.split("缩短 ")[1].split(" ")[0])
    kept = words[: len(words) - more]
    assert use(book, cast, "10.00", MARCH, kept).summary.endswith(f"：{kept}")


def test_a_reserve_is_used_by_application_and_four_hands_and_put_back(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    """5,000.00 in each reserve; 3,000.00 are used in 2026 and put back in 2027, out of the pool."""
    post("premium_collected", "100000.00", MARCH, **Y2026)
    by_law(cast, book, "reserve_drawn", 2026, MARCH)
    with pytest.raises(Refusal, match="“动用风险基金”须写明用途和批准机关"):
        use(book, cast, "3000.00", MARCH, "")
    draft = use(book, cast, "3000.00", MARCH, "大病住院统筹超支，县财政局批复")
    take_step(actor=cast.supervisor, draft=draft, event="review_voucher")
    with pytest.raises(Refusal, match="“动用风险基金”不论金额大小，须先经审批才能记账"):
        enter_draft(actor=cast.accountant2, draft=draft, today=MARCH)
    rows = VoucherDraft.objects.filter(pk=draft.pk)
    assert (rows.awaiting_approval().count(), rows.awaiting_entry().count()) == (1, 0)
    take_step(actor=cast.approver, draft=draft, event="approve_voucher")
    used = enter_draft(actor=cast.accountant2, draft=draft, today=MARCH).voucher
    assert used is not None and used.summary == (
        "《大足县城乡居民合作医疗保险办法》第二十六条(二)：大病住院统筹超支，县财政局批复"
    )
    assert closing(book, "3101-risk_reserve", MARCH) == Decimal("2000.00")

    with pytest.raises(Refusal, match="没有以前年度动用而未补足的风险基金"):
        by_law(cast, book, "reserve_refilled", 2026, MARCH)
    post("premium_collected", "100000.00", NEW_YEAR, policy_year=2027)
    voucher = by_law(cast, book, "reserve_refilled", 2027, NEW_YEAR)

    check_now()
    assert legs(voucher) == [
        ("3001", "3000.00", "0.00"),
        ("3101-risk_reserve", "0.00", "3000.00"),
    ]
    assert voucher.summary == "补足动用的风险基金（财社〔2004〕96号）"
    with pytest.raises(Refusal, match="没有以前年度动用而未补足的风险基金"):
        by_law(cast, book, "reserve_refilled", 2027, NEW_YEAR)


def test_what_was_used_without_a_year_is_put_back_as_of_the_year_of_its_booking(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """Vouchers of before an event had to name its year: 3,000.00 and 500.00 used in 2026; the
    500.00 are taken back by a red letter in 2027. 3,000.00 are to be put back in 2027, and nothing
    of what is used in 2027 itself. A subsidy without a year is of the year it came in: 5 % each of
    100,000.00 and 40,000.00."""
    post("premium_collected", "100000.00", MARCH, **Y2026)
    post("subsidy_received", "40000.00", MARCH, funding_level="county")
    assert by_law(cast, book, "reserve_drawn", 2026, MARCH).amount == Decimal("14000.00")
    post("reserve_used", "3000.00", MARCH, purpose="risk_reserve")
    wrong = post("reserve_used", "500.00", MARCH, purpose="risk_reserve")
    post("premium_collected", "100000.00", NEW_YEAR, policy_year=2027)
    reverse_voucher(actor=cast.accountant, voucher=wrong, on=NEW_YEAR, reason="重复登记动用")
    post("reserve_used", "100.00", NEW_YEAR, purpose="risk_reserve")

    voucher = by_law(cast, book, "reserve_refilled", 2027, NEW_YEAR)

    check_now()
    assert legs(voucher) == [
        ("3001", "3000.00", "0.00"),
        ("3101-risk_reserve", "0.00", "3000.00"),
    ]
    with pytest.raises(Refusal, match="没有以前年度动用而未补足的风险基金"):
        by_law(cast, book, "reserve_refilled", 2027, NEW_YEAR)


def test_a_set_aside_is_taken_back_and_due_again(
    book: Book,
    pack: Pack,
    post: Callable[..., Voucher],
    cast: SimpleNamespace,
    closing: Callable[..., Decimal],
) -> None:
    post("premium_collected", "100000.00", MARCH, **Y2026)
    voucher = by_law(cast, book, "reserve_drawn", 2026, MARCH)
    red = make_reversal(
        actor=cast.accountant, voucher=voucher, on=MARCH, today=MARCH, reason="年度选错"
    )
    through_all_hands(red, cast, MARCH)
    check_now()
    assert closing(book, "3101", MARCH) == Decimal("0.00")
    assert by_law(cast, book, "reserve_drawn", 2026, MARCH).amount == Decimal("10000.00")


def test_surplus_rates_are_green_yellow_and_red(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    """Raised 1,000.00 for 2026, 300.00 for 2027 already; limits 15 % and 25 %, warnings at 12 % and
    20 %. Spent 880.00: both 12.00 %, green; 870.00: 13.00 %, yellow; 840.00: 16.00 %, red."""
    post("premium_collected", "1000.00", MARCH, **Y2026)
    post("premium_collected", "300.00", date(2026, 11, 2), policy_year=2027)
    post("premium_transferred", "1300.00", date(2026, 11, 2))
    post("expenditure_funded", "1000.00", date(2026, 11, 2))
    day, found = date(2026, 12, 31), []
    for amount in ("840.00", "30.00", "10.00"):
        post("claim_paid", amount, day, purpose="inpatient", **Y2026)
        found.append([(one.told, one.status.label) for one in surplus_rates(book, 2026, day)])
    assert found == [
        [("16.00%", "超限"), ("16.00%", "正常")],
        [("13.00%", "预警"), ("13.00%", "正常")],
        [("12.00%", "正常"), ("12.00%", "正常")],
    ]
    post("other_received", "90.01", day)
    assert surplus_rates(book, 2026, day)[1].status.label == "预警"
    post("other_received", "40.00", day)
    _, all_years = surplus_rates(book, 2026, day)
    assert (all_years.told, all_years.status.label) == ("25.00%", "预警")
    assert all_years.bounds == "预警 20%，上限 25%"
    assert all_years.article == "卫农卫发〔2009〕68号"


def test_what_is_paid_for_next_year_lasts_no_month_of_this_one(
    book: Book, post: Callable[..., Voucher], county: Division
) -> None:
    """In November 2026 1,000.00 are left, of which 300.00 are premiums of 2027 and stand in income
    (a book on cash basis); 90.00 and 30.00 were paid in two months: 700.00 last 11.6 months."""
    post("premium_collected", "820.00", MARCH, **Y2026)
    post("premium_collected", "300.00", date(2026, 11, 2), policy_year=2027)
    post("claim_paid", "90.00", date(2026, 3, 20), purpose="inpatient", **Y2026)
    post("claim_paid", "30.00", date(2026, 11, 3), purpose="inpatient", **Y2026)
    position = fund_position(county, date(2026, 11, 20))
    assert (position.balance, position.expense, position.months) == (700, 120, 2)
    found = lasting(position, Decimal(0), Month(2026, 11))
    assert found.months == Decimal("11.6")


def test_books_of_2026_and_later_defer_unless_the_county_says_otherwise(
    cast: SimpleNamespace, county: Division, other_county: Division
) -> None:
    first = open_book(actor=cast.accountant, area=county, first_month=Month(2026, 1))
    other = open_book(actor=None, area=other_county, first_month=Month(2025, 12))
    aid = open_book(actor=None, area=other_county, first_month=Month(2026, 1),
                    fund_type="assistance", defers_advance_premium=False)  # fmt: skip
    assert [one.defers_advance_premium for one in (first, other, aid)] == [True, False, False]


@pytest.mark.django_db(transaction=True)
def test_two_accountants_make_the_same_at_once_and_one_is_due(
    book: Book, pack: Pack, post: Callable[..., Voucher], cast: SimpleNamespace
) -> None:
    post("premium_collected", "100000.00", MARCH, **Y2026)

    def make(actor: User) -> VoucherDraft:
        return make_by_law(
            actor=actor, event="reserve_drawn", book=book, year=2026, on=MARCH, today=MARCH
        )

    outcomes = at_once([lambda: make(cast.accountant), lambda: make(cast.accountant2)])

    assert VoucherDraft.objects.count() == 1
    (refused,) = [one for one in outcomes if isinstance(one, Refusal)]
    assert "请等待复核、记账" in refused.message


def test_the_measures_of_residents_ask_nothing_of_other_funds(
    book: Book, pack: Pack, county: Division, cast: SimpleNamespace, as_user: Callable[..., Client]
) -> None:
    aid = open_book(
        actor=cast.accountant, area=county, first_month=Month(2026, 1), fund_type="assistance"
    )
    with pytest.raises(Refusal, match="城乡医疗救助基金不按居民医保办法提取风险基金、分配结余"):
        make_by_law(actor=cast.accountant, event="reserve_drawn", book=aid, year=2026, on=MARCH,
                    today=MARCH)  # fmt: skip
    page = as_user(cast.accountant).get(f"{reverse('funds:reserves')}?book={aid.pk}")
    assert "不适用于本账套" in page.content.decode()
    assert "提取风险基金" not in page.content.decode().split("<main")[1]
