"""Receipts, certificates and lists of 龙水镇: what was handed out stays as it was."""

import pytest

from accounts.models import AuditLine, Division, User
from desk.models import Paper
from enrollment.collection.books import check_off_book, hand_back_book
from enrollment.collection.papers import BOOK_SHEET, RECEIPT
from enrollment.collection.receipts import void_receipt
from enrollment.cover.certificates import issue_certificates
from enrollment.cover.papers import CERTIFICATE, HAND_OUT
from enrollment.models import Household, Person, Receipt
from enrollment.progress.checks import print_check_list
from enrollment.progress.papers import CHECK_LIST, MISSING, PROGRESS_SHEET
from enrollment.progress.sheets import take_sheet
from lib.resident_id import mask
from tests.enrollment.collection.conftest import confirm, hand_in
from tests.enrollment.conftest import OCTOBER
from tests.papers import keeps_what_it_said, stamps, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hands(cast, as_user):
    """Who prints, who has the right somewhere else, who has it nowhere."""
    return {
        "hand": as_user(cast.clerk_a),
        "elsewhere": as_user(cast.clerk_b),
        "stranger": as_user(cast.sysadmin),
    }


@pytest.fixture
def corrected(autumn, village_b):
    """陈国强 was written wrong, and the family moves to 石庙村."""

    def change():
        Person.objects.filter(name="陈国强").update(name="陈国祥")
        Household.objects.filter(pk=autumn.chens.pk).update(division=village_b)

    return change


def test_a_receipt(hands, autumn, corrected):
    receipt = Receipt.objects.get(household=autumn.chens)
    url = f"/enrollment/receipts/{receipt.pk}"
    page = keeps_what_it_said(RECEIPT, url, **hands, change=corrected)
    assert "陈国强" in page and "陈国祥" not in page
    assert "肆佰伍拾元整" in page and "桥亭村" in page and "石庙村" not in page


def test_a_receipt_printed_before_it_was_kept_says_what_stands_now(hands, autumn, corrected):
    """Handed out before papers were kept: its first print now is kept as it stands today."""
    corrected()
    receipt = Receipt.objects.get(household=autumn.chens)
    url = f"/enrollment/receipts/{receipt.pk}"
    assert "陈国祥" in text_of(hands["hand"], url, prints=True)
    Person.objects.filter(name="陈国祥").update(name="陈国强")
    again = text_of(hands["hand"], url, prints=True)
    assert "陈国祥" in again and "副本 第 1 次补打" in stamps(again)


def test_a_void_receipt_says_so_on_every_later_print(hands, autumn, cast):
    receipt = Receipt.objects.get(household=autumn.chens)
    url = f"/enrollment/receipts/{receipt.pk}"
    assert "已 作 废" not in text_of(hands["hand"], url, prints=True)
    void_receipt(actor=cast.clerk_a, receipt=receipt, reason="档次选错", on=OCTOBER)
    again = text_of(hands["hand"], url, prints=True)
    assert "已 作 废" in stamps(again) and "档次选错" in stamps(again)
    assert "陈国强" in again


def test_a_book_sheet(hands, books, autumn, campaign, cast):
    """Before the check-off it is a draft, which keeps nothing."""
    url = f"/enrollment/treasury/books/{books.a.pk}/sheet"
    assert "未 核 销（试打）" in text_of(hands["hand"], url, prints=True)
    assert not Paper.objects.exists()
    hand_back_book(actor=cast.clerk_a, book=books.a, reason="用毕交回", on=OCTOBER)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0001", 450))
    check_off_book(actor=cast.accountant, book=books.a, on=OCTOBER)

    def renamed():
        User.objects.filter(pk=cast.clerk_a.pk).update(name="陈秀莹")

    page = keeps_what_it_said(BOOK_SHEET, url, **hands, change=renamed)
    assert "领用人：陈秀英" in page and "试打" not in page


