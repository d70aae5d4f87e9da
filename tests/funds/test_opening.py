"""期初余额: 大足县 moves in on 2026-07-01 with what its old books ended June with."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from desk.worklist import counts
from funds import verify
from funds.balances import account_balances
from funds.chart import ROLES
from funds.exports import json_lines
from funds.guards import guard_problems
from funds.ledgers.reading import Ledger, detail, general
from funds.models import Book, Period, Posting, Seal, Voucher
from funds.named import fund_position
from funds.opening.checking import book_problems
from funds.opening.models import Opening, OpeningLine
from funds.opening.papers import OPENING
from funds.opening.resources import OpeningResource
from funds.opening.rules import BALANCE_KINDS, Rules
from funds.opening.services import decide_opening, propose_opening
from funds.reconciling.table import table_of
from funds.services import EventLine, close_period, open_book, post_event
from funds.statements import balance_sheet, income_statement
from institutions.models import Institution
from lib.periods import Month
from tests.conftest import as_owner, make_user, table_in
from tests.funds.conftest import check_now, legs
from tests.masterdata import confirm, faults, send
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.usefixtures("as_application")
SignIn = Callable[[User], Client]
JUNE, JULY = Month(2026, 6), Month(2026, 7)
DAY = date(2026, 7, 2)
WHY: dict[str, Any] = {"evidence": "原账套 2026 年 6 月余额表", "reason": "账套启用"}
# By hand: 1 200 000.00 + 350 000.50 + 60 000.00 = 1 610 000.50 at the left; at the right 45 000.00
# + 12 000.50 + 20 000.00 owed, 100 000.00 + 80 000.00 of reserves, 53 000.00 of the households,
# 1 300 000.00 of the pool.
SMALL: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("1003", "1200000.00", "", {}),
    ("1004", "350000.50", "", {}),
    ("1101-advance", "60000.00", "", {"institution_code": "H50022500001"}),
    ("2001-advance_personal", "", "45000.00", {"policy_year": 2027}),
    ("2001-unidentified", "", "12000.50", {}),
    ("2001-deposit", "", "20000.00", {"institution_code": "H50022500001"}),
    ("3101-serious_reserve", "", "100000.00", {}),
    ("3101-risk_reserve", "", "80000.00", {}),
    ("3001-household", "", "53000.00", {"policy_year": 2025}),
    ("3001", "", "1300000.00", {}),
)


def lines(*rows: tuple[str, str, str, dict[str, Any]]) -> list[OpeningLine]:
    return [
        OpeningLine(account=code, debit=Decimal(debit or 0), credit=Decimal(credit or 0), **about)
        for code, debit, credit, about in rows or SMALL
    ]


@pytest.fixture
def book(cast: SimpleNamespace, county: Division) -> Book:
    return open_book(actor=cast.accountant, area=county, first_month=JULY)


@pytest.fixture
def opened(book: Book, cast: SimpleNamespace) -> Opening:
    return agreed(asked(book, cast), cast)


def asked(
    book: Book, cast: SimpleNamespace, rows: list[OpeningLine] | None = None, **more: Any
) -> Opening:
    return propose_opening(
        actor=cast.accountant, book=book, lines=rows or lines(), on=DAY, **WHY | more
    )


def agreed(row: Opening, cast: SimpleNamespace) -> Opening:
    done = decide_opening(actor=cast.approver, opening=row, event="approve_opening", on=DAY)
    check_now()
    return done


def paid(cast: SimpleNamespace, book: Book, amount: str, on: date = date(2026, 7, 6)) -> Voucher:
    return post_event(
        event="claim_paid", area=book.area, on=on, key=f"test:{amount}:{on}", source="测试",
        actor=cast.accountant, lines=[EventLine(amount=Decimal(amount), purpose="inpatient")],
    )  # fmt: skip


def refused(found: Any) -> str:
    with pytest.raises(Refusal) as caught:
        found()
    return caught.value.message


# ---- what it books ---------------------------------------------------------------------------


def test_the_opening_is_one_sealed_voucher_of_the_day_before(opened: Opening, book: Book) -> None:
    voucher = opened.voucher
    assert voucher is not None
    assert (voucher.label, str(voucher.occurred_on)) == ("2026-06-0001", "2026-06-30")
    assert str(voucher.amount) == "1610000.50"
    assert legs(voucher)[:3] == [
        ("1003", "1200000.00", "0.00"),
        ("1004", "350000.50", "0.00"),
        ("1101-advance", "60000.00", "0.00"),
    ]
    assert Seal.objects.get().sequence == 1 and Seal.objects.get().voucher == voucher
    period = Period.objects.get(book=book, is_opening=True)
    assert (period.year, period.month, period.status) == (2026, 6, "open")
    assert voucher.prepared_by == opened.proposed_by


def test_balances_begin_with_it(opened: Opening, book: Book) -> None:
    rows = account_balances(area=book.area, through=JULY.last)
    at = {one.code: one for one in rows}
    assert (str(at["1003"].opening), str(at["1003"].debit)) == ("1200000.00", "0.00")
    assert str(at["3101-risk_reserve"].opening) == "80000.00"
    assert str(at["3001-household"].closing) == "53000.00"
    # 总账 of 2026 begins with it, and July is its first month.
    told = {one.code: one for one in general(book, 2026)}
    assert str(told["1004"].opening) == "350000.50"
    assert [str(one.month) for one in told["1004"].months] == ["2026-07"]
    first = detail(Ledger(book, "1004", "2026"), JULY, JULY, 1).lines[0]
    assert first.posting is None and str(first.balance) == "350000.50"


def test_the_balance_sheet_to_the_fen(opened: Opening, book: Book, cast: SimpleNamespace) -> None:
    """After 2 050.30 for a stay: 1004 has 350 000.50 − 2 050.30 = 347 950.20; the pool 1 300 000.00
    + 53 000.00 of the households − 2 050.30 = 1 350 949.70; 1 607 950.20 = 77 000.50 + 180 000.00 +
    1 350 949.70."""
    paid(cast, book, "2050.30")
    sheet = balance_sheet(area=book.area, fund_type="resident", month=JULY)
    ends = {one.line.title: [str(each) for each in one.figures] for one in sheet.assets.lines}
    assert ends["财政专户存款"] == ["1200000.00", "1200000.00"]
    assert ends["支出户存款"] == ["347950.20", "350000.50"]
    net = {one.line.title: [str(each) for each in one.figures] for one in sheet.net.lines}
    assert net["一般基金结余"] == ["1350949.70", "1353000.00"]
    assert net["门诊账户结余"] == ["53000.00", "53000.00"]
    assert net["风险基金结余"] == ["180000.00", "180000.00"]
    assert [str(one) for one in sheet.liabilities.total] == ["77000.50", "77000.50"]
    assert [str(one) for one in sheet.assets.total] == ["1607950.20", "1610000.50"]
    assert sheet.is_even


def test_it_is_no_income_of_the_year(opened: Opening, book: Book, cast: SimpleNamespace) -> None:
    paid(cast, book, "2050.30")
    codes = [one.code for one in ROLES["resident"]]
    stated = income_statement(area=book.area, fund_type="resident", month=JULY, codes=codes)
    assert [str(one) for one in stated.income.total] == ["0", "0", "0"] or not any(
        stated.income.total
    )
    assert [Decimal(one) for one in stated.expense.total] == [
        Decimal("2050.30"), Decimal("2050.30"), Decimal(0),
    ]  # fmt: skip
    position = fund_position(book.area, date(2026, 7, 31))
    # What it has beyond its debts: 1 610 000.50 − 2 050.30 − 77 000.50.
    assert str(position.balance) == "1530949.70"
    assert (position.income, str(position.expense)) == (Decimal(0), "2050.30")


def test_the_bank_page_begins_with_it_and_no_line_of_the_bank_is_missing(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    account = book.accounts.get(code="1004")
    table = table_of(account, JULY, Decimal("350000.50"))
    assert (str(table.book), table.difference) == ("350000.50", Decimal(0))


def test_no_account_pays_more_than_it_began_with(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    said = refused(lambda: paid(cast, book, "350000.51"))
    assert "支出户存款到 2026-07-06 只有 350,000.50 元" in said and "还差 0.01 元" in said
    paid(cast, book, "350000.50")


def test_the_first_month_closes_with_it(opened: Opening, book: Book, cast: SimpleNamespace) -> None:
    paid(cast, book, "2050.30")
    july = book.periods.get(year=2026, month=7)
    said = refused(lambda: close_period(
        actor=cast.accountant, period=book.periods.get(is_opening=True), on=date(2026, 8, 3)
    ))  # fmt: skip
    assert said == "期初余额随启用首月一并结账，不单独结账"
    close_period(actor=cast.accountant, period=july, on=date(2026, 8, 3))
    kept = {
        (row.period.month, row.account.code): (str(row.debit), str(row.credit))
        for period in book.periods.filter(status="closed")
        for row in period.closing_balances.select_related("account", "period")
    }
    assert kept[6, "1004"] == ("350000.50", "0.00")
    assert kept[7, "1004"] == ("350000.50", "2050.30")
    assert kept[7, "5001-inpatient"] == ("2050.30", "0.00")
    assert sorted(book.periods.values_list("month", "status")) == [
        (6, "closed"), (7, "closed"), (8, "open"),
    ]  # fmt: skip
    after = account_balances(area=book.area, through=date(2026, 8, 31))
    assert {one.code: str(one.opening) for one in after}["1004"] == "347950.20"
    assert verify.verify(map(json.loads, json_lines(book))).findings == []


def test_waiting_balances_stop_the_first_closing(book: Book, cast: SimpleNamespace) -> None:
    asked(book, cast)
    july = book.periods.get(month=7)
    said = refused(lambda: close_period(actor=cast.accountant, period=july, on=date(2026, 8, 3)))
    assert "期初余额还没有审批，首月结账后不能再登记" in said


def test_a_book_of_january_begins_with_december(cast: SimpleNamespace, county: Division) -> None:
    book = open_book(
        actor=cast.accountant, area=county, first_month=Month(2026, 1), fund_type="assistance"
    )
    row = agreed(
        asked(book, cast, lines(("1003", "800.00", "", {}), ("3001", "", "800.00", {}))), cast
    )
    assert row.voucher is not None and row.voucher.label == "2025-12-0001"
    # No year before is waited for, and no month but January.
    assert close_period(
        actor=cast.accountant, period=book.periods.get(year=2026), on=date(2026, 2, 2)
    ).is_opening is False  # fmt: skip
    sheet = balance_sheet(area=county, fund_type="assistance", month=Month(2026, 1))
    assert [str(one) for one in sheet.assets.total] == ["800.00", "800.00"]


# ---- two people --------------------------------------------------------------------------------


def test_two_people_and_never_the_same_one(book: Book, cast: SimpleNamespace) -> None:
    row = asked(book, cast)
    cast.accountant.role = Role.APPROVER
    said = refused(lambda: decide_opening(
        actor=cast.accountant, opening=row, event="approve_opening", on=DAY
    ))  # fmt: skip
    assert "必须由不同的人办理" in said
    assert refused(lambda: asked(book, SimpleNamespace(accountant=cast.cashier))) == (
        "期初余额由会计编制"
    )
    assert not Voucher.objects.exists()


def test_it_waits_on_the_approvers_first_page(
    book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    row = asked(book, cast)
    assert counts(cast.approver, DAY)["funds:opening"].number == 1
    hand = as_user(cast.approver)
    page = hand.get(reverse("funds:opening"), {"waiting": 1}, follow=True).content.decode()
    assert "1,610,000.50" in page and "同意" in page
    hand.post(reverse("funds:opening_act", args=[row.pk, "approve_opening"]))
    row.refresh_from_db()
    assert row.status == "approved" and row.decided_by == cast.approver
    assert list(
        AuditLine.objects.filter(action__contains="opening")
        .order_by("id")
        .values_list("action", flat=True)
    ) == ["funds.propose_opening", "funds.approve_opening"]


# ---- what is refused ---------------------------------------------------------------------------


def test_unbalanced_is_refused_with_both_sums_and_the_difference(
    book: Book, cast: SimpleNamespace
) -> None:
    rows = lines(("1003", "1000.00", "", {}), ("3001", "", "999.99", {}))
    assert refused(lambda: asked(book, cast, rows)) == (
        "借贷不平：借方合计 1,000.00 元，贷方合计 999.99 元，相差 0.01 元；请核对后再提交"
    )
    assert not Opening.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("1003", "", "5.00", {}), "第 1 行：1003 财政专户存款的余额应在借方"),
        (("2101", "5.00", "", {}), "第 1 行：2101 借入款项的余额应在贷方"),
        (("3101-risk_reserve", "5.00", "", {}), "的余额应在贷方"),
        (("1003", "-5.00", "", {}), "第 1 行：金额不能为负；余额在另一方的，填在另一栏"),
        (("1003", "5.00", "5.00", {}), "第 1 行：借方、贷方只能填一栏"),
        (("4201", "", "5.00", {}), "收入、支出科目没有期初余额"),
        (("9999", "5.00", "", {}), "本账套没有科目“9999”"),
        (("2001-deposit", "", "5.00", {}), "要写明机构代码"),
        (("2001-deposit", "", "5.00", {"institution_code": "H9"}), "没有代码为“H9”的定点机构"),
        (("2001-advance_aid", "", "5.00", {}), "要写明保险年度"),
        (("2001-advance_aid", "", "5.00", {"policy_year": 2026}), "保费已是收入，不再是预收"),
        (("1003", "5.00", "", {"policy_year": 2026}), "1003 财政专户存款不分保险年度，请留空"),
        (("3001-household", "", "5.00", {"policy_year": 2027}), "应不晚于启用日所在的 2026 年"),
    ],
)
def test_a_wrong_row_is_named(
    book: Book, cast: SimpleNamespace, hospital: Institution, row: Any, words: str
) -> None:
    assert words in refused(lambda: asked(book, cast, lines(row, ("3001", "", "5.00", {}))))


def test_rows_that_repeat_and_sides_that_do_not_fit(
    book: Book, cast: SimpleNamespace, town_a: Division
) -> None:
    twice = lines(("1003", "3.00", "", {}), ("1003", "2.00", "", {}), ("3001", "", "5.00", {}))
    assert refused(lambda: asked(book, cast, twice)) == (
        "第 2 行：与第 1 行的科目和辅助核算相同，请合并成一行"
    )
    who = {"township": town_a, "funding_level": "township", "policy_year": 2025}
    one = lines(("1101-overspend", "5.00", "", who), ("3001", "", "5.00", {}))
    assert "应按乡镇、机构、年度一一相等" in refused(lambda: asked(book, cast, one))
    both = lines(("1101-overspend", "5.00", "", who), ("2001-overspend", "", "5.00", who))
    assert asked(book, cast, both).total == 5


def test_a_fund_that_spent_more_than_it_had_begins_with_a_debit(
    book: Book, cast: SimpleNamespace
) -> None:
    rows = lines(("3001", "700.00", "", {}), ("2101", "", "700.00", {}))
    agreed(asked(book, cast, rows), cast)
    at = {one.code: one.closing for one in account_balances(area=book.area, through=JULY.last)}
    assert (str(at["3001"]), str(at["2101"])) == ("-700.00", "700.00")


def test_not_twice_not_after_business_and_not_into_a_closed_month(
    book: Book, cast: SimpleNamespace
) -> None:
    row = asked(book, cast)
    assert "已有一份期初余额待审批" in refused(lambda: asked(book, cast))
    agreed(row, cast)
    assert refused(lambda: asked(book, cast)) == (
        "期初余额已经登记（2026-06-0001），不能再登记一份；有错的请提出更正"
    )
    close_period(actor=cast.accountant, period=book.periods.get(month=7), on=date(2026, 8, 3))
    assert refused(lambda: asked(book, cast, corrects=True)) == (
        "2026年7月已结账，期初余额不能再登记或更正；差错请按规定登记更正凭证"
    )


def test_not_after_business(book: Book, cast: SimpleNamespace) -> None:
    waiting = asked(book, cast)
    post_event(
        event="subsidy_received", area=book.area, on=date(2026, 7, 3), key="s:1", source="测试",
        actor=cast.accountant, lines=[EventLine(Decimal("9.00"), funding_level="county")],
    )  # fmt: skip
    for act in (lambda: agreed(waiting, cast), lambda: asked(book, cast)):
        assert refused(act) == (
            "账上已有业务凭证（第一张 2026-07-0001，收到财政补助），"
            "期初余额须在记第一笔业务以前登记"
        )


def test_nothing_else_is_booked_before_the_first_month(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    """The month of the opening is open until the first one is closed, and takes no business."""
    said = refused(lambda: paid(cast, book, "5.00", date(2026, 6, 30)))
    assert said == "账套自 2026年7月 启用，不能记更早的账，请核对日期"


def test_the_database_lets_no_other_voucher_in(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    voucher = Voucher.objects.get()
    period = book.periods.get(is_opening=True)
    for event, month, on in (
        ("claim_paid", period, "2026-06-30"),
        ("opening", book.periods.get(month=7), "2026-07-01"),
    ):
        with pytest.raises(Error, match="does not belong into this month"), transaction.atomic():
            taken = Period.objects.take_number(book, month.as_month)
            assert taken is not None
            Voucher.objects.create(
                book=book, period=month, number=taken[1], occurred_on=on, event=event,
                summary="x", source="x", key="x", amount=5, line_count=2, content_digest="x",
                preparer="x", posted_at=voucher.posted_at,
            )  # fmt: skip
    assert guard_problems() == []


# ---- a way back --------------------------------------------------------------------------------


def test_what_was_wrong_is_reversed_and_entered_anew_by_two(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    """支出户 had 352 000.50 in truth, and the pool 1 302 000.00; 2 050.30 were paid meanwhile."""
    paid(cast, book, "2050.30")
    right = [list(one) for one in SMALL]
    right[1][1], right[-1][2] = "352000.50", "1302000.00"
    row = asked(book, cast, lines(*map(tuple, right)), corrects=True)  # type: ignore[arg-type]
    assert row.replaces == opened
    row = agreed(row, cast)
    opened.refresh_from_db()
    assert opened.red is not None and row.voucher is not None
    assert (opened.red.label, row.voucher.label) == ("2026-06-0002", "2026-06-0003")
    assert opened.red.amount == -opened.total and opened.red.prepared_by == cast.accountant
    at = {one.code: one for one in account_balances(area=book.area, through=JULY.last)}
    assert (str(at["1004"].opening), str(at["1004"].closing)) == ("352000.50", "349950.20")
    assert Opening.objects.in_force().get() == row
    close_period(actor=cast.accountant, period=book.periods.get(month=7), on=date(2026, 8, 3))
    assert verify.verify(map(json.loads, json_lines(book))).findings == []
    assert list(book_problems(book.area)) == []


def test_a_correction_leaves_enough_for_what_was_paid(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    paid(cast, book, "2050.30")
    less = [list(one) for one in SMALL]
    less[0][1], less[1][1] = "1549000.50", "1000.00"
    row = asked(book, cast, lines(*map(tuple, less)), corrects=True)  # type: ignore[arg-type]
    assert refused(lambda: agreed(row, cast)) == (
        "更正以后支出户存款到 2026-07-06 为 -1,050.30 元，不够已经记账的支出；请核对更正的余额"
    )
    assert Voucher.objects.count() == 2 and Opening.objects.in_force().get() == opened


def test_no_other_way_to_reverse_it(
    opened: Opening, cast: SimpleNamespace, as_user: SignIn
) -> None:
    url = reverse("funds:reverse", args=[opened.voucher_id])
    page = as_user(cast.accountant).post(url, {"on": "2026-07-02", "reason": "金额不对"})
    assert "期初余额不在这里红冲，请在“期初余额”提出更正" in page.content.decode()


# ---- whole -------------------------------------------------------------------------------------


def records(book: Book) -> list[dict[str, Any]]:
    return [json.loads(line) for line in json_lines(book)]


def test_verify_finds_an_opening_that_is_not_whole(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    paid(cast, book, "2050.30")
    assert verify.verify(records(book)).findings == []

    def altered(change: Callable[[dict[str, Any]], None]) -> str:
        rows = records(book)
        change(next(one for one in rows if one.get("label") == "2026-06-0001"))
        return "；".join(str(one) for one in verify.verify(rows).findings)

    assert "记在账套启用（2026-07）以前，而不是期初余额" in altered(
        lambda one: one.update(event="claim_paid")
    )
    assert "期初余额应记在启用前一日 2026-06-30，现为 2026-06-29" in altered(
        lambda one: one.update(occurred_on="2026-06-29")
    )
    assert "期初余额中有收入、支出科目 4201" in altered(
        lambda one: one["postings"][0].update(account="4201")
    )


def test_verify_books_compares_the_voucher_with_what_was_agreed_to(
    opened: Opening, book: Book
) -> None:
    assert list(book_problems(book.area)) == []
    with as_owner(), transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE funds_openingline DISABLE TRIGGER USER")
            cursor.execute("UPDATE funds_openingline SET debit = debit + 1 WHERE account = '1004'")
            cursor.execute("ALTER TABLE funds_openingline ENABLE TRIGGER USER")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    said = "；".join(book_problems(book.area))
    assert "借方 1,610,001.50 元、贷方 1,610,000.50 元" in said
    assert "凭证 2026-06-0001 与审批的期初余额表不一致" in said


PLAIN = [
    one.code for one in ROLES["assistance"] if one.kind in BALANCE_KINDS and one.code != "3001"
]
FEN = st.integers(1, 10**11)


@settings(max_examples=25)
@given(fen=st.dictionaries(st.sampled_from(PLAIN), FEN, min_size=1), off=st.integers(-3, 3))
def test_any_balanced_opening_is_the_trial_balance_and_any_other_is_refused(
    fen: dict[str, int], off: int
) -> None:
    """3001 takes the difference, on whichever side; `off` fen beside it are refused."""
    with transaction.atomic():
        county = Division.objects.filter(level="county").first() or Division.objects.create(
            code="500225", name="大足县", level="county", first_day=date(2010, 1, 1)
        )
        people = SimpleNamespace(
            accountant=make_user("fz", "郑淑芬", Role.ACCOUNTANT, county),
            approver=make_user("fw", "吴国栋", Role.APPROVER, county),
        )
        book = open_book(
            actor=people.accountant, area=county, first_month=JULY, fund_type="assistance"
        )
        kinds = {one.code: one.kind for one in ROLES["assistance"]}
        signed = {code: n if kinds[code] == "asset" else -n for code, n in fen.items()}
        rest = -sum(signed.values()) + off
        if rest:
            signed["3001"] = rest
        rows = [
            OpeningLine(
                account=code,
                debit=Decimal(max(n, 0)) / 100,
                credit=Decimal(max(-n, 0)) / 100,
            )
            for code, n in signed.items()
        ]
        if off or len(rows) < 2:
            assert "借贷不平" in refused(lambda: asked(book, people, rows))
        else:
            agreed(asked(book, people, rows), people)
            found = account_balances(area=county, through=JULY.last, fund_type="assistance")
            stands = {
                one.code: int(one.opening * 100) * (1 if one.normal_side == "debit" else -1)
                for one in found
                if one.opening
            }
            assert stands == signed
        transaction.set_rollback(True)


test_any_balanced_opening_is_the_trial_balance_and_any_other_is_refused = pytest.mark.django_db(
    test_any_balanced_opening_is_the_trial_balance_and_any_other_is_refused
)


# ---- by hand and by file -----------------------------------------------------------------------


def typed(*rows: dict[str, str]) -> dict[str, str]:
    found = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    for at, row in enumerate(rows):
        found |= {f"lines-{at}-{name}": text for name, text in row.items()}
    return found | {"evidence": "6 月余额表", "reason": "启用", "action": "propose"}


def test_it_is_typed_at_the_page(book: Book, cast: SimpleNamespace, as_user: SignIn) -> None:
    hand, url = as_user(cast.accountant), reverse("funds:propose_opening")
    page = hand.get(url).content.decode()
    assert "1003 财政专户存款" in page and "4201" not in page
    wrong = hand.post(url, typed(
        {"account": "1003", "debit": "１000.00"}, {"account": "3001", "credit": "999.00"},
        {"account": "2101"},
    ))  # fmt: skip
    assert "借方合计 1,000.00 元，贷方合计 999.00 元，相差 1.00 元" in wrong.content.decode()
    assert 'value="999.00"' in wrong.content.decode()
    wrong = hand.post(url, typed(
        {"account": "1003", "credit": "5"}, {"account": "", "debit": "5"}
    ))  # fmt: skip
    assert "1003 财政专户存款的余额应在借方" in wrong.content.decode()
    more = hand.post(url, typed({"account": "1003", "debit": "7"}) | {"action": "more"})
    assert more.content.decode().count('name="lines-10-account"') == 1
    assert 'value="7"' in more.content.decode() and not Opening.objects.exists()
    hand.post(url, typed(
        {"account": "1003", "debit": "1000.00"}, {"account": "3001", "credit": "1000.00"}
    ))  # fmt: skip
    row = Opening.objects.get()
    assert [(one.account, str(one.debit), str(one.credit)) for one in row.lines.all()] == [
        ("1003", "1000.00", "0.00"), ("3001", "0.00", "1000.00"),
    ]  # fmt: skip


HEAD = ["科目编号", "科目名称", "借方余额", "贷方余额", "机构代码", "保险年度", "乡镇"]
OPTIONS = {"fund_type": "resident", "evidence": "6 月余额表", "reason": "启用"}


def test_it_is_read_from_a_table_in_two_steps(
    book: Book, cast: SimpleNamespace, hospital: Institution, as_user: SignIn
) -> None:
    hand, url = as_user(cast.accountant), reverse("funds:load_opening")
    rows: list[list[Any]] = [
        HEAD,
        ["1003", "财政专户存款", 1200000, None, None, None, None],
        [None, "支出户存款", "350,000.50", None, None, None, None],
        ["1001", "库存现金", None, None, None, None, None],
        ["2001", "暂收款—定点机构质量保证金", None, "20000", hospital.code, None, None],
        ["2001", "暂收款—预收以后年度个人保费", None, "45000", None, 2027, None],
        ["3001", "一般基金结余", None, "1485000.50", None, None, None],
    ]
    page = send(hand, url, rows, **OPTIONS)
    assert "新增 5" in page and "无变化 1" in page
    assert not Opening.objects.exists()
    confirm(hand, url)
    row = Opening.objects.get()
    assert str(row.total) == "1550000.50" and row.lines.count() == 5
    assert row.evidence == "6 月余额表" and row.proposed_by == cast.accountant
    again = send(hand, url, rows, **OPTIONS)
    assert "已有一份期初余额待审批" in confirm(hand, url), again


def test_csv_and_a_table_that_does_not_balance(
    book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    hand, url = as_user(cast.accountant), reverse("funds:load_opening")
    text = "科目编号,借方余额,贷方余额\n1003,1000.00,\n3001,,{}\n"
    for amount, said in (("990", "相差 10.00 元"), ("1000", "新增 2")):
        file = SimpleUploadedFile("期初.csv", text.format(amount).encode("gb18030"))
        page = hand.post(url, {"file": file} | OPTIONS, follow=True).content.decode()
        assert said in page


def test_every_wrong_row_of_a_table_is_named(
    book: Book, cast: SimpleNamespace, hospital: Institution
) -> None:
    resource = OpeningResource(cast.accountant, DAY, OPTIONS)
    assert faults(resource, [
        HEAD,
        ["2001", "", None, 5, None, None, None],
        ["8888", "", 5, None, None, None, None],
        ["5001", "社会保险待遇支出—住院费用", 5, None, None, None, None],
        ["1003", "", None, 5, None, None, None],
        ["1004", "", 5, None, None, None, None],
        ["", "支出户存款", 6, None, None, None, None],
        ["1005", "", -5, None, None, None, None],
        ["2001", "暂收款—定点机构质量保证金", None, 5, "H0", None, None],
        ["2001", "暂收款—待查款", None, 5, None, None, "无此镇"],
        ["1002", "财政专户存款", 5, None, None, None, None],
    ]) == [
        "第 2 行：科目编号：2001 有下级科目，请在科目名称中写明细科目："
        "暂收款—预收以后年度个人保费、暂收款—预收以后年度资助保费、暂收款—定向资助参保资金、"
        "暂收款—待查款、暂收款—异地就医资金、"
        "暂收款—支付退汇、暂收款—定点机构质量保证金、暂收款—原系统应付待遇、"
        "暂收款—待收超支分担",
        "第 3 行：科目编号：本账套没有科目“8888”，请按下载的模板填写",
        "第 4 行：科目编号：5001 社会保险待遇支出—住院费用：收入、支出科目没有期初余额："
        "本年一月起到启用日的收支差额并入一般基金结余，启用前各月的收支以原系统的收支表为准",
        "第 5 行：贷方余额：1003 财政专户存款的余额应在借方",
        "第 7 行：科目编号：第 6 行已经有了，请合并成一行",
        "第 8 行：借方余额：“-5”是负数；余额在另一方的，填在另一栏",
        "第 9 行：机构代码：没有代码为“H0”的定点机构",
        "第 10 行：乡镇：本辖区没有“无此镇”这个乡镇，请核对",
        "第 11 行：科目编号：“财政专户存款”的编号是 1003，不是 1002",
    ]  # fmt: skip


def test_the_chart_of_2008_is_read_by_its_own_numbers(
    cast: SimpleNamespace, county: Division
) -> None:
    """There 1002 is 财政专户存款, and the reserves are one account, told apart by our names."""
    book = open_book(actor=cast.accountant, area=county, first_month=Month(2025, 7), chart="2008")
    rules = Rules(book)
    assert rules.account_named("1002", "") == "1003" and rules.account_named("1003", "") == "1002"
    with pytest.raises(ValueError, match="风险基金结余—大病储备金"):
        rules.account_named("3001", "统筹基金")
    for one in rules.opened:
        assert rules.account_named(rules.code_of(one.code), rules.name_of(one.code)) == one.code
        assert rules.account_named("", rules.name_of(one.code)) == one.code


def test_the_template_comes_back(book: Book, cast: SimpleNamespace, as_user: SignIn) -> None:
    page = as_user(cast.accountant).get(reverse("funds:load_opening_template"))
    header, *rows = table_in(b"".join(page))  # type: ignore[arg-type]
    assert header[:4] == ["科目编号", "科目名称", "借方余额", "贷方余额"]
    assert ["1003", "财政专户存款"] in [row[:2] for row in rows]
    assert len(rows) == len(Rules(book).opened)


def test_a_book_in_use_closes_the_page_to_no_other(
    book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    """Insurance has begun its business; medical assistance, opened later, still takes a table."""
    hand, url = as_user(cast.accountant), reverse("funds:load_opening")
    post_event(
        event="subsidy_received", area=book.area, on=date(2026, 7, 3), key="s:1", source="测试",
        actor=cast.accountant, lines=[EventLine(Decimal("9.00"), funding_level="county")],
    )  # fmt: skip
    assert "期初余额须在记第一笔业务以前登记" in hand.get(url, follow=True).content.decode()
    kind = Book.FundType.ASSISTANCE
    aid = open_book(actor=cast.accountant, area=book.area, first_month=JULY, fund_type=kind)
    assert hand.get(url).status_code == 200
    rows = [HEAD[:4], ["1003", "财政专户存款", 900, None], ["3001", "一般基金结余", None, 900]]
    send(hand, url, rows, **OPTIONS | {"fund_type": str(kind)})
    confirm(hand, url)
    assert (Opening.objects.get().book, str(Opening.objects.get().total)) == (aid, "900.00")
    # Whoever sent it sees it, without naming the book.
    assert f"?book={aid.pk}" in hand.get(reverse("funds:opening")).url  # type: ignore[attr-defined]


def test_the_template_is_of_the_book_that_still_lacks_its_balances(
    opened: Opening, book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    kind = Book.FundType.ASSISTANCE
    aid = open_book(actor=cast.accountant, area=book.area, first_month=JULY, fund_type=kind)
    rows = table_in(b"".join(as_user(cast.accountant).get(reverse("funds:load_opening_template"))))  # type: ignore[arg-type]
    assert len(rows) == len(Rules(aid).opened) + 1
    assert {tuple(row[2:4]) for row in rows[1:]} == {("", "")}  # and no amount of the other


# ---- the paper ---------------------------------------------------------------------------------


def test_the_paper_names_both_and_is_kept(
    opened: Opening, book: Book, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    stranger = make_user("far", "秦外", Role.ACCOUNTANT, other_county)

    def change() -> None:
        User.objects.filter(pk=cast.approver.pk).update(name="改名")

    page = keeps_what_it_said(
        OPENING,
        reverse("funds:opening_paper", args=[opened.pk]),
        hand=as_user(cast.accountant),
        change=change,
        elsewhere=as_user(stranger),
        stranger=as_user(cast.clerk_a),
    )
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "编制：郑淑芬 2026-07-02" in text and "审批：吴国栋 2026-07-02" in text
    assert "1,610,000.50" in text and "大足县人民医院" in text and "2026-06-0001" in text


def test_verify_books_is_content(opened: Opening, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_books")
    assert "账目完整" in capsys.readouterr().out


def test_the_month_of_the_opening_is_offered_nowhere(
    opened: Opening, book: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    hand = as_user(cast.accountant)
    assert "2026年6月" not in hand.get(reverse("funds:periods")).content.decode()
    page = hand.get(reverse("funds:accounts")).content.decode()
    assert "1,200,000.00" in page and 'value="2026-06"' not in page
    assert Posting.objects.count() == len(SMALL)


# ---- what the old books owed, and no business here explains ------------------------------------


def debt(cast: SimpleNamespace, book: Book, event: str, amount: str, what: str) -> Voucher:
    return post_event(
        event=event, area=book.area, on=date(2026, 7, 6), key=f"test:{event}:{amount}",
        source="原账套往来清理", actor=cast.accountant,
        lines=[EventLine(amount=Decimal(amount), purpose=what)],
    )  # fmt: skip


def test_a_debt_of_before_is_paid_or_kept_and_no_more_of_it(
    opened: Opening, book: Book, cast: SimpleNamespace
) -> None:
    """Of 12 000.50 unidentified 5 000.00 find their owner; 7 000.50 are left for the fund."""
    voucher = debt(cast, book, "opening_debt_paid", "5000.00", "unidentified")
    assert legs(voucher) == [("2001-unidentified", "5000.00", "0.00"), ("1004", "0.00", "5000.00")]
    told = refused(lambda: debt(cast, book, "opening_debt_kept", "7000.51", "unidentified"))
    assert "只剩 7,000.50 元，这笔要付出 7,000.51 元，还差 0.01 元" in told
    voucher = debt(cast, book, "opening_debt_kept", "7000.50", "unidentified")
    assert legs(voucher) == [
        ("2001-unidentified", "7000.50", "0.00"), ("4501-other", "0.00", "7000.50"),
    ]  # fmt: skip
    assert "只剩 0.00 元" in refused(
        lambda: debt(cast, book, "opening_debt_paid", "0.01", "unidentified")
    )
    check_now()
