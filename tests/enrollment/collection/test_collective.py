"""A village's cash: one receipt for each household, exact, all or nothing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import expect

from accounts.errors import Refusal
from enrollment.collection.collective import MOST, take_collective
from enrollment.collection.days import close_day
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.models import Enrollment, Receipt, ReceiptBook
from tests.at_once import at_once
from tests.enrollment.collection.test_keyboard import sign_in
from tests.enrollment.conftest import OCTOBER

YUAN = Decimal("120.00")  # the second tier, alone


def collect(clerk, households, received):
    return take_collective(
        actor=clerk, households=households, received=Decimal(received), on=OCTOBER
    )


@pytest.mark.django_db
def test_each_household_gets_its_receipt_in_the_order_of_numbers(cast, books, single):
    three = [single(cast.clerk_a, n) for n in (1, 2, 3)]
    first = ReceiptBook.objects.get(clerk=cast.clerk_a).next_number
    receipts = collect(cast.clerk_a, three[::-1], "360.00")
    assert [row.household for row in receipts] == three
    assert [row.number for row in receipts] == [first, first + 1, first + 2]
    assert [row.amount for row in receipts] == [YUAN] * 3
    assert {row.channel for row in receipts} == {"cash"}
    assert not Enrollment.objects.filter(status="pending").exists()
    assert ReceiptBook.objects.get(clerk=cast.clerk_a).next_number == first + 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("359.99", "应收 360.00 元，清点为 359.99 元，相差 0.01 元"),
        ("360.01", "应收 360.00 元，清点为 360.01 元，相差 0.01 元"),
        ("0", "相差 360.00 元"),
    ],
)
def test_a_fen_too_much_or_too_little_writes_no_receipt(cast, books, single, received, words):
    three = [single(cast.clerk_a, n) for n in (1, 2, 3)]
    first = ReceiptBook.objects.get(clerk=cast.clerk_a).next_number
    with pytest.raises(Refusal, match=words):
        collect(cast.clerk_a, three, received)
    assert not Receipt.objects.exists()
    assert ReceiptBook.objects.get(clerk=cast.clerk_a).next_number == first
    assert Enrollment.objects.filter(status="pending").count() == 3


@pytest.mark.django_db
def test_every_household_that_cannot_be_taken_is_named_and_none_is(cast, books, single):
    three = [single(cast.clerk_a, n) for n in (1, 2, 3)]
    for paid in three[:2]:
        take_payment(actor=cast.clerk_a, household=paid, received=YUAN, on=OCTOBER)
    with pytest.raises(Refusal) as refused:
        collect(cast.clerk_a, three, "120.00")
    for paid in three[:2]:
        assert f"户 {paid.number}：本户没有待缴费的参保登记" in refused.value.message
    assert three[2].number not in refused.value.message
    assert Receipt.objects.count() == 2
    assert [row.amount for row in collect(cast.clerk_a, three[2:], "120.00")] == [YUAN]


@pytest.mark.django_db
def test_nobody_chosen_and_too_many_are_refused(cast, books, single):
    with pytest.raises(Refusal, match="请先勾选"):
        collect(cast.clerk_a, [], "0")
    with pytest.raises(Refusal, match="一次最多收 100 户"):
        collect(cast.clerk_a, [single(cast.clerk_a, 1)] * (MOST + 1), "120")


@pytest.mark.django_db
def test_a_receipt_of_it_is_voided_as_at_the_window(cast, books, single):
    two = [single(cast.clerk_a, n) for n in (1, 2)]
    wrong, right = collect(cast.clerk_a, two, "240.00")
    void_receipt(actor=cast.clerk_a, receipt=wrong, reason="重复收款", on=OCTOBER)
    assert Enrollment.objects.get(household=two[0]).status == "pending"
    assert Enrollment.objects.get(household=two[1]).receipt == right
    (again,) = collect(cast.clerk_a, two[:1], "120.00")
    assert again.number == right.number + 1


@pytest.mark.django_db
def test_a_household_costs_the_same_however_many_there_are(cast, books, single):
    """Measured: statements grow by a constant for each household."""

    def statements(households):
        with CaptureQueriesContext(connection) as asked:
            collect(cast.clerk_a, households, YUAN * len(households))
        return len(asked)

    rows = [single(cast.clerk_a, n) for n in range(1, 12)]
    one, two, eight = statements(rows[:1]), statements(rows[1:3]), statements(rows[3:])
    each = two - one
    assert eight == one + 7 * each
    assert each <= 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_window_takes_one_of_the_households_in_the_same_moment(cast, books, single):
    """One of the two wins; no household pays twice and no number is lost."""
    three = [single(cast.clerk_a, n) for n in (1, 2, 3)]

    def window():
        return take_payment(actor=cast.clerk_a, household=three[1], received=YUAN, on=OCTOBER)

    outcomes = at_once([lambda: collect(cast.clerk_a, three, "360.00"), window])
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert len(refused) == 1
    assert "待缴费" in refused[0].message
    numbers = sorted(Receipt.objects.values_list("number", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) in {1, 3}
    households = list(Receipt.objects.values_list("household", flat=True))
    assert len(households) == len(set(households))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_collections_of_one_village_never_wait_crosswise(cast, books, single):
    four = [single(cast.clerk_a, n) for n in (1, 2, 3, 4)]
    outcomes = at_once(
        [
            lambda: collect(cast.clerk_a, four, "480.00"),
            lambda: collect(cast.clerk_a, four[::-1], "480.00"),
        ]
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert Receipt.objects.count() == 4


@pytest.mark.django_db
def test_the_clerk_collects_on_the_page_and_prints_all_receipts(
    cast, books, single, as_user, settings
):
    settings.TODAY = OCTOBER
    two = [single(cast.clerk_a, n) for n in (1, 2)]
    client = as_user(cast.clerk_a)
    page = client.get(reverse("enrollment:collective")).content.decode()
    assert "240.00" in page
    url = reverse("enrollment:collective_pay")
    wrong = client.post(url, {"households": [one.pk for one in two], "received": "200"})
    assert "相差 40.00 元" in wrong.content.decode()
    done = client.post(url, {"households": [one.pk for one in two], "received": "240"}, follow=True)
    words = done.content.decode()
    assert "已收 2 户 240.00 元" in words
    run = Receipt.objects.order_by("pk")
    assert all(row.full_number in words for row in run)
    papers = reverse("enrollment:receipt_run_papers", args=[run[0].pk, run[1].pk])
    sheets = client.post(papers).context["sheets"]
    assert [sheet.facts["number"] for sheet in sheets] == [row.full_number for row in run]
    # Another township's clerk sees neither the households nor the receipts.
    other = as_user(cast.clerk_b)
    assert other.get(papers).status_code == 404
    third = single(cast.clerk_a, 3)
    answer = other.post(url, {"households": [third.pk], "received": "120"})
    assert "请先勾选要收款的户" in answer.content.decode()
    assert Receipt.objects.count() == 2


@pytest.mark.django_db
def test_after_the_close_of_the_day_the_page_says_so_before_the_cash_is_counted(
    cast, books, single, as_user, settings
):
    settings.TODAY = OCTOBER
    paid = single(cast.clerk_a, 1)
    collect(cast.clerk_a, [paid], "120.00")
    single(cast.clerk_a, 2)
    page = as_user(cast.clerk_a).get(reverse("enrollment:collective")).content.decode()
    assert "已日结" not in page
    close_day(actor=cast.clerk_a, day=OCTOBER, counted=YUAN, explanation="", on=OCTOBER)
    page = as_user(cast.clerk_a).get(reverse("enrollment:collective")).content.decode()
    assert f"您 {OCTOBER:%Y-%m-%d} 已日结" in page


@pytest.mark.django_db
def test_who_comes_back_after_paying_is_led_to_the_receipt(cast, books, single, as_user, settings):
    settings.TODAY = OCTOBER
    household = single(cast.clerk_a, 1)
    receipt = take_payment(actor=cast.clerk_a, household=household, received=YUAN, on=OCTOBER)[0]
    page = as_user(cast.clerk_a).get(reverse("enrollment:payment", args=[household.pk]))
    words = page.content.decode()
    assert "李刚户收款" in words
    assert "收款 120.00 元" in words
    assert reverse("enrollment:receipt", args=[receipt.pk]) in words


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("books")
def test_what_is_ticked_is_summed_and_named_before_the_receipts(
    window, live_server, cast, single, settings
):
    settings.TODAY = OCTOBER
    for n in (1, 2, 3):
        single(cast.clerk_a, n)
    sign_in(window, live_server.url, "clerk_a")
    window.goto(live_server.url + reverse("enrollment:collective"))
    said = window.locator("[data-tally-said]")
    expect(said).to_have_text("已选 3 户，合计 360.00 元")
    expect(window.locator("[data-check-all]")).to_be_checked()
    window.locator("[name=households]").first.uncheck()
    expect(said).to_have_text("已选 2 户，合计 240.00 元")
    expect(window.locator("[data-check-all]")).not_to_be_checked()
    asked = []
    window.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    window.fill("[name=received]", "241")
    window.keyboard.press("Enter")
    expect(window.locator("[name=received].is-invalid")).to_be_visible()
    asked.clear()
    window.fill("[name=received]", "240")
    with window.expect_navigation(url="**/receipts/run/*"):
        window.keyboard.press("Enter")
    assert asked == ["已选 2 户，合计 240.00 元。按勾选的户收款开票？每户一张收据。"]
    window.go_back()  # past the refused form, which the browser would not show again
    expect(said).to_have_text("已选 1 户，合计 120.00 元")


@pytest.mark.django_db
def test_a_tick_of_endless_digits_is_no_household(cast, books, single, as_user, settings):
    settings.TODAY = OCTOBER
    client = as_user(cast.clerk_a)
    url = reverse("enrollment:collective_pay")
    answer = client.post(url, {"households": ["1" * 5000, "9" * 19], "received": "120"})
    assert "请先勾选要收款的户" in answer.content.decode()
