"""用款计划: worked out, checked by another, sent, granted less, arrived; and every way back."""

from collections.abc import Callable
from copy import copy
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division, User
from accounts.roles import Role
from funds.closing.checklist import checklist
from funds.models import Book, Period, Voucher
from funds.payments.models import PaymentOrder, PaymentPart
from funds.plans.forms import PlanForm
from funds.plans.models import FundingPlan
from funds.plans.papers import PLAN
from funds.plans.services import (
    PlanItem,
    change_plan,
    grant_plan,
    make_plan,
    seen_of,
    send_plan,
    take_plan_step,
)
from funds.plans.working import arrived, needs, shared_out
from lib.periods import Month
from tests.at_once import at_once
from tests.conftest import make_user
from tests.papers import keeps_what_it_said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money_aside")]
SignIn = Callable[[User], Client]
Post = Callable[..., Voucher]
MARCH, DAY = Month(2026, 3), date(2026, 3, 4)


def item(amount: str, worked_out: str = "", note: str = "") -> PlanItem:
    return PlanItem("应付款项", "应付未付", Decimal(worked_out or amount), Decimal(amount), note)


@pytest.fixture
def plan(book: Book, cast: SimpleNamespace) -> FundingPlan:
    return make_plan(actor=cast.accountant, book=book, month=MARCH, items=[item("5000.00")], on=DAY)


def sent(plan: FundingPlan, cast: SimpleNamespace) -> FundingPlan:
    take_plan_step(actor=cast.supervisor, plan=plan, event="check_plan")
    return send_plan(actor=cast.accountant, plan=plan, document="足医保〔2026〕3号")


def test_what_a_month_needs(
    money_aside: None, book: Book, post: Post, village_a: Division, other_county: Division
) -> None:
    """900.00 are owed, and as much by another county, whose books these are not. January cost
    3 000.00 and February 2 000.00: 2 500.00 a month, 1 600.00 more than is owed. The account has
    350.00: 900 + 1 600 − 350 = 2 150.00."""
    post("expenditure_funded", "5350.00", date(2026, 1, 5))
    post("claim_paid", "3000.00", date(2026, 1, 9), purpose="inpatient")
    post("claim_paid", "2000.00", date(2026, 2, 9), purpose="outpatient")
    order = PaymentOrder.objects.create(
        area=book.area, division=village_a, key="test:1", event="claim_paid", source="测试",
        amount=Decimal("900.00"), payee="县医院", asked_on=DAY,
    )  # fmt: skip
    PaymentPart.objects.create(
        order=order, fund_type=book.fund_type, purpose="inpatient", amount=Decimal("900.00")
    )
    elsewhere = copy(order)
    elsewhere.pk, elsewhere.key = None, "test:2"
    elsewhere.area = elsewhere.division = other_county
    elsewhere.save()
    PaymentPart.objects.create(
        order=elsewhere, fund_type=book.fund_type, purpose="inpatient", amount=Decimal("900.00")
    )

    found = [(one.title, one.amount) for one in needs(book, DAY)]

    assert found == [
        ("待付", Decimal("900.00")),
        ("本月预计新增支出", Decimal("1600.00")),
        ("减：支出户现有余额", Decimal("-350.00")),
    ]


def test_what_was_typed_stays_with_its_title() -> None:
    """郑淑芬 types 4 000.00 for one debt; before she saves another has come, listed above it."""
    debt, came = item("5000.00"), PlanItem("待退费", "应付未付 1 笔", Decimal(70), Decimal(70))
    shown = PlanForm([debt])
    (amount, note) = shown.fields
    typed = PlanForm([came, debt], {amount: "4000.00", note: "分两次付"})
    assert not typed.is_valid()
    (missing,) = typed.errors  # of the one that she has not seen
    first, second = typed.rows()
    assert (first["amount"].name, second["amount"].value()) == (missing, "4000.00")
    assert second["note"].value() == "分两次付"


