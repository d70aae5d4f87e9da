"""What the charts of 2008, 2017 and 2026 print for the same accounts."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division
from funds import verify
from funds.balances import account_balances, as_printed
from funds.chart import (
    BANK_ACCOUNTS,
    DEBIT_KINDS,
    PRINTED,
    RESIDENT,
    ROLES,
    VERSIONS,
    printed,
    printed_chart,
    roles_of,
)
from funds.exports import json_lines
from funds.ledgers.reading import general
from funds.models import Book, Posting
from funds.services import EventLine, open_book, post_event
from lib.periods import Month

OCTOBER = Month(2025, 10)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_chart_prints_every_account_and_none_in_two_ways(version):
    """A code has one name, a general code one general name, and one side of the balance."""
    assert PRINTED[version].keys() == {one.code for one in RESIDENT}
    names, generals, sides = {}, {}, {}
    for one in RESIDENT:
        told = printed(version, one.code)
        assert names.setdefault(told.code, told.name) == told.name
        assert generals.setdefault(told.general, told.general_name) == told.general_name
        assert sides.setdefault(told.general, one.kind in DEBIT_KINDS) == (one.kind in DEBIT_KINDS)
        assert told.code[0] == one.code[0]  # assets stay assets: the checker reads the first digit


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fund", ROLES)
def test_the_address_of_a_printed_account_means_its_roles(version, fund):
    known = {one.code for one in ROLES[fund]}
    seen = set()
    for general_account in printed_chart(version, known):
        assert roles_of(general_account.address) & known == set(general_account.roles)
        for one in general_account.accounts:
            assert roles_of(one.address) & known == set(one.roles)
            seen |= set(one.roles)
    assert seen == known


def test_1002_and_1003_change_places():
    told = {version: str(printed(version, "1003")) for version in VERSIONS}
    assert told == {
        "2008": "1002 财政专户存款",
        "2017": "1003 财政专户存款",
        "2026": "1003 财政专户存款",
    }
    assert str(printed("2008", "1002")) == "1003 收入户存款"


def test_bank_accounts_are_called_the_same_everywhere():
    """Refusals, statements of banks and reconciliations name them without asking for a chart."""
    assert all(len({printed(v, role).name for v in VERSIONS}) == 1 for role in BANK_ACCOUNTS)


def test_what_the_supplement_added_stood_together_before():
    assert printed("2026", "5101-own").name == "大病保险支出—医保自办"
    assert printed("2017", "5101-own") == printed("2017", "5101-insurer")
    assert printed("2017", "5101-own").name == "大病保险支出"
    assert printed("2008", "5101-insurer").name == "购买大病保险支出"


@pytest.fixture
def old_book(cast, county: Division) -> Book:
    return open_book(actor=cast.accountant, area=county, first_month=OCTOBER, chart="2008")


@pytest.fixture
def story(old_book: Book, county: Division, cast) -> Book:
    """October 2025: 9 000.00 of the centre and 1 000.00 of the county, 300.00 and 200.00 into two
    reserves, 4 000.00 to the expenditure account, 1 234.56 of it paid for stays."""
    for at, (event, amount, options) in enumerate((
        ("subsidy_received", "9000.00", {"funding_level": "central"}),
        ("subsidy_received", "1000.00", {"funding_level": "county"}),
        ("reserve_drawn", "300.00", {"purpose": "serious_reserve"}),
        ("reserve_drawn", "200.00", {"purpose": "risk_reserve"}),
        ("expenditure_funded", "4000.00", {}),
        ("claim_paid", "1234.56", {"purpose": "inpatient"}),
    )):  # fmt: skip
        post_event(
            event=event, area=county, on=date(2025, 10, 9), key=f"story:{at}", source="测试",
            actor=cast.accountant, lines=[EventLine(amount=Decimal(amount), **options)],
        )  # fmt: skip
    return old_book


def test_a_book_of_2008_prints_its_own_chart(story: Book, county: Division):
    """财政专户 10 000.00 − 4 000.00; 支出户 4 000.00 − 1 234.56; both reserves are one account."""
    balances = account_balances(area=county, through=OCTOBER.last)
    told = {
        (one.code, one.name): str(one.closing)
        for one in as_printed(balances, "2008")
        if not one.is_idle
    }
    assert told == {
        ("1002", "财政专户存款"): "6000.00",
        ("1004", "支出户存款"): "2765.44",
        ("3001-general", "统筹基金—一般统筹基金"): "-500.00",
        ("3001-reserve", "统筹基金—风险基金"): "500.00",
        ("4004-central", "政府资助收入—中央财政"): "9000.00",
        ("4004-county", "政府资助收入—县级财政"): "1000.00",
        ("5001-inpatient", "统筹基金支出—住院费用"): "1234.56",
    }
    generals = {(one.code, one.name): one.address for one in general(story, 2025)}
    assert generals["3001", "统筹基金"] == "3001@2008"
    assert generals["1002", "财政专户存款"] == "1003"
    paid = Posting.objects.select_related("account", "period").get(account__code="5001-inpatient")
    assert str(paid.printed) == "5001 统筹基金支出—住院费用"


def test_every_page_prints_it(story: Book, cast, as_user):
    hand = as_user(cast.accountant)
    at = {"book": story.pk, "first": "2025-10", "last": "2025-10"}
    fiscal = hand.get(reverse("funds:account_ledger"), at | {"account": "1003"}).content.decode()
    assert "1002 财政专户存款日记账" in fiscal and "4004 政府资助收入—中央财政" in fiscal
    assert "1003 财政专户存款" not in fiscal
    pool = hand.get(reverse("funds:account_ledger"), at | {"account": "3001@2008"})
    assert "3001 统筹基金明细账" in pool.content.decode()
    voucher = Posting.objects.get(account__code="5001-inpatient").voucher_id
    paper = hand.get(reverse("funds:voucher", args=[voucher])).content.decode()
    assert "5001 统筹基金支出" in paper and "住院费用" in paper
    sheet = hand.get(reverse("funds:accounts"), at).content.decode()
    assert "农民个人缴费收入" not in sheet and "政府资助收入" in sheet
    for route in ("funds:general_ledger", "reports:postings"):
        page = hand.get(reverse(route), {"book": story.pk}).content.decode()
        assert "1002 财政专户存款" in page and "1003 财政专户存款" not in page
    postings = hand.get(reverse("reports:postings"), {"book": story.pk, "account": "3001@2008"})
    # In two lines, and once to be chosen.
    assert postings.content.decode().count("3001 统筹基金—风险基金") == 3
    listed = hand.get(reverse("funds:vouchers"), {"book": story.pk, "account": "3001@2008"})
    assert set(re.findall(r"2025-10-\d{4}", listed.content.decode())) == {
        "2025-10-0003",
        "2025-10-0004",
    }


def test_an_export_keeps_the_account_and_what_is_printed(story: Book):
    records = [json.loads(line) for line in json_lines(story)]
    assert verify.verify(records).whole
    book = next(one for one in records if one["kind"] == "book")
    assert book["printed"]["2008"]["1003"] == ["1002", "财政专户存款"]
    first = next(verify.expected_rows(records))
    assert (first["科目编号"], first["系统科目"]) == ("1002", "1003")
    # Another name for the same account, and a month whose chart nobody knows.
    other = json.loads(json.dumps(records))
    other[0]["printed"]["2008"]["1003"] = ["1002", "收入户存款"]
    (told,) = verify.changes_since(records, other)
    assert str(told) == (
        "科目表 2008 科目 1003：先前印作“1002 财政专户存款”，现在是“1002 收入户存款”"
    )
    other[1]["chart"] = "2017"
    assert "2025-10：科目表 2017 不在导出中" in map(str, verify.verify(other).findings)


def test_the_assistance_fund_has_only_the_chart_in_force(cast, county: Division):
    with pytest.raises(Refusal) as caught:
        open_book(
            actor=cast.accountant, area=county, first_month=OCTOBER, fund_type="assistance",
            chart="2008",
        )  # fmt: skip
    assert caught.value.message == "城乡医疗救助基金不适用科目表“2008”，请另选"


def test_a_book_is_opened_with_a_chart_on_the_page(cast, county: Division, as_user):
    as_user(cast.accountant).post(
        reverse("funds:open_book"),
        {"first_month": "2026-01", "fund_type": "resident", "chart": "2008"},
    )
    book = Book.objects.get()
    assert (book.chart, book.periods.get().chart) == ("2008", "2008")
