"""结账清单: what stops a month or a year, what is only told, and what is kept of it on paper."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from funds.closing.checklist import checklist, year_end
from funds.closing.found import Found
from funds.closing.papers import CLOSING_LIST
from funds.drafts.services import make_draft, take_step
from funds.models import Book, Period, Voucher
from funds.services import EventLine, close_period, close_year
from lib.periods import Month
from policies.models import Pack
from tests.conftest import make_user
from tests.funds.by_law import by_law
from tests.papers import keeps_what_it_said, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside")]
SignIn = Callable[[User], Client]
Post = Callable[..., Voucher]
OCTOBER, NOVEMBER, LATER = date(2025, 10, 20), date(2025, 11, 20), date(2027, 1, 5)


def period(book: Book, year: int, month: int) -> Period:
    return Period.objects.get(book=book, year=year, month=month)


def line(found: list[Found], what: str) -> Found:
    (one,) = [each for each in found if each.what == what]
    return one


def test_a_list_says_of_everything_whether_it_stands_open(book: Book, post: Post) -> None:
    """1 200.00 wait in the collection account and 88.50 that nobody explains; the report of the
    month is missing; the rest is fine."""
    post("premium_collected", "1200.00", OCTOBER)
    post("tax_suspended", "88.50", OCTOBER)
    post("tax_premium_transferred", "88.50", OCTOBER)

    found = checklist(period(book, 2025, 10), NOVEMBER)

    emptied = line(found, "收入户、国库月末清零")
    assert (emptied.verdict, emptied.amount) == ("stops", Decimal("1200.00"))
    assert emptied.words.startswith("收入户存款月末须无余额，现余 1,200.00 元")
    assert emptied.address == f"{reverse('funds:post')}?book={book.pk}"  # where it is emptied
    unexplained = line(found, "待查款已查明")
    assert (unexplained.verdict, unexplained.amount) == ("told", Decimal("88.50"))
    assert (line(found, "凭证已封存").count, line(found, "凭证已封存").stops) == (3, False)
    assert line(found, "基金运行月报已编制").verdict == "told"
    for what in (
        "借贷平衡",
        "凭证号连续",
        "手工凭证已复核、记账",
        "收入户流水已核对",
        "退汇已处理",
    ):
        assert (line(found, what).verdict, line(found, what).words) == ("fine", ""), what
    assert [one.verdict for one in found] == sorted(
        (one.verdict for one in found), key=["stops", "told", "fine"].index
    )


def test_a_voucher_by_hand_on_its_way_stops_its_month(
    book: Book, post: Post, cast: SimpleNamespace
) -> None:
    """Returned, it does not: it is made again with a day of the next month."""
    post("subsidy_received", "400.00", OCTOBER, funding_level="central")
    draft = make_draft(
        actor=cast.accountant, book=book, event="interest_received", on=OCTOBER, today=OCTOBER,
        document="回单 1", key="one", lines=[EventLine(Decimal("12.34"), purpose="fiscal")],
    )  # fmt: skip
    october = period(book, 2025, 10)

    with pytest.raises(Refusal, match=r"有 1 张2025年10月的手工凭证没有复核、记账，合计 12\.34 元"):
        close_period(actor=cast.accountant, period=october, on=NOVEMBER)
    assert line(checklist(october, NOVEMBER), "手工凭证已复核、记账").count == 1

    take_step(actor=cast.supervisor, draft=draft, event="refuse_voucher", reason="回单不清")
    closed = close_period(actor=cast.accountant, period=october, on=NOVEMBER)
    assert closed.status == "closed"


def test_what_stood_open_is_kept_with_the_closed_month(
    book: Book, post: Post, cast: SimpleNamespace, as_user: SignIn
) -> None:
    post("tax_suspended", "88.50", OCTOBER)
    post("tax_premium_transferred", "88.50", OCTOBER)
    closed = close_period(actor=cast.accountant, period=period(book, 2025, 10), on=NOVEMBER)
    post("suspense_cleared", "88.50", NOVEMBER)

    kept = [Found.of(one) for one in closed.checklist or []]
    assert line(kept, "待查款已查明").amount == Decimal("88.50")
    page = text_of(
        as_user(cast.accountant), reverse("funds:closing_list", args=[closed.pk]), prints=False
    )
    assert "结账时的情况" in page and "88.50" in page and "data-confirm" not in page


def test_the_reserve_stops_the_year_and_not_the_month(
    book: Book, pack: Pack, post: Post, cast: SimpleNamespace
) -> None:
    """10 % of 1 000 000.00 are 100 000.00, in two reserves; told in March, asked for in December.

    With it set aside the year closes: income 1 000 000.00, expense 2 050.00 go to net assets and
    the next year begins with 997 950.00 on both sides.
    """
    march = date(2026, 3, 9)
    post("subsidy_received", "1000000.00", march, funding_level="central", policy_year=2026)
    post("claim_paid", "2050.00", march, purpose="inpatient", policy_year=2026)
    post("expenditure_funded", "2050.00", march)
    due = line(checklist(period(book, 2026, 3), LATER), "提取风险基金")
    assert (due.verdict, due.amount) == ("told", Decimal("100000.00"))
    _close_through_november(book, cast)

    with pytest.raises(Refusal, match=r"2026年度“提取风险基金”应记 100,000\.00 元，还没有记账"):
        close_year(actor=cast.accountant, book=book, year=2026, on=LATER)
    december = period(book, 2026, 12)
    assert line(checklist(december, LATER), "提取风险基金").verdict == "stops"

    by_law(cast, book, "reserve_drawn", 2026, date(2026, 12, 31))
    foreseen = year_end(book, 2026)
    assert (foreseen.income, foreseen.expense) == (Decimal("1000000.00"), Decimal("2050.00"))
    assert (foreseen.assets, foreseen.net_assets) == (Decimal("997950.00"),) * 2
    assert foreseen.is_even and foreseen.surplus == Decimal("997950.00")
    close_year(actor=cast.accountant, book=book, year=2026, on=LATER)
    assert period(book, 2027, 1).status == "open"
    assert year_end(book, 2026).net_assets == Decimal("997950.00")


def _close_through_november(book: Book, cast: SimpleNamespace) -> None:
    month = Month(2025, 10)
    while month < Month(2026, 12):
        if month.month == 12:
            close_year(actor=cast.accountant, book=book, year=month.year, on=LATER)
        else:
            one = period(book, month.year, month.month)
            close_period(actor=cast.accountant, period=one, on=LATER)
        month = month.next()


def test_the_page_leads_where_things_are_mended(
    book: Book, post: Post, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    post("premium_collected", "1200.00", OCTOBER)
    url = reverse("funds:closing_list", args=[period(book, 2025, 10).pk])

    page = text_of(as_user(cast.accountant), url, prints=False)
    assert f'"{reverse("funds:post")}?book={book.pk}"' in page
    assert "有 1 项不能结账" in page and "data-confirm" not in page
    foreign = make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county)
    assert as_user(foreign).get(url).status_code == 404
    assert as_user(cast.sysadmin).get(url).status_code == 403


def test_december_shows_what_the_year_ends_with(
    book: Book, post: Post, cast: SimpleNamespace, as_user: SignIn
) -> None:
    post("subsidy_received", "400.00", date(2025, 12, 20), funding_level="central")
    url = reverse("funds:closing_list", args=[period(book, 2025, 12).pk])
    page = text_of(as_user(cast.auditor), url, prints=False)
    assert "年终结账将办理" in page and "次年年初数（资产 = 负债 + 净资产）" in page
    assert "请先结2025年10月的账" in page


def test_the_paper_is_kept_as_it_was_when_the_month_was_closed(
    book: Book, post: Post, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    post("tax_suspended", "88.50", OCTOBER)
    post("tax_premium_transferred", "88.50", OCTOBER)
    october = period(book, 2025, 10)
    url = reverse("funds:closing_paper", args=[october.pk])
    draft = text_of(as_user(cast.accountant), url, prints=True)
    assert "未结账，以结账时的为准" in draft
    close_period(actor=cast.accountant, period=october, on=NOVEMBER)

    def renamed() -> None:
        Division.objects.filter(pk=book.area_id).update(name="大足区")

    page = keeps_what_it_said(
        CLOSING_LIST,
        url,
        hand=as_user(cast.accountant),
        change=renamed,
        elsewhere=as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county)),
        stranger=as_user(cast.sysadmin),
    )
    assert "88.50" in page and "财务负责人（签字）" in page and cast.accountant.name in page
