"""预算: put forward, adopted by another, adjusted, and how far it is carried out."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.roles import Role
from desk.worklist import counts
from funds.budget.models import Budget
from funds.budget.services import execution, propose_budget, read_budget
from funds.budget.workflow import BUDGETS
from funds.closing.checklist import checklist
from funds.models import Book, Period, Voucher
from lib.periods import Month
from reports.statements.asked import Asked
from reports.statements.catalogue import STATEMENTS
from tests.at_once import at_once
from tests.conftest import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside")]
SignIn = Callable[[User], Client]
Post = Callable[..., Voucher]
MARCH, DAY = Month(2026, 3), date(2026, 3, 9)
AMOUNTS = {
    "4001": Decimal("200000.00"),
    "4101": Decimal("800000.00"),
    "5001": Decimal("900000.00"),
}


@pytest.fixture
def asks(book: Book, cast: SimpleNamespace) -> Callable[..., Budget]:
    def one(amounts: dict[str, Decimal] = AMOUNTS, reason: str = "年度预算") -> Budget:
        return propose_budget(
            actor=cast.accountant, book=book, year=2026, amounts=amounts,
            evidence="足人大〔2026〕1号", reason=reason, on=DAY,
        )  # fmt: skip

    return one


def adopt(budget: Budget, cast: SimpleNamespace) -> Budget:
    return BUDGETS.decide(budget, "approve_budget", actor=cast.approver, on=DAY)


def told(book: Book) -> dict[str, tuple[str, str, str, int | None]]:
    return {
        one.title: (str(one.month), str(one.year), str(one.budget), one.ratio)
        for one in execution(book, MARCH)
    }


def test_how_far_the_budget_is_carried_out(
    book: Book, asks: Callable[..., Budget], post: Post, cast: SimpleNamespace
) -> None:
    """Subsidies of 400 000.00 in January and 200 000.00 in March of 800 000.00: 75.00 %. Benefits
    of 300 000.00 of 900 000.00: 33.33 %. Income in all 600 000.00 of 1 000 000.00: 60.00 %."""
    post("subsidy_received", "400000.00", date(2026, 1, 20), funding_level="central")
    post("subsidy_received", "200000.00", DAY, funding_level="county")
    post("expenditure_funded", "300000.00", DAY)
    post("claim_paid", "300000.00", DAY, purpose="inpatient")
    assert told(book)["财政补贴收入"] == ("200000.00", "600000.00", "None", None)

    adopt(asks(), cast)

    found = told(book)
    assert found["财政补贴收入"] == ("200000.00", "600000.00", "800000.00", 7500)
    assert found["社会保险待遇支出"] == ("300000.00", "300000.00", "900000.00", 3333)
    assert found["基金收入"] == ("200000.00", "600000.00", "1000000.00", 6000)
    assert found["基金支出"] == ("300000.00", "300000.00", "900000.00", 3333)
    assert found["利息收入"] == ("0", "0", "None", None) or found["利息收入"][2] == "None"


def test_the_report_of_the_month_has_budget_and_percent(
    book: Book, county: Division, asks: Callable[..., Budget], post: Post, cast: SimpleNamespace
) -> None:
    post("subsidy_received", "600000.00", DAY, funding_level="county")
    adopt(asks(), cast)
    (grid,) = STATEMENTS["budget"].tell(Asked(county, MARCH)).grids
    assert [head.title for head in grid.heads] == ["项目", "本月数", "本年累计数", "预算", "执行率"]
    rows = {str(row[0].value).strip("　"): [one.text for one in row[1:]] for row in grid.rows}
    assert rows["财政补贴收入"] == ["600,000.00", "600,000.00", "800,000.00", "75.00%"]
    assert rows["利息收入"][2:] == ["无预算", "—"]


def test_an_adjustment_takes_the_place_and_the_first_stays(
    book: Book, asks: Callable[..., Budget], cast: SimpleNamespace
) -> None:
    first = adopt(asks(), cast)
    with pytest.raises(Refusal, match="与 2026 年现行预算相同，没有调整"):
        asks(reason="再报一次")
    with pytest.raises(Refusal, match="调整的原因"):
        asks(AMOUNTS | {"5001": Decimal("950000.00")}, reason="")
    second = asks(AMOUNTS | {"5001": Decimal("950000.00")}, reason="上级追加补助")
    assert Budget.objects.in_force(book, 2026) == first
    adopt(second, cast)
    assert Budget.objects.in_force(book, 2026) == second
    assert Budget.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        Budget.objects.filter(pk=first.pk).update(amounts={"5001": "1.00"})


def test_nobody_adopts_his_own_and_it_may_be_taken_back(
    asks: Callable[..., Budget], book: Book, cast: SimpleNamespace
) -> None:
    row = asks()
    with pytest.raises(Refusal, match="您的角色不能办理"):
        BUDGETS.decide(row, "approve_budget", actor=cast.accountant, on=DAY)
    refused = BUDGETS.decide(row, "refuse_budget", actor=cast.approver, on=DAY, reason="支出偏高")
    assert refused.status == "refused"
    again = asks()
    taken = BUDGETS.decide(again, "withdraw_budget", actor=cast.accountant, on=DAY)
    assert (taken.status, taken.decided_on) == ("withdrawn", None)
    assert Budget.objects.in_force(book, 2026) is None


def test_what_is_refused(asks: Callable[..., Budget]) -> None:
    with pytest.raises(Refusal, match="“社会保险费收入”的预算不能小于零"):
        asks({"4001": Decimal("-1.00")})
    with pytest.raises(Refusal, match="请至少填写一项"):
        asks({"4001": Decimal("0")})
    with pytest.raises(Refusal, match="不在收支表中"):
        asks({"1003": Decimal("5.00")})


@pytest.mark.django_db(transaction=True)
def test_two_windows_put_one_forward(asks: Callable[..., Budget]) -> None:
    refused = [one for one in at_once([asks, asks]) if isinstance(one, Refusal)]
    assert len(refused) == 1 and "已有一份预算待审批" in refused[0].message


def table(*rows: tuple[str, str]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("项目", "预算金额"), *rows):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("预算.xlsx", file.getvalue())


def test_a_table_is_read_by_the_names_of_the_lines(book: Book) -> None:
    found = read_budget(table(("财政补贴收入", "800000"), ("社会保险待遇支出", "900000.5")), book)
    assert found == {"4101": Decimal("800000.00"), "5001": Decimal("900000.50")}
    with pytest.raises(Refusal, match="第 3 行“办公费”不是收支表的项目"):
        read_budget(table(("财政补贴收入", "1"), ("办公费", "2")), book)
    with pytest.raises(Refusal, match="第 3 行“利息收入”出现了两次"):
        read_budget(table(("利息收入", "1"), ("利息收入", "2")), book)
    with pytest.raises(Refusal, match="第 2 行金额“-5”不对"):
        read_budget(table(("利息收入", "-5")), book)


def test_the_page(
    book: Book, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    where = f"?book={book.pk}&year=2026"
    url, hand = reverse("funds:budget") + where, as_user(cast.accountant)
    sent = hand.post(
        reverse("funds:upload_budget") + where, {"file": table(("财政补贴收入", "800000"))}
    )
    assert 'value="800000.00"' in sent.content.decode() and not Budget.objects.exists()
    answer = hand.post(
        reverse("funds:propose_budget") + where,
        {"4101": "800000", "5001": "900000", "evidence": "1号", "reason": "年度预算"},
    )
    assert answer.status_code == 302
    row = Budget.objects.get()
    deciding = as_user(cast.approver)
    assert counts(cast.approver, DAY)["funds:budget"].number == 1
    assert "funds:budget" not in counts(cast.accountant, DAY)
    led = deciding.get(reverse("funds:budget") + "?waiting=1")
    assert (led.status_code, led["Location"]) == (302, url)
    assert "待审批的预算" in deciding.get(url).content.decode()
    act = reverse("funds:budget_act", args=[row.pk, "approve_budget"])
    assert as_user(cast.accountant2).post(act).status_code == 403
    row.refresh_from_db()
    assert row.status == "proposed"
    assert deciding.post(act).status_code == 302
    assert "800,000.00" in hand.get(url).content.decode()
    assert "funds:budget" not in counts(cast.approver, DAY)
    assert deciding.get(reverse("funds:budget") + "?waiting=1").status_code == 200
    foreign = as_user(make_user("approver_9", "贺外", Role.APPROVER, other_county))
    assert foreign.post(act).status_code == 404
    assert as_user(cast.clerk_a).get(url).status_code == 403


def test_the_checklist_tells_a_year_without_one(
    book: Book, asks: Callable[..., Budget], post: Post, cast: SimpleNamespace
) -> None:
    post("subsidy_received", "1.00", DAY, funding_level="county")
    march = Period.objects.get(book=book, year=2026, month=3)

    def line() -> str:
        (one,) = [each for each in checklist(march, DAY) if each.what == "年度预算已批准"]
        return str(one.verdict)

    assert line() == "told"
    adopt(asks(), cast)
    assert line() == "fine"
