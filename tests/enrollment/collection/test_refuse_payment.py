"""Payments and void receipts that cannot be: no number is used, no cover begins or ends."""

from datetime import date
from decimal import Decimal

import pytest

from enrollment.collection.books import check_off_book, hand_back_book, issue_book
from enrollment.collection.days import close_day
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.remittances import return_remittance
from enrollment.cover.campaigns import open_campaign
from enrollment.cover.enrolling import cancel_pending, enroll_household, save_entry
from enrollment.models import Enrollment, Receipt, ReceiptBook
from tests.conftest import past_the_guards
from tests.enrollment.collection.conftest import confirm, day, hand_in
from tests.enrollment.conftest import OCTOBER, the_chens
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db
LAST_DAY, DECEMBER = date(2025, 11, 30), date(2025, 12, 1)
NO_BOOK = "您没有可用的 2026 年度票据本，请先到县经办中心领取票据本"


@pytest.fixture
def chens(cast, books, entry_of):
    """陈国强, 李桂芳, 陈小明 and 张素珍, entered on the second tier: 110 + 120 + 120 + 100."""
    return save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER).household


def pay(clerk, household, received=450, *, on=OCTOBER, **facts):
    return take_payment(
        actor=clerk, household=household, received=Decimal(received), on=on, **facts
    )


def void(clerk, receipt, *, reason="名字写错", on=OCTOBER):
    return void_receipt(actor=clerk, receipt=receipt, reason=reason, on=on)


def test_a_fen_too_little_is_too_little(cast, chens):
    with refuses("实收 449.99 元不足应收 450.00 元，请收足后再开票", ("received",)):
        pay(cast.clerk_a, chens, "449.99")
    with refuses("实收 0.00 元不足应收 450.00 元，请收足后再开票", ("received",)):
        pay(cast.clerk_a, chens, 0)
    receipt, back = pay(cast.clerk_a, chens, "450.01")
    assert (receipt.number, receipt.amount, back) == (1, 450, Decimal("0.01"))


@pytest.mark.parametrize(
    ("facts", "message", "at"),
    [
        ({"channel": "tax"}, "窗口只收现金或银行转账", ("channel",)),
        ({"channel": "aid"}, "窗口只收现金或银行转账", ("channel",)),
        ({"channel": "bank"}, "请填写转账回单上的流水号", ("reference",)),
        (
            {"channel": "bank", "reference": "ZZ-1", "received": "450.01"},
            "转账金额应为 450.00 元，多转的请退回后按应缴金额办理",
            ("received",),
        ),
        (
            {"channel": "bank", "reference": "ZZ-1", "received": 400},
            "实收 400.00 元不足应收 450.00 元，请收足后再开票",
            ("received",),
        ),
    ],
)
def test_a_transfer_is_of_the_exact_amount_and_names_its_serial(cast, chens, facts, message, at):
    with refuses(message, at):
        pay(cast.clerk_a, chens, **facts)
    receipt, back = pay(cast.clerk_a, chens, channel="bank", reference="ZZ-1")
    assert (receipt.channel, receipt.reference, receipt.amount, back) == ("bank", "ZZ-1", 450, 0)
    assert not Receipt.objects.unremitted().exists()  # nothing of it is cash in hand


def test_a_serial_that_cash_does_not_need_is_not_kept(cast, chens):
    receipt, _ = pay(cast.clerk_a, chens, reference="ZZ-1")
    assert (receipt.channel, receipt.reference) == ("cash", "")


def test_the_last_day_of_the_campaign_is_a_day_of_it(cast, chens, single):
    waiting = single(cast.clerk_a, 1)
    receipt, _ = pay(cast.clerk_a, chens, on=LAST_DAY)
    assert receipt.issued_on == LAST_DAY
    with refuses("2026 年度缴费期已于 2025-11-30 截止，过期不再收取；请撤销这次登记"):
        pay(cast.clerk_a, waiting, 120, on=DECEMBER)
    assert cancel_pending(
        actor=cast.clerk_a, household=waiting, year=2026, reason="逾期未缴费"
    ) == 1  # fmt: skip


def test_two_years_are_not_paid_with_one_receipt(cast, county, chens, books):
    """Somebody entered for 2025 and never paid: last year's row goes first."""
    last_year = open_campaign(actor=cast.accountant, area=county, year=2025)
    row = Enrollment.objects.get(person__name="李桂芳")
    past_the_guards(Enrollment.objects.filter(pk=row.pk), campaign=last_year, year=2025)
    with refuses("本户有不同年度的待缴费登记，请先撤销往年未缴费的登记"):
        pay(cast.clerk_a, chens, 1000)
    cancel_pending(actor=cast.clerk_a, household=chens, year=2025, reason="往年未缴费")
    receipt, back = pay(cast.clerk_a, chens, 400)
    assert (receipt.amount, back, receipt.enrollments.count()) == (330, 70, 3)