def test_another_sum_wants_a_note(book: Book, cast: SimpleNamespace) -> None:
    def make(*items: PlanItem, month: Month = MARCH) -> FundingPlan:
        return make_plan(actor=cast.accountant, book=book, month=month, items=items, on=DAY)

    with pytest.raises(Refusal, match=r"申请 6,000\.00 元，与测算的 5,000\.00 元不同，请写"):
        make(item("6000.00", "5000.00"))
    with pytest.raises(Refusal, match="申请金额应大于零"):
        make(item("-1.00"))
    with pytest.raises(Refusal, match="2026年2月已经过完"):
        make(item("1.00"), month=Month(2026, 2))
    row = make(item("6000.00", "5000.00", "三月集中补报"))
    assert row.amount == Decimal("6000.00")
    with pytest.raises(Refusal, match="2026年3月已有用款计划（待审核）"):
        make(item("1.00"))


def test_sent_and_granted_less_and_what_arrives(
    book: Book, plan: FundingPlan, post: Post, cast: SimpleNamespace
) -> None:
    """5 000.00 asked, 4 500.00 granted, 4 000.00 arrived: 500.00 are missing at the closing."""
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        take_plan_step(actor=cast.accountant, plan=plan, event="check_plan")
    sent(plan, cast)
    with pytest.raises(Refusal, match=r"批复 5,000\.01 元超过申请的 5,000\.00 元"):
        grant_plan(actor=cast.accountant, plan=plan, granted=Decimal("5000.01"), document="1")
    with pytest.raises(Refusal, match="批复金额应大于零"):
        grant_plan(actor=cast.accountant, plan=plan, granted=Decimal("0"), document="1")
    row = grant_plan(
        actor=cast.accountant, plan=plan, granted=Decimal("4500.00"), document="足财社〔2026〕7号"
    )
    assert (row.status, row.granted) == ("granted", Decimal("4500.00"))
    post("expenditure_funded", "4000.00", date(2026, 3, 12))
    assert arrived(book, MARCH) == Decimal("4000.00")
    march = Period.objects.get(book=book, year=2026, month=3)
    (line,) = [
        one for one in checklist(march, date(2026, 4, 2)) if one.what == "用款计划已批复、到账"
    ]
    assert (line.verdict, line.amount) == ("told", Decimal("500.00"))


def test_what_comes_late_is_for_the_month_that_was_granted_it(
    book: Book, plan: FundingPlan, post: Post, cast: SimpleNamespace
) -> None:
    """4 500.00 granted for March: 4 000.00 came in March, 800.00 on 2 April. 500.00 of these are
    March's; on its last day they were missing, as its checklist says."""
    sent(plan, cast)
    grant_plan(actor=cast.accountant, plan=plan, granted=Decimal("4500.00"), document="7号")
    post("expenditure_funded", "4000.00", date(2026, 3, 12))
    post("expenditure_funded", "800.00", date(2026, 4, 2))

    assert arrived(book, MARCH) == Decimal("4500.00")
    assert arrived(book, Month(2026, 4)) == Decimal("300.00")
    assert arrived(book, MARCH, date(2026, 4, 1)) == Decimal("4000.00")
    march = Period.objects.get(book=book, year=2026, month=3)
    (line,) = [
        one for one in checklist(march, date(2026, 4, 8)) if one.what == "用款计划已批复、到账"
    ]
    assert (line.verdict, line.amount) == ("told", Decimal("500.00"))
    assert line.words == (
        "财政批复 4,500.00 元，2026年3月底到账 4,000.00 元，相差 500.00 元，其后已到账"
    )


def test_what_came_goes_to_the_oldest_that_lacks_it() -> None:
    """300 and 200 granted. 100 came in January, 150 in February, 250 in March: January gets 300,
    February 200. Money without a plan stays where it came, and so does a red letter."""
    one, two, three = Month(2026, 1), Month(2026, 2), Month(2026, 3)
    came = {one: Decimal(100), two: Decimal(150), three: Decimal(250)}
    granted = {one: Decimal(300), two: Decimal(200)}
    assert shared_out(came, granted) == {one: 300, two: 200, three: 0}
    assert shared_out(came, {}) == came
    assert shared_out({one: Decimal(-5)} | {two: Decimal(9)}, {}) == {one: -5, two: 9}


