"""银行存款余额调节表: statements beside the books, matched by rule and by hand, and taken apart."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from desk.jobs import run
from funds.closing.checklist import checklist
from funds.models import Account, Book, Period, Voucher
from funds.reconciling.models import AccountLine, AccountStatement, Adjustment, LineMatch
from funds.reconciling.papers import ADJUSTMENT
from funds.reconciling.services import (
    make_adjustment,
    match_by_hand,
    match_by_rule,
    return_adjustment,
    review_adjustment,
    undo_match,
    unmatched,
)
from funds.reconciling.statements import STATEMENTS
from funds.reconciling.table import SIDES, Table, table_of
from funds.services import reverse_voucher
from lib.periods import Month
from tests.conftest import make_user
from tests.papers import keeps_what_it_said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside", "no_worker")]
SignIn = Callable[[User], Client]
Post = Callable[..., Voucher]
OCTOBER, NOVEMBER, LATER = Month(2025, 10), Month(2025, 11), date(2025, 12, 3)
Row = tuple[str, date, str, str]


@pytest.fixture
def account(book: Book) -> Account:
    """支出户"""
    return book.accounts.select_related("book__area").get(code="1004")


@pytest.fixture
def bring(account: Account, cast: SimpleNamespace) -> Callable[..., AccountStatement]:
    """bring(("S1", day, "100.00", "摘要"), …): a statement with these movements, read."""

    def one(*rows: Row) -> AccountStatement:
        text = "交易日期,交易流水号,金额,摘要\n" + "".join(
            f"{day},{serial},{amount},{words}\n" for serial, day, amount, words in rows
        )
        upload, _ = STATEMENTS.upload(
            actor=cast.accountant, file_name="对账单.csv", content=text.encode(), on=LATER,
            account=account,
        )  # fmt: skip
        run("funds.accountstatement", upload.pk, LATER)
        upload.refresh_from_db()
        return upload

    return one


@pytest.fixture
def story(
    money_aside: None, post: Post, bring: Callable[..., AccountStatement]
) -> dict[str, Voucher]:
    """October at the expenditure account. Books: 500 000.00 in, 2 050.00 and 600.00 out, on the
    31st 80.00 out, which the bank books in November. Bank: the same, interest 12.34 that the books
    do not have, and a fee of 5.00 that it took by mistake.

    Books 497 270.00 + 12.34 − 5.00 = 497 277.34; bank 497 357.34 − 80.00 = 497 277.34.
    """
    made = {
        "funded": post("expenditure_funded", "500000.00", date(2025, 10, 9)),
        "stay": post("claim_paid", "2050.00", date(2025, 10, 10), purpose="inpatient",
                     source="支付批次 202500001"),
        "visit": post("claim_paid", "600.00", date(2025, 10, 20), purpose="outpatient"),
        "late": post("claim_paid", "80.00", date(2025, 10, 31), purpose="outpatient"),
    }  # fmt: skip
    bring(
        ("S1", date(2025, 10, 9), "500000.00", "拨款"),
        ("S2", date(2025, 10, 15), "-2050.00", "代发 202500001"),
        ("S3", date(2025, 10, 21), "-600.00", "付款"),
        ("S4", date(2025, 10, 21), "12.34", "结息"),
        ("S5", date(2025, 10, 30), "-5.00", "手续费"),
        ("S6", date(2025, 11, 3), "-80.00", "付款"),
    )
    return made


def items(table: Table) -> dict[str, list[tuple[str, str]]]:
    return {side: [(one.number, str(one.amount)) for one in table.items[side]] for side, _ in SIDES}


@pytest.mark.usefixtures("story")
def test_the_table_of_october(account: Account, cast: SimpleNamespace) -> None:
    """By day, amount and number of the batch; what is under way stands on both sides."""
    assert match_by_rule(actor=cast.accountant, account=account) == 4

    table = table_of(account, OCTOBER, Decimal("497357.34"))

    assert items(table) == {
        "bank_in": [("S4", "12.34")],
        "bank_out": [("S5", "-5.00")],
        "book_in": [],
        "book_out": [("2025-10-0004", "-80.00")],
    }
    assert (table.book, table.adjusted_book) == (Decimal("497270.00"), Decimal("497277.34"))
    assert (table.adjusted_bank, table.difference) == (Decimal("497277.34"), Decimal(0))
    assert table_of(account, OCTOBER, Decimal("497300.00")).difference == Decimal("-57.34")
    assert table_of(account, OCTOBER, None).difference is None
    assert items(table_of(account, NOVEMBER, None))["book_out"] == []
    assert Table.of(table.as_json()) == Table(
        table.bank, table.book, table.since,
        {side: [type(one)(0, one.day, one.number, one.words, one.amount) for one in rows]
         for side, rows in table.items.items()},
    )  # fmt: skip


@pytest.mark.usefixtures("story")
def test_by_hand_and_back(account: Account, cast: SimpleNamespace) -> None:
    """Two lines are one voucher; a wrong sum is refused with the difference; undone, both stand
    open again and the match on record."""
    lines, vouchers = unmatched(account)
    line = {one.number: one.key for one in lines}
    voucher = {one.number: one.key for one in vouchers}
    with pytest.raises(Refusal, match=r"所选流水合计 -605\.00 元，所选凭证合计 -600\.00 元，相差"):
        match_by_hand(
            actor=cast.accountant, account=account, lines=[line["S3"], line["S5"]],
            vouchers=[voucher["2025-10-0003"]],
        )  # fmt: skip
    with pytest.raises(Refusal, match="至少勾选两笔"):
        match_by_hand(actor=cast.accountant, account=account, lines=[line["S5"]], vouchers=[])
    made = match_by_hand(
        actor=cast.accountant, account=account, lines=[line["S3"]],
        vouchers=[voucher["2025-10-0003"]],
    )  # fmt: skip
    assert (made.amount, made.how) == (Decimal("-600.00"), "hand")
    with pytest.raises(Refusal, match="刚由别人勾对"):
        match_by_hand(
            actor=cast.accountant, account=account, lines=[line["S3"]],
            vouchers=[voucher["2025-10-0003"]],
        )  # fmt: skip

    with pytest.raises(Refusal, match="取消勾对的原因"):
        undo_match(actor=cast.accountant, match=made, reason="")
    undo_match(actor=cast.accountant, match=made, reason="勾错了")
    assert line["S3"] in {one.key for one in unmatched(account)[0]}
    assert AuditLine.objects.filter(action="funds.undo_match").count() == 1
    with pytest.raises(Refusal, match="已取消"):
        undo_match(actor=cast.accountant, match=made, reason="再取消")


def test_what_the_bank_took_back_is_matched_by_itself(
    account: Account, bring: Callable[..., AccountStatement], cast: SimpleNamespace
) -> None:
    day = date(2025, 10, 9)
    bring(("A", day, "-5.00", "手续费"), ("B", day, "5.00", "手续费冲回"))
    lines, _ = unmatched(account)
    keys = [one.key for one in lines]
    assert match_by_hand(actor=cast.accountant, account=account, lines=keys, vouchers=[]).pk
    assert not unmatched(account)[0]


def test_a_red_letter_pair_is_no_money_at_the_bank(
    account: Account, post: Post, bring: Callable[..., AccountStatement], cast: SimpleNamespace
) -> None:
    wrong = post("claim_paid", "33.00", date(2025, 10, 9), purpose="inpatient")
    bring(("A", date(2025, 10, 1), "1.00", "试"))
    assert items(table_of(account, OCTOBER, None))["book_out"] == [(wrong.label, "-33.00")]
    reverse_voucher(actor=cast.accountant, voucher=wrong, on=date(2025, 10, 20), reason="重复")
    assert items(table_of(account, OCTOBER, None))["book_out"] == []


@pytest.mark.usefixtures("story")
def test_made_by_one_and_reviewed_by_another(account: Account, cast: SimpleNamespace) -> None:
    """A difference is not agreed to; what was reviewed stands, and is made anew once returned."""
    with pytest.raises(Refusal, match="还没有过完"):
        make_adjustment(
            actor=cast.accountant, account=account, month=OCTOBER, balance=Decimal("1"),
            on=date(2025, 10, 31),
        )  # fmt: skip
    match_by_rule(actor=cast.accountant, account=account)
    row = make_adjustment(
        actor=cast.accountant, account=account, month=OCTOBER, balance=Decimal("497300.00"),
        on=LATER,
    )  # fmt: skip
    with pytest.raises(Refusal, match=r"调节后的余额相差 -57\.34 元"):
        review_adjustment(actor=cast.supervisor, adjustment=row)
    row = make_adjustment(
        actor=cast.accountant, account=account, month=OCTOBER, balance=Decimal("497357.34"),
        on=LATER,
    )  # fmt: skip
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        review_adjustment(actor=cast.accountant, adjustment=row)
    row = review_adjustment(actor=cast.supervisor, adjustment=row)
    assert row.table is not None and Table.of(row.table).adjusted_book == Decimal("497277.34")

    match = LineMatch.objects.get(amount=Decimal("-600.00"))
    with pytest.raises(Refusal, match="2025年10月的余额调节表已复核，请先退回重编"):
        undo_match(actor=cast.accountant, match=match, reason="勾错了")
    row = return_adjustment(actor=cast.supervisor, adjustment=row, reason="漏看一笔")
    assert (row.status, row.table, row.reviewed_by) == ("made", None, None)
    assert undo_match(actor=cast.accountant, match=match, reason="勾错了").status == "undone"


@pytest.mark.usefixtures("story")
def test_the_checklist_asks_for_the_tables(
    book: Book, account: Account, cast: SimpleNamespace
) -> None:
    october = Period.objects.get(book=book, month=10)

    def missing() -> str:
        (one,) = [
            each for each in checklist(october, LATER) if each.what == "银行存款余额调节表已复核"
        ]
        return one.words

    assert missing() == "财政专户存款、支出户存款还没有复核的余额调节表"
    match_by_rule(actor=cast.accountant, account=account)
    row = make_adjustment(
        actor=cast.accountant, account=account, month=OCTOBER, balance=Decimal("497357.34"),
        on=LATER,
    )  # fmt: skip
    review_adjustment(actor=cast.supervisor, adjustment=row)
    assert missing() == "财政专户存款还没有复核的余额调节表"


def test_a_line_says_the_same_in_every_statement(
    account: Account, bring: Callable[..., AccountStatement]
) -> None:
    day = date(2025, 10, 9)
    assert bring(("A", day, "5.00", "")).line_count == 1
    assert bring(("A", day, "5.00", ""), ("B", day, "6.00", "")).known_count == 1
    refused = bring(("A", day, "7.00", ""))
    assert refused.status == "failed" and "此前已导入，当时为 2025-10-09 5.00 元" in refused.failure
    line = AccountLine.objects.get(serial="A")
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountLine.objects.filter(pk=line.pk).update(amount=Decimal("9.00"))


@pytest.mark.usefixtures("story")
def test_the_pages(
    account: Account, book: Book, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    url = reverse("funds:adjustment", args=[account.pk, "2025-10"])
    hand = as_user(cast.accountant)
    assert hand.post(f"{url}/rule").status_code == 302
    assert hand.post(f"{url}/balance", {"balance": "497357.34"}).status_code == 302
    page = hand.get(url).content.decode()
    assert "0.00 相符" in page and "银行已收、单位未收" in page
    row = Adjustment.objects.get()
    assert as_user(cast.cashier).post(f"{url}/rule").status_code == 403
    reviewing = as_user(cast.supervisor)
    assert "复核" in reviewing.get(url).content.decode()
    assert reviewing.post(reverse("funds:review_adjustment", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.status == "reviewed"
    answer: Any = hand.post(f"{url}/take", {"reason": "对账"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [[one.value for one in line] for line in sheet.iter_rows(min_row=2)]
    assert cells[0][0] == "单位账面余额" and float(cells[0][4]) == 497270.00
    assert cells[-1][0] == "差额" and float(cells[-1][4]) == 0
    foreign = as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county))
    assert foreign.get(url).status_code == 404
    assert foreign.post(f"{url}/rule").status_code == 404
    months = hand.get(reverse("funds:adjustments"), {"month": "2025-10"}).content.decode()
    assert "497,277.34" in months and "支出户存款" in months


@pytest.mark.usefixtures("story")
def test_the_paper(
    account: Account, book: Book, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    match_by_rule(actor=cast.accountant, account=account)
    row = make_adjustment(
        actor=cast.accountant, account=account, month=OCTOBER, balance=Decimal("497357.34"),
        on=LATER,
    )  # fmt: skip
    review_adjustment(actor=cast.supervisor, adjustment=row)

    def renamed() -> None:
        Division.objects.filter(pk=book.area_id).update(name="大足区")

    page = keeps_what_it_said(
        ADJUSTMENT,
        reverse("funds:adjustment_paper", args=[row.pk]),
        hand=as_user(cast.accountant),
        change=renamed,
        elsewhere=as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county)),
        stranger=as_user(cast.sysadmin),
    )
    assert (
        "497,277.34" in page and "减：单位已付、银行未付" in page and cast.supervisor.name in page
    )
