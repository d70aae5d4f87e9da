"""Paid to the tax bureau and asked for at the window: one premium, one receipt, no yuan lost."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.errors import Refusal
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.tax import match_tax_file
from enrollment.models import Enrollment, Receipt, TaxRow
from tests.at_once import at_once
from tests.enrollment.collection.conftest import NAMES, ledger, person_id, workbook
from tests.enrollment.collection.taxes import import_tax_file
from tests.enrollment.conftest import OCTOBER
from tests.enrollment.refusals import refuses

GIVEN_BACK = "属重复缴费，请在家庭页“申请退费”中退还这一笔，参保不受影响"
pytestmark = pytest.mark.django_db
HEAD = ["证件号码", "缴费人姓名", "实缴金额（元）", "入库日期", "电子税票号码"]
DECEMBER = date(2025, 12, 5)


def bring(cast, campaign, *rows, on=DECEMBER):
    return import_tax_file(
        actor=cast.accountant, campaign=campaign, file_name="shuiwu.xlsx",
        content=workbook([HEAD, *rows]), on=on,
    )  # fmt: skip


def payment(sequence, *, day="2025-10-18", amount=120, name=None, serial=None):
    name = name or NAMES[sequence % len(NAMES)]
    return [person_id(sequence), name, amount, day, serial or f"3500{sequence}"]


def pay(clerk, household, received=120):
    return take_payment(actor=clerk, household=household, received=Decimal(received), on=OCTOBER)


def test_paid_on_the_first_and_the_last_day_of_the_campaign(cast, campaign, books, single):
    """The file may come in December; the day on which somebody paid is what counts."""
    days = ("2025-09-30", "2025-10-01", "2025-11-30", "2025-12-01")
    for n, _ in enumerate(days, start=1):
        single(cast.clerk_a, n)
    done = bring(cast, campaign, *[payment(n, day=day) for n, day in enumerate(days, start=1)])
    assert (done.matched, done.open) == (2, 2)
    assert list(TaxRow.objects.open().values_list("line", "problem")) == [
        (2, "缴费日期不在缴费期 2025-10-01 至 2025-11-30 内"),
        (5, "缴费日期不在缴费期 2025-10-01 至 2025-11-30 内"),
    ]
    assert set(Receipt.objects.values_list("channel", "issued_on")) == {("tax", DECEMBER)}
    assert ledger("4001-personal") == -240


def test_a_fen_more_or_less_is_left_open_with_the_gap(cast, campaign, books, single):
    for n in (1, 2):
        single(cast.clerk_a, n)
    bring(cast, campaign, payment(1, amount="119.99"), payment(2, amount="120.01"))
    assert list(TaxRow.objects.order_by("line").values_list("problem", flat=True)) == [
        "应缴 120.00 元，少缴 0.01 元", "应缴 120.00 元，多缴 0.01 元",
    ]  # fmt: skip
    assert not Receipt.objects.exists()
    assert set(Enrollment.objects.values_list("status", flat=True)) == {"pending"}
    assert ledger("4001-personal") == 0


def test_who_paid_twice_in_one_file_is_receipted_once(cast, campaign, books, single):
    single(cast.clerk_a, 1)
    done = bring(cast, campaign, payment(1, serial="A1"), payment(1, serial="A2"))
    assert (done.matched, done.open) == (1, 1)
    told = TaxRow.objects.open().get().problem
    assert told == f"此人本年度已缴费（本文件另一笔），{GIVEN_BACK}"
    assert Receipt.objects.get().amount == 120


def test_who_paid_at_the_window_first_is_told_by_which_receipt(cast, campaign, books, single):
    pay(cast.clerk_a, single(cast.clerk_a, 1))
    bring(cast, campaign, payment(1))
    assert TaxRow.objects.get().problem == (f"此人本年度已缴费（收据 LS01-00000001），{GIVEN_BACK}")


def test_who_paid_the_bureau_first_owes_nothing_at_the_window(cast, campaign, books, single):
    household = single(cast.clerk_a, 1)
    bring(cast, campaign, payment(1))
    with refuses("本户没有待缴费的参保登记，可能已在另一窗口收款，请刷新后核对"):
        pay(cast.clerk_a, household)
    receipt = Receipt.objects.get()
    assert receipt.full_number == "SW2026-500225101-00000001"
    with refuses("只能作废自己开出的收据，请由开票人办理"):
        void_receipt(actor=cast.clerk_a, receipt=receipt, reason="写错", on=OCTOBER)
    with refuses("税务征收的收据不能作废，请按退费办理"):
        void_receipt(actor=cast.accountant, receipt=receipt, reason="写错", on=OCTOBER)


def test_another_name_under_the_number_is_nobody(cast, campaign, books, single):
    single(cast.clerk_a, 1)
    done = bring(cast, campaign, payment(1, name="王大力"), payment(9, serial="B9"))
    assert (done.matched, done.open) == (0, 2)
    assert set(TaxRow.objects.values_list("problem", flat=True)) == {
        "没有登记此人，或姓名不符，请核对证件号码、姓名，未登记的先登记参保"
    }


def test_what_waited_is_matched_once_it_is_entered(cast, campaign, books, single):
    """240 yuan: 120 fit at once, 120 wait as 暂收款 till 张勇 is entered; then all is income."""
    single(cast.clerk_a, 1)
    done = bring(cast, campaign, payment(1), payment(2))
    assert (done.matched, ledger("4001-personal")) == (1, -120)
    facts = {"actor": cast.accountant, "file": done.file, "on": DECEMBER}
    assert match_tax_file(**facts) == 0
    single(cast.clerk_a, 2)
    assert match_tax_file(**facts) == 1
    assert match_tax_file(**facts) == 0
    assert ledger("4001-personal") == -240
    assert [one.number for one in Receipt.objects.order_by("number")] == [1, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
@pytest.mark.slow
def test_the_file_and_the_window_in_the_same_moment(cast, campaign, books, single):
    household = single(cast.clerk_a, 1)
    taken, brought = at_once(
        [lambda: pay(cast.clerk_a, household), lambda: bring(cast, campaign, payment(1))]
    )
    receipt = Receipt.objects.get()
    row = Enrollment.objects.get()
    assert (row.status, row.receipt) == ("active", receipt)
    by_window = receipt.channel == Receipt.Channel.CASH
    assert isinstance(taken, Refusal) is not by_window
    assert brought.open == by_window
    assert ledger("4001-personal") == (0 if by_window else -120)


def test_the_township_is_told_what_was_paid_twice(cast, campaign, books, single, as_user, settings):
    """Paid at the window, then to the tax bureau: the household's page, the list of refunds and
    the first page lead there until it is asked for; another township is told nothing."""
    settings.TODAY = DECEMBER
    household = single(cast.clerk_a, 1)
    pay(cast.clerk_a, household)
    bring(cast, campaign, payment(1))
    cover = Enrollment.objects.get()
    ask = f"/enrollment/treasury/enrollments/{cover.pk}/refund"
    pages = (f"/enrollment/households/{household.pk}", "/enrollment/treasury/refunds")
    clerk, other = as_user(cast.clerk_a), as_user(cast.clerk_b)
    for page in pages:
        assert ask in clerk.get(page).content.decode(), page
    assert "重复缴费待退还" in clerk.get("/").content.decode()
    assert ask not in other.get(pages[1]).content.decode()
    assert "重复缴费待退还" not in other.get("/").content.decode()
    form = {"ground": "double", "ground_date": "2025-10-18", "evidence": "税票 35001"}
    form["payee"] = NAMES[1]
    assert clerk.post(ask, form).status_code == 302
    for page in pages:
        assert ask not in clerk.get(page).content.decode(), page