def test_every_way_back(book: Book, plan: FundingPlan, post: Post, cast: SimpleNamespace) -> None:
    """Sent back, changed, checked again; adjusted after it was granted; refused and made anew;
    withdrawn, but not once money has come."""
    take_plan_step(actor=cast.supervisor, plan=plan, event="check_plan")
    with pytest.raises(Refusal, match="不能办理“修改计划”"):
        change_plan(actor=cast.accountant, plan=plan, items=[item("1.00")])
    back = take_plan_step(
        actor=cast.supervisor, plan=plan, event="send_plan_back", reason="漏了月结"
    )
    assert (back.status, back.checked_by) == ("made", None)
    change_plan(actor=cast.accountant, plan=plan, items=[item("5200.00")])
    sent(plan, cast)
    grant_plan(actor=cast.accountant, plan=plan, granted=Decimal("5200.00"), document="7号")
    with pytest.raises(Refusal, match="调整计划的原因"):
        take_plan_step(actor=cast.accountant, plan=plan, event="adjust_plan")
    again = take_plan_step(
        actor=cast.accountant, plan=plan, event="adjust_plan", reason="追加大病支出"
    )
    assert (again.status, again.granted, again.checked_by) == ("made", None, None)
    sent(plan, cast)
    refused = take_plan_step(
        actor=cast.accountant, plan=plan, event="refuse_plan", reason="专户余额不足"
    )
    assert refused.status == "refused"
    other = make_plan(
        actor=cast.accountant, book=book, month=MARCH, items=[item("4000.00")], on=DAY
    )
    post("expenditure_funded", "10.00", date(2026, 3, 12))
    with pytest.raises(Refusal, match=r"2026年3月已到账 10\.00 元，不能撤回"):
        take_plan_step(actor=cast.accountant, plan=other, event="withdraw_plan", reason="重编")
    assert AuditLine.objects.filter(action="funds.adjust_plan").count() == 1


def test_who_checks_saw_what_is_there(plan: FundingPlan, cast: SimpleNamespace) -> None:
    seen = seen_of(plan)
    change_plan(actor=cast.accountant, plan=plan, items=[item("9000.00")])
    with pytest.raises(Refusal, match="您打开这一页之后"):
        take_plan_step(actor=cast.supervisor, plan=plan, event="check_plan", seen=seen)


@pytest.mark.django_db(transaction=True)
def test_two_windows_make_one_plan(book: Book, cast: SimpleNamespace) -> None:
    def one() -> FundingPlan:
        return make_plan(
            actor=cast.accountant, book=book, month=MARCH, items=[item("1.00")], on=DAY
        )

    refused = [each for each in at_once([one, one]) if isinstance(each, Refusal)]
    assert len(refused) == 1 and "已有用款计划" in refused[0].message
    assert FundingPlan.objects.count() == 1


def test_the_pages(
    book: Book, plan: FundingPlan, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    hand, url = as_user(cast.accountant), reverse("funds:plan", args=[plan.pk])
    assert "5,000.00" in hand.get(url).content.decode()
    checking = as_user(cast.supervisor)
    assert checking.post(f"{url}/check_plan").status_code == 302
    assert hand.post(f"{url}/send", {"document": "3号"}).status_code == 302
    assert hand.post(f"{url}/grant", {"granted": "4800", "document": "7号"}).status_code == 302
    page = hand.get(url).content.decode()
    assert "4,800.00" in page and "登记到账" in page
    assert as_user(cast.cashier).post(f"{url}/send", {"document": "3号"}).status_code == 403
    foreign = as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county))
    assert foreign.get(url).status_code == 404
    assert "本月预计新增支出" in hand.get(reverse("funds:plan_new")).content.decode()


def test_the_paper(
    book: Book, plan: FundingPlan, cast: SimpleNamespace, as_user: SignIn, other_county: Division
) -> None:
    take_plan_step(actor=cast.supervisor, plan=plan, event="check_plan")

    def renamed() -> None:
        Division.objects.filter(pk=book.area_id).update(name="大足区")

    page = keeps_what_it_said(
        PLAN,
        reverse("funds:plan_paper", args=[plan.pk]),
        hand=as_user(cast.accountant),
        change=renamed,
        elsewhere=as_user(make_user("accountant_9", "贺外", Role.ACCOUNTANT, other_county)),
        stranger=as_user(cast.sysadmin),
    )
    assert "伍仟元整" in page and cast.supervisor.name in page