def test_a_certificate(hands, autumn, campaign, cast, corrected):
    (row,) = issue_certificates(
        actor=cast.clerk_a, campaign=campaign, households=[autumn.chens], on=OCTOBER
    )
    url = f"/enrollment/watch/certificates/{row.pk}"

    def renamed():
        Person.objects.filter(name="陈国强").update(name="陈国祥")

    page = keeps_what_it_said(CERTIFICATE, url, **hands, change=renamed)
    assert "户主：陈国强" in page and "陈国祥" not in page
    together = text_of(
        hands["hand"],
        "/enrollment/watch/certificates/papers?under=500225101201",
        prints=True,
        reason="补发",
    )
    assert "副本 第 2 次补打" in stamps(together)


def test_the_list_to_sign_for_certificates(hands, autumn, campaign, cast):
    issue_certificates(actor=cast.clerk_a, campaign=campaign, households=[autumn.chens], on=OCTOBER)

    def renamed():
        Person.objects.filter(name="陈国强").update(name="陈国祥")

    url = "/enrollment/watch/certificates/list?under=500225101201"
    keeps_what_it_said(HAND_OUT, url, **hands, change=renamed)


def test_the_missing(hands, autumn):
    def renamed():
        Person.objects.filter(name="周小军").update(name="周晓军")

    url = "/enrollment/watch/missing/paper?under=500225101201"
    page = keeps_what_it_said(MISSING, url, **hands, change=renamed)
    assert "周晓军" in page
    xiaojun = Person.objects.get(name="周晓军")
    assert xiaojun.resident_id in page  # in full on the print
    looked = text_of(hands["hand"], url, prints=False)
    assert xiaojun.resident_id not in looked and mask(xiaojun.resident_id) in looked
    for title in ("村组", "住址", "联系电话", "应缴（元）"):
        assert title in page


def test_nothing_is_printed_in_full_without_a_purpose(hands, autumn, campaign, cast, village_a):
    check = print_check_list(actor=cast.clerk_a, campaign=campaign, division=village_a, on=OCTOBER)
    some = Person.objects.get(name="陈国强").resident_id
    for url in (
        f"/enrollment/watch/checks/{check.pk}/paper",
        "/enrollment/watch/missing/paper?under=500225101201",
    ):
        page = text_of(hands["hand"], url, prints=True)
        assert "请写明打印用途" in page and "data-print-now" not in page and some not in page
    assert not AuditLine.objects.filter(action="desk.print_paper").exists()


def test_a_check_list(hands, autumn, campaign, cast, village_a):
    check = print_check_list(actor=cast.clerk_a, campaign=campaign, division=village_a, on=OCTOBER)

    def renamed():
        Person.objects.filter(name="陈国强").update(name="陈国祥")

    keeps_what_it_said(
        CHECK_LIST, f"/enrollment/watch/checks/{check.pk}/paper", **hands, change=renamed
    )


def test_a_progress_sheet(hands, autumn, campaign, cast, as_user, village_a):
    """Each place prints its own lines; another township's clerk prints another paper."""
    sheet = take_sheet(actor=cast.accountant, campaign=campaign, on=OCTOBER)
    hands["elsewhere"] = as_user(cast.other_officer)

    def renamed():
        Division.objects.filter(pk=village_a.pk).update(name="龙水镇桥亭社区")

    url = f"/enrollment/watch/sheets/{sheet.pk}"
    page = keeps_what_it_said(PROGRESS_SHEET, url, **hands, change=renamed)
    assert "桥亭村" in page and "2026 年度城乡居民合作医疗保险筹资进度表" in page
    other = text_of(as_user(cast.clerk_b), url, prints=True)
    assert "副本" not in other and "石庙村" in other and "桥亭" not in other


def test_the_reward_reckoning_is_printed_as_it_stands(hands, autumn):
    url = "/enrollment/watch/rewards"
    before = AuditLine.objects.filter(action="desk.print_paper").count()
    assert "data-print-now" not in text_of(hands["hand"], url, prints=False)
    assert "data-print-now" in text_of(hands["hand"], url, prints=True)
    assert AuditLine.objects.filter(action="desk.print_paper").count() == before + 1
    assert not Paper.objects.exists()
    assert hands["stranger"].post(url).status_code == 403
