"""Slips, sponsors, refunds and subsidies that cannot be, and what stays booked all the same."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from accounts.roles import Role
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.refunds import (
    RULE,
    grant_refund,
    pay_refund,
    refund_problem,
    refuse_refund,
    request_refund,
)
from enrollment.collection.remittances import confirm_remittance, remit, return_remittance
from enrollment.collection.sponsored import balance, eligible, received, used
from enrollment.collection.sponsors import (
    book_sponsor_uses,
    open_sponsor_fund,
    receive_sponsor_money,
)
from enrollment.collection.subsidies import subsidy_rows, total_row
from enrollment.cover.enrolling import enroll_household
from enrollment.models import Enrollment, Person, Receipt, Remittance
from tests.conftest import in_duty
from tests.enrollment.collection.conftest import confirm, day, hand_in, ledger, person_of
from tests.enrollment.conftest import OCTOBER
from tests.enrollment.refusals import refuses
from tests.enrollment.statuses import hold
from tests.paying import PLENTY

pytestmark = pytest.mark.django_db
DECEMBER = date(2025, 12, 10)


@pytest.fixture
def open_fund(cast, campaign, village_a):
    def make(**changes):
        facts = {
            "name": "桥亭村集体", "kind": "collective", "division": village_a,
            "purpose": "资助本村村民参保",
        } | changes  # fmt: skip
        return open_sponsor_fund(actor=cast.accountant, campaign=campaign, **facts)

    return make


def fill(cast, fund, amount, reference="JZ-1", **changes):
    facts = {"received_on": OCTOBER, "on": OCTOBER} | changes
    return receive_sponsor_money(
        actor=cast.accountant, fund=fund, amount=Decimal(amount), reference=reference, **facts
    )


def pay(clerk, household, fund, cash=0):
    return take_payment(
        actor=clerk, household=household, received=Decimal(cash), on=OCTOBER, sponsor=fund
    )[0]


# -- slips -----------------------------------------------------------------------------------------


def test_a_slip_is_of_the_clerks_own_cash_to_the_fen(cast, campaign, books, paid):
    for n in (1, 2):
        paid(cast.clerk_a, n)
    paid(cast.clerk_a2, 3)
    for amount, gap in ((239, "1.00"), ("240.01", "0.01"), (360, "120.00")):
        with refuses(
            f"缴款单金额 {Decimal(amount):.2f} 元与 2 张待缴收据合计 240.00 元相差 {gap} 元，"
            "请核对现金、收据后再缴存",
            ("amount",),
        ):
            hand_in(cast.clerk_a, campaign, "JK-0001", amount)
    with refuses("您的账号没有所属乡镇，不能缴存"):
        hand_in(cast.hospital_clerk, campaign, "JK-0001", 240)
    row = hand_in(cast.clerk_a, campaign, "JK-0001", 240)
    assert (row.receipt_count, row.amount, row.township.name) == (2, 240, "龙水镇")
    assert list(Receipt.objects.unremitted().values_list("issued_by", flat=True)) == [
        cast.clerk_a2.pk
    ]


@pytest.mark.parametrize("slip_date", [date(2025, 10, 14), date(2025, 10, 19)])
def test_a_slip_lies_between_the_first_receipt_and_today(cast, campaign, books, paid, slip_date):
    paid(cast.clerk_a, 1)
    paid(cast.clerk_a, 2, on=day(17))
    with refuses("缴款日期应在最早一张收据开票之后、不晚于今天，请核对缴款单", ("slip_date",)):
        remit(
            actor=cast.clerk_a, campaign=campaign, slip_number="JK-1", slip_date=slip_date,
            amount=Decimal(240), on=day(18),
        )  # fmt: skip


def test_the_bank_says_another_amount(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    remittance = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    for said, gap in (("119.99", "0.01"), ("1,200.00", "1,080.00")):
        with refuses(
            f"银行到账 {said} 元与缴款单 120.00 元相差 {gap} 元，请核对；不符的应退回缴款单",
            ("bank_amount",),
        ):
            confirm_remittance(
                actor=cast.accountant,
                remittance=remittance,
                bank_amount=Decimal(said.replace(",", "")),
                on=OCTOBER,
            )
    with refuses("请写明退回原因", ("reason",)):
        return_remittance(actor=cast.accountant, remittance=remittance, reason="退")
    with refuses("您的角色不能办理“退回”"):
        return_remittance(actor=cast.clerk_a, remittance=remittance, reason="少缴 20 元")


def test_a_returned_slip_is_no_way_to_the_books(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    first = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    return_remittance(actor=cast.accountant, remittance=first, reason="银行没有到账")
    with refuses("缴款单 JK-0001 现为“已退回”，不能办理“确认入账”"):
        confirm(cast.accountant, first)
    second = hand_in(cast.clerk_a, campaign, "JK-0001", 120)  # the number is free again
    confirm(cast.accountant, second)
    with refuses("缴款单 JK-0001 现为“已入账”，不能办理“退回”"):
        return_remittance(actor=cast.accountant, remittance=second, reason="银行没有到账")
    assert ledger("4001-personal") == -120
    assert [one.status for one in Remittance.objects.order_by("pk")] == ["returned", "confirmed"]


# -- sponsors --------------------------------------------------------------------------------------


def test_a_fund_stands_in_the_county_and_says_what_for(cast, open_fund, other_county, county):
    with refuses("资助范围应在本统筹区内", ("division",)):
        open_fund(division=other_county)
    for purpose in ("", "好事", " 扶贫款 "):
        with refuses("请写明资助约定，如“资助桥亭村低保户”", ("purpose",)):
            open_fund(purpose=purpose)
    assert open_fund(division=county, purpose="资助全县低保户").division == county


def test_money_is_there_when_it_is_there(cast, open_fund):
    fund = open_fund()
    for amount in (0, -5):
        with refuses("金额应大于零", ("amount",)):
            fill(cast, fund, amount)
    with refuses("到账日期不能晚于今天", ("received_on",)):
        fill(cast, fund, 100, received_on=day(16))
    fill(cast, fund, "100.50")
    fill(cast, fund, "19.50", "JZ-2")
    assert (received(fund), used(fund), balance(fund)) == (120, 0, 120)
    assert ledger("2001-sponsor") == -120


def test_a_status_counts_on_the_day_of_payment(cast, campaign, books, open_fund, single):
    """王强 is on 低保 until 14 October: on the fifteenth the fund of the poor pays no more."""
    fund = open_fund(status="dibao", purpose="资助桥亭村低保户")
    fill(cast, fund, 1000)
    household = single(cast.clerk_a, 1)
    person = person_of(household)
    hold(person, "dibao", since=day(1))
    rows = list(Enrollment.objects.select_related("division"))
    assert eligible(fund, rows, day(14)) == rows
    hold(person, since=day(15))
    assert eligible(fund, rows, day(14)) == rows
    with refuses("“桥亭村集体”的资助约定不包括本户待缴费的成员（资助桥亭村低保户）", ("sponsor",)):
        pay(cast.clerk_a, household, fund)


def test_who_owes_nothing_costs_the_sponsor_nothing(cast, campaign, books, open_fund, single):
    fund = open_fund()
    fill(cast, fund, 1000)
    free = single(cast.clerk_a, 1, statuses={"wubao"}, tier="tier1")
    with refuses("“桥亭村集体”的资助约定不包括本户待缴费的成员（资助本村村民参保）", ("sponsor",)):
        pay(cast.clerk_a, free, fund)
    assert balance(fund) == 1000


def test_what_is_released_may_be_used_for_somebody_else(cast, campaign, books, open_fund, single):
    fund = open_fund()
    fill(cast, fund, 120)
    first = pay(cast.clerk_a, single(cast.clerk_a, 1), fund)
    second = single(cast.clerk_a, 2)
    with refuses(
        "“桥亭村集体”资助资金余额 0.00 元，不足本户所需 120.00 元，请改收现金或待资助款到账",
        ("sponsor",),
    ):
        pay(cast.clerk_a, second, fund)
    void_receipt(actor=cast.clerk_a, receipt=first, reason="名字写错", on=OCTOBER)
    assert pay(cast.clerk_a, second, fund).sponsored_amount == 120
    assert (used(fund), balance(fund)) == (120, 0)
    book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)
    assert ledger("4001-aid") == -120  # the released use is booked nowhere
    with refuses("没有待入账的资助代缴"):
        book_sponsor_uses(actor=cast.accountant, fund=fund, on=OCTOBER)


# -- refunds ---------------------------------------------------------------------------------------


@pytest.fixture
def booked(cast, campaign, books, paid):
    receipt = paid(cast.clerk_a, 0)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    return receipt.enrollments.get()


def ask(cast, row, *, on=DECEMBER, **changes):
    facts = {
        "ground": "elsewhere", "ground_date": date(2025, 12, 1),
        "evidence": "职工医保参保证明 2025-118", "payee": "",
    } | changes  # fmt: skip
    return request_refund(actor=cast.clerk_a, enrollment=row, on=on, **facts)


@pytest.mark.parametrize(
    ("ground", "ground_date", "on", "problem"),
    [
        ("elsewhere", date(2025, 12, 31), date(2025, 12, 31), None),
        (
            "elsewhere", date(2025, 12, 31), date(2026, 1, 1),
            f"待遇期已于 2026-01-01 开始，个人缴费不再退回（{RULE}）",
        ),
        (
            "elsewhere", date(2026, 1, 1), date(2026, 1, 1),
            f"事由应已发生，且在待遇期开始（2026-01-01）之前；开始后个人缴费不再退回（{RULE}）",
        ),
        (
            "elsewhere", date(2025, 12, 11), DECEMBER,
            f"事由应已发生，且在待遇期开始（2026-01-01）之前；开始后个人缴费不再退回（{RULE}）",
        ),
        (
            "death", date(2025, 12, 1), DECEMBER,
            "请先在家庭页登记死亡，现登记为 （无），与申请的 2025-12-01 不一致",
        ),
    ],
)  # fmt: skip
def test_the_eve_of_the_cover_is_the_last_day(booked, ground, ground_date, on, problem):
    assert refund_problem(booked, ground=ground, ground_date=ground_date, on=on) == problem


def test_a_death_is_the_one_that_is_registered(cast, booked):
    Person.objects.filter(pk=booked.person_id).update(death_date=date(2025, 12, 20))
    facts = {"ground": "death", "on": date(2026, 2, 1)}
    with refuses(
        "请先在家庭页登记死亡，现登记为 2025-12-20，与申请的 2025-12-21 不一致", ("ground",)
    ):
        ask(cast, booked, ground_date=date(2025, 12, 21), **facts)
    refund = ask(cast, booked, ground_date=date(2025, 12, 20), **facts)
    assert refund.payee == "王强"  # nobody else is named


def test_what_a_refund_needs(cast, booked):
    with refuses("请写明依据材料，如“死亡医学证明第 12 号”", ("evidence",)):
        ask(cast, booked, evidence=" 证明 ")
    refund = ask(cast, booked)
    with refuses("此人本年度的退费已经申请，请勿重复"):
        ask(cast, booked)
    with refuses("请写明不同意的原因", ("reason",)):
        refuse_refund(actor=cast.accountant, refund=refund, reason="否", on=DECEMBER)
    with refuses("您的角色不能办理“支付”"):
        pay_refund(actor=cast.accountant, refund=refund, on=DECEMBER, today=DECEMBER)
    grant_refund(actor=cast.accountant, refund=refund, on=DECEMBER)
    booked.refresh_from_db()
    with refuses("此人没有已缴费的参保登记，不需要退费", ("ground",)):
        ask(cast, booked)
    for same in (cast.clerk_a, cast.accountant):
        with pytest.raises(Refusal, match="申请、审批、付款必须由不同的人办理"):
            pay_refund(
                actor=in_duty(same, Role.CASHIER), refund=refund, on=DECEMBER, today=DECEMBER
            )
    assert ledger("1004") == 0


@pytest.mark.usefixtures("provided")
def test_who_got_the_premium_back_may_join_again(cast, campaign, booked, single):
    """The cover has ended; the person is free for another household's or this one's entry."""
    refund = ask(cast, booked, on=day(20), ground_date=day(16))
    grant_refund(actor=cast.accountant, refund=refund, on=day(20))
    pay_refund(actor=cast.cashier, refund=refund, on=day(20), today=day(20))
    (row,) = enroll_household(
        actor=cast.clerk_a, household=booked.household, members=[booked.person], tier="tier2",
        on=day(21),
    )  # fmt: skip
    receipt, _ = take_payment(
        actor=cast.clerk_a, household=booked.household, received=Decimal(120), on=day(21)
    )
    row.refresh_from_db()
    assert (row.status, row.receipt, receipt.number) == ("active", receipt, 2)
    assert (ledger("4001-personal"), ledger("1004") - PLENTY) == (0, -120)


# -- subsidies -------------------------------------------------------------------------------------


def test_each_level_owes_for_the_paid_only(cast, campaign, books, paid, single):
    """Two ordinary men (40 + 30 + 10 each), one on 低保 (40 + 30 + 20), one who has not paid."""
    for n, statuses in ((1, ()), (2, ()), (3, ("dibao",))):
        paid(cast.clerk_a, n, statuses=statuses)
    single(cast.clerk_a, 4)
    rows = {row.name: row for row in subsidy_rows(campaign)}
    assert [(name, row.people, row.due) for name, row in rows.items()] == [
        ("中央", 3, 120), ("省级", 0, 0), ("市级", 3, 90), ("县级", 3, 40),
        ("其他（资助等）", 0, 0),
    ]  # fmt: skip
    foot = total_row(list(rows.values()))
    assert (foot.due, foot.arrived, foot.outstanding, foot.rate) == (250, 0, 250, 0)
    assert rows["省级"].rate is None  # nothing due
    void_receipt(
        actor=cast.clerk_a, receipt=Receipt.objects.get(number=3), reason="写错", on=OCTOBER
    )
    assert {row.name: row.due for row in subsidy_rows(campaign)}["县级"] == 20
