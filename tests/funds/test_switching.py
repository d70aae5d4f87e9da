"""改用科目表: a county keeps 2025 by the chart of 2008 and goes on with that of 2026, by two."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from desk.worklist import counts
from funds import verify
from funds.closing.checklist import year_end
from funds.exports import json_lines
from funds.ledgers.reading import Ledger, detail, general
from funds.models import Book, Period, Posting, Seal
from funds.services import EventLine, close_period, close_year, open_book, post_event
from funds.statements import Section, balance_sheet, income_statement, net_assets
from funds.switching.conversion import conversion
from funds.switching.models import ChartSwitch
from funds.switching.papers import CONVERSION
from funds.switching.services import decide_chart, propose_chart
from lib.periods import Month
from reports.statements.asked import Asked
from reports.statements.catalogue import STATEMENTS
from tests.conftest import make_user
from tests.papers import keeps_what_it_said

pytestmark = pytest.mark.usefixtures("as_application")
NOVEMBER, JANUARY = Month(2025, 11), Month(2026, 1)
SignIn = Callable[[User], Client]
DAY = date(2026, 1, 20)
WHY: dict[str, Any] = {"evidence": "县医保〔2026〕2号", "reason": "原制度停止执行"}


@pytest.fixture
def book(cast: SimpleNamespace, county: Division) -> Book:
    """November and December 2025 by the chart of 2008: 20 000.00 of the centre and 5 000.00 of the
    county come in, 9 000.00 go to the expenditure account, of which 3 210.45 are paid for stays
    and 789.55 for outpatient care; 700.00 and 300.00 are set aside, 44.00 nobody knows whose."""
    one = open_book(actor=cast.accountant, area=county, first_month=NOVEMBER, chart="2008")
    for at, (event, amount, options) in enumerate((
        ("subsidy_received", "20000.00", {"funding_level": "central"}),
        ("subsidy_received", "5000.00", {"funding_level": "county"}),
        ("expenditure_funded", "9000.00", {}),
        ("claim_paid", "3210.45", {"purpose": "inpatient"}),
        ("claim_paid", "789.55", {"purpose": "outpatient"}),
        ("reserve_drawn", "700.00", {"purpose": "serious_reserve"}),
        ("reserve_drawn", "300.00", {"purpose": "risk_reserve"}),
    )):  # fmt: skip
        posted(cast, county, event, amount, date(2025, 11, 5), f"old:{at}", **options)
    return one


def posted(
    cast: SimpleNamespace, area: Division, event: str, amount: str, on: date, key: str, **more: Any
) -> None:
    post_event(
        event=event, area=area, on=on, key=key, source="测试", actor=cast.accountant,
        lines=[EventLine(amount=Decimal(amount), **more)],
    )  # fmt: skip


@pytest.fixture
def closed(book: Book, cast: SimpleNamespace) -> Book:
    """2025 is closed, and January 2026 has begun by the same chart: 250.00 for a stay."""
    close_period(actor=cast.accountant, period=book.periods.at(NOVEMBER).get(), on=DAY)
    # December begins with the closing of November.
    close_year(actor=cast.accountant, book=book, year=2025, on=DAY)
    posted(cast, book.area, "claim_paid", "250.00", date(2026, 1, 6), "new:1", purpose="inpatient")
    return book


def asked(book: Book, cast: SimpleNamespace, year: int = 2026, after: str = "2026") -> ChartSwitch:
    return propose_chart(actor=cast.accountant, book=book, year=year, after=after, on=DAY, **WHY)


@pytest.fixture
def switched(closed: Book, cast: SimpleNamespace) -> ChartSwitch:
    row = asked(closed, cast)
    return decide_chart(actor=cast.approver, row=row, event="approve_chart", on=DAY)


def test_the_ledger_of_each_year_prints_its_own_chart(
    switched: ChartSwitch, closed: Book, cast: SimpleNamespace, as_user: SignIn
) -> None:
    """财政专户 25 000.00 − 9 000.00 = 16 000.00 is 1002 in 2025 and 1003 in 2026."""
    told = {}
    for year in (2025, 2026):
        told |= {(year, one.code, one.name): one for one in general(closed, year)}
    before = told[2025, "1002", "财政专户存款"]
    now = told[2026, "1003", "财政专户存款"]
    assert before.months[-1].balance == now.opening == Decimal("16000.00")
    assert before.address == now.address == "1003"
    assert (2025, "1003", "财政专户存款") not in told and (2026, "1002", "收入户存款") not in told
    hand = as_user(cast.accountant)
    for month, words in (
        ("2025-12", "1002 财政专户存款日记账"),
        ("2026-01", "1003 财政专户存款日记账"),
    ):
        page = hand.get(
            reverse("funds:account_ledger"),
            {"book": closed.pk, "account": "1003", "first": month, "last": month},
        )
        assert words in page.content.decode()
    # Over both years each line names the other accounts by the chart of its own month.
    lines = detail(Ledger(closed, "1004", "2026"), NOVEMBER, JANUARY, 1).lines
    against = [line.against for line in lines if line.posting]
    assert against[0] == "1002 财政专户存款" and "5001 统筹基金支出—住院费用" in against
    assert against[-1] == "5001 社会保险待遇支出—住院费用"


def test_the_conversion_table_to_the_fen(switched: ChartSwitch, closed: Book) -> None:
    """By hand: 支出户 9 000.00 − 3 210.45 − 789.55 = 5 000.00; 一般统筹 25 000.00 − 4 000.00 −
    1 000.00 = 20 000.00, 风险基金 700.00 + 300.00; 16 000.00 + 5 000.00 = 20 000.00 + 1 000.00."""
    found = conversion(closed, 2026, "2008", "2026")
    assert [
        (one.old.code, one.new.code, one.new.name, str(one.balance)) for one in found.lines
    ] == [
        ("1002", "1003", "财政专户存款", "16000.00"),
        ("1004", "1004", "支出户存款", "5000.00"),
        ("3001-general", "3001", "一般基金结余", "20000.00"),
        ("3001-reserve", "3101-risk_reserve", "风险基金结余—风险储备金", "300.00"),
        ("3001-reserve", "3101-serious_reserve", "风险基金结余—大病储备金", "700.00"),
    ]
    assert found.closing == found.opening == (Decimal("21000.00"), Decimal("21000.00"))
    assert found.is_even


def test_two_people_and_never_the_same_one(closed: Book, cast: SimpleNamespace) -> None:
    row = asked(closed, cast)
    cast.accountant.role = Role.APPROVER
    with pytest.raises(Refusal) as caught:
        decide_chart(actor=cast.accountant, row=row, event="approve_chart", on=DAY)
    assert "必须由不同的人办理" in caught.value.message
    assert closed.periods.get(year=2026, month=1).chart == "2008"
    with pytest.raises(Refusal) as caught:
        propose_chart(actor=cast.approver, book=closed, year=2026, after="2026", on=DAY, **WHY)
    assert caught.value.message == "改用科目表由会计提出"


def test_the_year_before_has_to_be_closed(book: Book, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal) as caught:
        asked(book, cast)
    assert caught.value.message == "2025 年还没有年终结账，结账后才能自 2026 年年初改用"


def test_not_back_into_what_is_closed(closed: Book, cast: SimpleNamespace) -> None:
    with pytest.raises(Refusal) as caught:
        asked(closed, cast, year=2025, after="2017")
    assert caught.value.message == "2025年11月已结账，科目表不能往回改；请自以后年度年初改用"
    with pytest.raises(Refusal) as caught:
        asked(closed, cast, year=2025)
    assert caught.value.message.startswith("财会〔2017〕28号及 2026 年补充规定不适用于 2025 年")


def test_what_was_closed_meanwhile_is_not_changed(closed: Book, cast: SimpleNamespace) -> None:
    """January is closed between the two hands."""
    row = asked(closed, cast)
    january = closed.periods.at(JANUARY).get()
    close_period(actor=cast.accountant, period=january, on=date(2026, 2, 3))
    with pytest.raises(Refusal) as caught:
        decide_chart(actor=cast.approver, row=row, event="approve_chart", on=DAY)
    assert "2026年1月已结账" in caught.value.message
    row.refresh_from_db()
    assert row.status == "proposed"


def test_a_second_switch_is_refused(
    switched: ChartSwitch, closed: Book, cast: SimpleNamespace
) -> None:
    with pytest.raises(Refusal) as caught:
        asked(closed, cast)
    assert "只能改用更新的科目表" in caught.value.message
    with pytest.raises(Refusal) as caught:
        asked(closed, cast, after="2008")
    assert "只能改用更新的科目表" in caught.value.message
    assert closed.periods.filter(chart="2026").count() == closed.periods.filter(year=2026).count()


def test_a_book_that_begins_changes_before_anything_is_posted(
    cast: SimpleNamespace, county: Division
) -> None:
    book = open_book(actor=cast.accountant, area=county, first_month=JANUARY, chart="2008")
    row = asked(book, cast)
    decide_chart(actor=cast.approver, row=row, event="approve_chart", on=DAY)
    posted(cast, county, "subsidy_received", "1.00", date(2026, 3, 1), "a", funding_level="county")
    assert set(book.periods.values_list("chart", flat=True)) == {"2026"}


def test_no_month_changes_without_a_decision(closed: Book) -> None:
    with pytest.raises(Error), transaction.atomic():
        Period.objects.filter(book=closed, year=2026).update(chart="2026")
    with pytest.raises(Error), transaction.atomic():
        Period.objects.filter(book=closed, year=2025).update(chart="2026")


def test_the_chain_and_an_export_stay_whole(closed: Book, cast: SimpleNamespace) -> None:
    """No posting, no seal changes; the checker of an export runs through the year's end."""

    def state() -> list[Any]:
        lines = Posting.objects.filter(voucher__book=closed).order_by("pk")
        links = Seal.objects.filter(book=closed).order_by("sequence")
        return [*lines.values_list(), *links.values_list("digest", flat=True)]

    before, earlier = state(), [json.loads(line) for line in json_lines(closed)]
    decide_chart(actor=cast.approver, row=asked(closed, cast), event="approve_chart", on=DAY)
    assert state() == before
    records = [json.loads(line) for line in json_lines(closed)]
    outcome = verify.verify(records)
    assert outcome.whole, outcome.lines()
    assert verify.changes_since(earlier, records) == []
    fiscal = [row for row in verify.expected_rows(records) if row["系统科目"] == "1004"]
    assert {row["科目编号"] for row in fiscal} == {"1004"}
    stays = [row for row in verify.expected_rows(records) if row["系统科目"] == "5001-inpatient"]
    assert [row["科目名称"] for row in stays][:1] == ["统筹基金支出—住院费用"]
    assert [row["科目名称"] for row in stays][-1] == "社会保险待遇支出—住院费用"
    # A chart that changes in December is no switch.
    months = [one for one in records if one["kind"] == "period"]
    months[-2]["chart"] = "2026"
    assert any("科目表" in one.what for one in verify.verify(records).findings)