def test_without_a_book_of_the_year_nothing_is_taken(cast, chens):
    issue_book(
        actor=cast.accountant, clerk=cast.clerk_a, year=2027, code="LS27", first_number=1,
        last_number=9,
    )  # fmt: skip
    hand_back_book(
        actor=cast.clerk_a, book=ReceiptBook.objects.get(code="LS01"), reason="休假", on=OCTOBER
    )
    with refuses(NO_BOOK):
        pay(cast.clerk_a, chens)
    assert pay(cast.clerk_a2, chens)[0].full_number == "LS02-00000001"
    with refuses("本户没有待缴费的参保登记，可能已在另一窗口收款，请刷新后核对"):
        pay(cast.clerk_a2, chens)


# -- void ------------------------------------------------------------------------------------------


def test_only_the_own_receipt_before_it_is_handed_in(cast, campaign, chens):
    receipt, _ = pay(cast.clerk_a, chens)
    for reason in ("", " ", "错"):
        with refuses("请写明作废原因", ("reason",)):
            void(cast.clerk_a, receipt, reason=reason)
    with refuses("只能作废自己开出的收据，请由开票人办理"):
        void(cast.clerk_a2, receipt)
    remittance = hand_in(cast.clerk_a, campaign, "JK-0001", 450)
    with refuses("这张收据已缴存，不能作废；请先由会计退回缴款单"):
        void(cast.clerk_a, receipt)
    return_remittance(actor=cast.accountant, remittance=remittance, reason="少缴 20 元")
    void(cast.clerk_a, receipt)
    with refuses("这张收据已经作废，不能再次作废"):
        void(cast.clerk_a, receipt)


def test_the_eve_of_the_year_is_the_last_day_for_it(cast, chens, single):
    receipt, _ = pay(cast.clerk_a, chens)
    with refuses("参保待遇已经开始，不能作废收据；请联系县经办中心按退费办理"):
        void(cast.clerk_a, receipt, on=date(2026, 1, 1))
    void(cast.clerk_a, receipt, on=date(2025, 12, 31))
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"pending"}


def test_a_closed_day_and_a_checked_off_book_are_final(cast, campaign, books, paid):
    """Monday's receipt is void on Tuesday; one in a book that is checked off is not any more."""
    cash = paid(cast.clerk_a, 1)
    free = paid(cast.clerk_a, 2, statuses={"wubao"}, tier="tier1")
    close_day(actor=cast.clerk_a, day=OCTOBER, counted=Decimal(120), explanation="", on=OCTOBER)
    closed = "您 2025-10-15 已日结，不能再开具或作废当日收据，请从次日起办理"
    with refuses(closed):
        void(cast.clerk_a, cash)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 120))
    hand_back_book(actor=cast.clerk_a, book=books.a, reason="用毕交回", on=day(16))
    check_off_book(actor=cast.accountant, book=books.a, on=day(16))
    with refuses("票据本 LS01 已核销，不能再作废其中的收据；请按退费办理"):
        void(cast.clerk_a, free, on=day(16))


def test_void_and_paid_again_by_transfer(cast, campaign, chens):
    """The number of the void one stays used, its cash is nobody's, the cover is the same rows."""
    first, _ = pay(cast.clerk_a, chens)
    rows = set(first.enrollments.values_list("pk", flat=True))
    void(cast.clerk_a, first)
    second, _ = pay(cast.clerk_a2, chens, channel="bank", reference="ZZ-7")
    assert set(second.enrollments.values_list("pk", flat=True)) == rows
    assert (first.number, second.full_number) == (1, "LS02-00000001")
    assert not Receipt.objects.unremitted().exists()
    assert ReceiptBook.objects.get(code="LS01").next_number == 2
    with refuses("没有待缴存的收据"):
        hand_in(cast.clerk_a, campaign, "JK-0001", 450)


def test_who_joins_after_the_family_has_paid_gets_a_receipt_of_the_own(cast, books, entry_of):
    """王强 pays 120 in October for himself; his mother follows in November with 120."""
    father, mother, *_ = the_chens()
    household = save_entry(actor=cast.clerk_a, entry=entry_of([father]), on=OCTOBER).household
    first, _ = pay(cast.clerk_a, household, 110)
    entry = entry_of([mother], household=household)
    save_entry(actor=cast.clerk_a, entry=entry, on=LAST_DAY)
    second, _ = pay(cast.clerk_a, household, 120, on=LAST_DAY)
    assert [r.amount for r in (first, second)] == [110, 120]
    assert [r.enrollments.get().person.name for r in (first, second)] == ["陈国强", "李桂芳"]
    void(cast.clerk_a, second, on=LAST_DAY)
    assert Enrollment.objects.get(person__name="陈国强").status == "active"


def test_the_payer_is_the_head_or_who_there_is(cast, books, entry_of):
    saved = save_entry(actor=cast.clerk_a, entry=entry_of(the_chens()), on=OCTOBER)
    cancel_pending(actor=cast.clerk_a, household=saved.household, year=2026, reason="只保一人")
    enroll_household(
        actor=cast.clerk_a, household=saved.household, tier="tier2", on=OCTOBER,
        members=[person_of_name(saved, "张素珍"), person_of_name(saved, "陈小明")],
    )  # fmt: skip
    receipt, _ = pay(cast.clerk_a, saved.household, 220)
    assert (receipt.payer_name, receipt.amount) == ("陈小明", 220)  # the lower member number


def person_of_name(saved, name):
    return saved.household.members.get(name=name)
