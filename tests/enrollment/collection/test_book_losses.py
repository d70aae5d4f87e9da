"""Books change hands and get lost: who may, which numbers, and what the next receipt bears."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.errors import Refusal
from accounts.roles import Role
from enrollment.collection.books import (
    book_figures,
    check_off_book,
    check_off_problems,
    hand_back_book,
    issue_book,
    report_loss,
    transfer_book,
)
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.models import BookEvent, ReceiptBook
from tests.conftest import in_duty, make_division
from tests.enrollment.collection.conftest import confirm, day, hand_in
from tests.enrollment.conftest import OCTOBER
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def short(cast, campaign):
    """LS10: numbers 11 to 13 of 陈秀英."""
    return issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS10", first_number=11,
        last_number=13,
    )  # fmt: skip


def lose(clerk, book, first, last, **changes):
    facts = {"lost_on": OCTOBER, "reason": "涨水冲走", "on": OCTOBER} | changes
    return report_loss(actor=clerk, book=book, first_number=first, last_number=last, **facts)


def give(cast, book, clerk, *, actor=None, reason="调岗"):
    return transfer_book(
        actor=actor or cast.accountant, book=book, clerk=clerk, reason=reason, on=OCTOBER
    )


def test_a_book_goes_to_another_clerk_of_the_township_only(cast, short):
    on_leave = cast.clerk_a2
    for clerk, message in (
        (cast.cadre_a, "票据本只能转交给在岗的乡镇经办"),
        (cast.clerk_b, "票据本只能在本乡镇内转交；跨乡镇的请交回后另发新本"),
        (cast.clerk_a, "这本票据本就在此人手中"),
    ):
        with refuses(message, ("clerk",)):
            give(cast, short, clerk)
    on_leave.is_active = False
    with refuses("票据本只能转交给在岗的乡镇经办", ("clerk",)):
        give(cast, short, on_leave)
    on_leave.is_active = True
    with refuses("请写明事由", ("reason",)):
        give(cast, short, on_leave, reason="调")
    with refuses("您的角色不能办理“转交”"):
        give(cast, short, on_leave, actor=cast.clerk_a)
    give(cast, short, on_leave)
    short.refresh_from_db()
    assert (short.clerk, short.status) == (on_leave, "in_use")


def test_a_full_book_has_nothing_to_hand_on(cast, short, paid):
    assert [paid(cast.clerk_a, n).number for n in (1, 2, 3)] == [11, 12, 13]
    full = "票据本 LS10 已用完，没有空白收据"
    with refuses(full):
        give(cast, short, cast.clerk_a2)
    with refuses(full):
        hand_back_book(actor=cast.clerk_a, book=short, reason="用毕交回", on=OCTOBER)


def test_a_book_whose_rest_is_lost_has_nothing_to_hand_on(cast, short, paid, single):
    paid(cast.clerk_a, 1)
    waiting = single(cast.clerk_a, 2)
    lose(cast.clerk_a, short, 12, 13)
    with refuses("票据本 LS10 已用完，没有空白收据"):
        hand_back_book(actor=cast.clerk_a, book=short, reason="用毕交回", on=OCTOBER)
    with refuses("您没有可用的 2026 年度票据本，请先到县经办中心领取票据本"):
        take_payment(actor=cast.clerk_a, household=waiting, received=Decimal(120), on=OCTOBER)


def test_each_clerk_reports_and_hands_back_the_own_book(cast, short):
    with refuses("只能挂失自己领用的收据"):
        lose(cast.clerk_a2, short, 12, 12)
    with refuses("只能交回自己领用的票据本"):
        hand_back_book(actor=cast.clerk_a2, book=short, reason="代为交回", on=OCTOBER)
    with refuses("您的角色不能办理“挂失”"):
        lose(cast.cadre_a, short, 12, 12)
    # The county's accountant may do both in a clerk's place.
    lose(cast.accountant, short, 12, 12)
    event = hand_back_book(actor=cast.accountant, book=short, reason="调离", on=OCTOBER)
    assert (event.holder, event.recorded_by) == (cast.clerk_a, cast.accountant)


@pytest.mark.parametrize(
    ("first", "last", "changes", "message", "at"),
    [
        (10, 11, {}, "号码应在本票据本 11 至 13 号之内，起号不大于止号", ("first_number",)),
        (13, 14, {}, "号码应在本票据本 11 至 13 号之内，起号不大于止号", ("first_number",)),
        (13, 12, {}, "号码应在本票据本 11 至 13 号之内，起号不大于止号", ("first_number",)),
        (11, 11, {"lost_on": OCTOBER + timedelta(1)}, "遗失日期不能晚于今天", ("lost_on",)),
        (11, 11, {"reason": "丢"}, "请写明遗失经过", ("reason",)),
    ],
)
def test_a_loss_is_of_the_books_own_numbers(cast, short, first, last, changes, message, at):
    with refuses(message, at):
        lose(cast.clerk_a, short, first, last, **changes)


def test_a_loss_is_kept_at_the_village_where_it_happened(cast, short, village_a, village_b, town_a):
    group = make_division(village_a.code + "01", "一组", village_a)
    for place in (village_b, town_a, group):
        with refuses("保管村应是本乡镇的村", ("village",)):
            lose(cast.clerk_a, short, 12, 12, village=place)
    assert lose(cast.clerk_a, short, 12, 12, village=village_a).village == village_a


def test_more_than_ten_numbers_are_counted_not_listed(cast, books):
    lose(cast.clerk_a, books.a, 1, 11)
    with refuses("1、2、3、4、5、6、7、8、9、10 等 11 个 号已经挂失，请勿重复", ("first_number",)):
        lose(cast.clerk_a, books.a, 1, 12)
    with refuses("11 号已经挂失，请勿重复", ("first_number",)):
        lose(cast.clerk_a, books.a, 11, 20)


def test_losses_beside_each_other_are_passed_over_together(cast, short, paid):
    """12 is lost, then 11: the next receipt is 13, and nothing after it."""
    lose(cast.clerk_a, short, 12, 12)
    lose(cast.clerk_a, short, 11, 11)
    assert paid(cast.clerk_a, 1).number == 13
    short.refresh_from_db()
    figures = book_figures(short)
    assert (figures.valid, figures.lost, figures.unused, figures.missing) == (1, 2, 0, ())


def test_a_written_receipt_that_gets_lost_stays_valid(cast, campaign, short, paid):
    """The cash of number 11 is there, its paper is not: counted once, as valid."""
    receipt = paid(cast.clerk_a, 1)
    lose(cast.clerk_a, short, 11, 12)
    figures = book_figures(short)
    assert (figures.valid, figures.lost, figures.outstanding) == (1, 1, 120)
    hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    receipt.refresh_from_db()
    assert receipt.voided_at is None


def test_what_keeps_a_book_from_being_checked_off(cast, campaign, short, paid):
    """Empty numbers in use, then cash that is handed in but not confirmed; then nothing."""
    assert check_off_problems(short, book_figures(short)) == [
        "还有 3 张空白收据在用，请先用完或交回"
    ]
    for n in (1, 2):
        paid(cast.clerk_a, n)
    void_receipt(actor=cast.clerk_a, receipt=paid(cast.clerk_a, 3), reason="写错", on=OCTOBER)
    short.refresh_from_db()
    cash = "还有 2 张现金收据共 240.00 元没有缴存入账"
    assert check_off_problems(short, book_figures(short)) == [cash]
    remittance = hand_in(cast.clerk_a, campaign, "JK-0001", 240)
    with refuses(f"票据本 LS10 不能核销：{cash}"):
        check_off_book(actor=cast.accountant, book=short, on=OCTOBER)
    with refuses("您的角色不能办理“核销”"):
        check_off_book(actor=cast.clerk_a, book=short, on=OCTOBER)
    confirm(cast.accountant, remittance)
    done = check_off_book(actor=cast.accountant, book=short, on=day(16))
    assert (done.people, done.payers, done.amount) == (2, 2, 240)
    assert (done.valid, done.void, done.lost, done.unused) == (2, 1, 0, 0)
    assert (done.checked_by, done.checked_on) == (cast.accountant, day(16))
    short.refresh_from_db()
    assert check_off_problems(short, book_figures(short)) == ["已经核销"]


def test_a_checked_off_book_changes_hands_no_more(cast, short):
    lose(cast.clerk_a, short, 11, 13)
    check_off_book(actor=cast.accountant, book=short, on=OCTOBER)
    for act in (
        lambda: give(cast, short, cast.clerk_a2),
        lambda: hand_back_book(actor=cast.clerk_a, book=short, reason="交回", on=OCTOBER),
        lambda: lose(cast.clerk_a, short, 11, 11),
    ):
        with pytest.raises(Refusal, match="现为“已核销”，不能办理"):
            act()
    assert BookEvent.objects.count() == 1  # the loss before it was checked off


@pytest.mark.parametrize(
    ("first", "last"), [(0, 9), (9, 8), (1, 100_000_000)], ids=["zero", "backwards", "nine digits"]
)
def test_a_book_has_numbers_of_one_to_eight_digits(cast, campaign, first, last):
    with refuses("起号不能大于止号，号码为 1 至 8 位数字", ("last_number",)):
        issue_book(
            actor=cast.accountant, clerk=cast.clerk_a, year=2026, code="LS77",
            first_number=first, last_number=last,
        )  # fmt: skip


def test_a_book_is_given_to_a_township_clerk_at_work(cast, campaign):
    away = cast.clerk_a2
    away.is_active = False
    for clerk in (cast.cadre_a, cast.accountant, away, in_duty(cast.sysadmin, Role.TOWNSHIP_CLERK)):
        with refuses("票据本只能发给在岗的乡镇经办", ("clerk",)):
            issue_book(
                actor=cast.accountant, clerk=clerk, year=2026, code="LS77", first_number=1,
                last_number=9,
            )  # fmt: skip
    assert not ReceiptBook.objects.exists()


def test_the_next_number_that_pages_name_is_never_a_lost_one(cast, short, as_user, settings):
    settings.TODAY = OCTOBER
    client = as_user(cast.clerk_a)
    lost = {"loss-first_number": 11, "loss-last_number": 11, "loss-lost_on": OCTOBER.isoformat(),
            "loss-village": "", "loss-reason": "涨水冲走"}  # fmt: skip
    done = client.post(reverse("enrollment:book_loss", args=[short.pk]), lost, follow=True)
    words = done.content.decode()
    assert "11 至 11 号已登记挂失，不能再使用" in words
    assert "下一号 12" in words
    assert "LS10-00000012" in client.get(reverse("enrollment:household_new")).content.decode()
    lose(cast.clerk_a, short, 12, 13)
    page = client.get(reverse("enrollment:household_new")).content.decode()
    assert "您没有可用的 2026 年度票据本" in page