def test_the_page_and_the_paper(
    closed: Book,
    cast: SimpleNamespace,
    as_user: SignIn,
    other_county: Division,
) -> None:
    hand, where = as_user(cast.accountant), reverse("funds:charts") + f"?book={closed.pk}"
    sent = hand.post(
        reverse("funds:propose_chart") + f"?book={closed.pk}",
        {"year": "2026", "after": "2026", **WHY},
    )
    assert sent.status_code == 302
    row = ChartSwitch.objects.get()
    assert counts(cast.approver, DAY)["funds:charts"].number == 1
    deciding = as_user(cast.approver)
    page = deciding.get(reverse("funds:charts") + "?waiting=1", follow=True).content.decode()
    assert "待审批：自 2026 年年初改用" in page
    table = reverse("funds:conversion", args=[row.pk])
    assert "待审批" in deciding.get(table).content.decode()
    act = reverse("funds:chart_act", args=[row.pk, "approve_chart"])
    assert as_user(cast.accountant2).post(act).status_code == 403
    assert deciding.post(act).status_code == 302
    assert "2026年1月" in hand.get(where).content.decode()
    assert AuditLine.objects.filter(action="funds.approve_chart").count() == 1
    foreign = make_user("approver_9", "贺外", Role.APPROVER, other_county)

    def renamed() -> None:
        cast.accountant.name = "何改名"
        cast.accountant.save()

    paper = keeps_what_it_said(
        CONVERSION,
        table,
        hand=hand,
        change=renamed,
        elsewhere=as_user(foreign),
        stranger=as_user(cast.sysadmin),
    )
    assert "21,000.00" in paper and "一般统筹基金" in paper


def told_of(section: Section, at: int) -> dict[str, str]:
    return {one.line.title: str(one.figures[at]) for one in section.lines if one.figures[at]}


def test_the_statements_of_2008_have_its_words(closed: Book, cast: SimpleNamespace) -> None:
    """16 000.00 and 5 000.00 at the banks are 21 000.00 of the pool, 1 000.00 of them risk fund.
    January's 250.00 in the words of 2008, and after the switch in those of today: the same sums."""
    codes = [one.code for one in closed.accounts.all()]
    which: dict[str, Any] = {"area": closed.area, "fund_type": "resident"}
    end = balance_sheet(**which, month=Month(2025, 12))
    assert told_of(end.assets, 0) == {"财政专户存款": "16000.00", "支出户存款": "5000.00"}
    assert [one.line.title for one in end.assets.lines][:3] == [
        "现金",
        "财政专户存款",
        "收入户存款",
    ]
    assert told_of(end.net, 0) == {
        "统筹基金": "21000.00", "一般统筹基金": "20000.00", "风险基金": "1000.00",
    }  # fmt: skip
    assert end.is_even and end.reserves[0] == 1000
    year = income_statement(**which, month=Month(2025, 12), codes=codes, version="2008")
    assert told_of(year.income, 1) == {
        "政府资助收入": "25000.00", "中央财政": "20000.00", "县级财政": "5000.00",
    }  # fmt: skip
    assert told_of(year.expense, 1) == {
        "统筹基金支出": "4000.00", "住院费用": "3210.45", "门诊费用": "789.55",
    }  # fmt: skip
    assert year.surplus[1] == end.net.total[0] == 21000
    assert year_end(closed, 2025).surplus_to == "统筹基金—一般统筹基金"
    for code in ("balance-sheet", "income"):
        told = STATEMENTS[code].tell(Asked(closed.area, Month(2025, 12)))
        assert told.checks and all(holds for _, holds in told.checks)
    before = balance_sheet(**which, month=JANUARY)

    decide_chart(actor=cast.approver, row=asked(closed, cast), event="approve_chart", on=DAY)

    after = balance_sheet(**which, month=JANUARY)
    assert told_of(before.net, 0)["一般统筹基金"] == "19750.00"
    assert told_of(after.net, 0)["一般基金结余"] == "19750.00"
    assert after.is_even and before.is_even
    for one, other in ((before.assets, after.assets), (before.net, after.net)):
        assert one.total == other.total
    assert balance_sheet(**which, month=Month(2025, 12)) == end  # 2025 keeps its words
    for month in (Month(2025, 12), JANUARY):
        moved = net_assets(
            balance_sheet(**which, month=month),
            income_statement(**which, month=month, codes=codes),
            accounts=(Decimal(0), Decimal(0), Decimal(0)),
        )
        assert sum(moved.closing) == balance_sheet(**which, month=month).assets.total[0]
        assert moved.closing[1] == 1000
