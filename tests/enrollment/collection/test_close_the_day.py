"""The close of the day beyond cash: transfers, aid, sponsors, two clerks, days in order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from enrollment.collection.days import close_day, day_sheet, in_hand, next_day, overnight
from enrollment.collection.guards import begin_run, end_run
from enrollment.collection.receipts import take_payment, void_receipt
from enrollment.collection.remittances import return_remittance
from enrollment.collection.sponsors import open_sponsor_fund, receive_sponsor_money
from enrollment.models import DayClose, Receipt
from tests.enrollment.collection.conftest import day, hand_in
from tests.enrollment.conftest import OCTOBER
from tests.enrollment.refusals import refuses

pytestmark = pytest.mark.django_db


def close(clerk, number, counted, explanation="", *, on=None):
    return close_day(
        actor=clerk, day=day(number), counted=Decimal(counted), explanation=explanation,
        on=on or day(number),
    )  # fmt: skip


def test_who_has_no_township_closes_no_day(cast, campaign):
    for actor in (cast.accountant, cast.cadre_a, cast.hospital_clerk):
        with refuses("日结由乡镇经办办理"):
            close(actor, 15, 0)


def test_a_day_is_closed_once_in_order_and_not_ahead(cast, books, paid):
    with refuses("这一天已经日结，或还没有到", ("day",)):
        close(cast.clerk_a, 16, 0, on=day(15))
    close(cast.clerk_a, 15, 0)
    with refuses("这一天已经日结，或还没有到", ("day",)):
        close(cast.clerk_a, 15, 0)
    with refuses("2025-10-15 及以前已经日结，不能重复", ("day",)):
        close(cast.clerk_a, 15, 0, on=day(17))
    with refuses("2025-10-15 及以前已经日结，不能重复", ("day",)):
        close(cast.clerk_a, 14, 0, on=day(17))
    paid(cast.clerk_a, 1, on=day(17))
    with refuses("2025-10-17 还没有日结，请先结那一天", ("day",)):
        close(cast.clerk_a, 18, 120)
    # Days without receipts need no close: 16 October is never asked for.
    assert next_day(cast.clerk_a, day(18)) == day(17)
    close(cast.clerk_a, 17, 120, on=day(18))
    assert list(DayClose.objects.order_by("day").values_list("day", flat=True)) == [
        day(15), day(17),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counted", "explanation", "message"),
    [
        ("119.99", "", "实点 119.99 元与应有 120.00 元不符，短款 0.01 元，"),
        ("119.99", " 少 ", "实点 119.99 元与应有 120.00 元不符，短款 0.01 元，"),
        ("170", "", "实点 170.00 元与应有 120.00 元不符，长款 50.00 元，"),
    ],
)
def test_a_fen_of_difference_wants_words(cast, books, paid, counted, explanation, message):
    paid(cast.clerk_a, 1)
    with refuses(f"{message}请重新清点；仍不符的写明原因", ("explanation",)):
        close(cast.clerk_a, 15, counted, explanation)
    row = close(cast.clerk_a, 15, counted, "硬币清点有误")
    assert (row.closing, row.difference) == (120, Decimal(counted) - 120)


def test_words_without_a_difference_are_not_kept(cast, books, paid):
    paid(cast.clerk_a, 1)
    assert close(cast.clerk_a, 15, 120, "一切正常").explanation == ""


def test_only_cash_is_counted_in_the_box(cast, campaign, books, paid, single, village_a):
    """120 in cash, 120 by transfer, 120 by a sponsor, one 五保 for nothing: 120 in the box."""
    fund = open_sponsor_fund(
        actor=cast.accountant, campaign=campaign, name="桥亭村集体", kind="collective",
        division=village_a, purpose="资助本村村民参保",
    )  # fmt: skip
    receive_sponsor_money(
        actor=cast.accountant, fund=fund, amount=Decimal(120), received_on=OCTOBER,
        reference="JZ-1", on=OCTOBER,
    )  # fmt: skip
    paid(cast.clerk_a, 1)
    facts = {"actor": cast.clerk_a, "on": OCTOBER}
    take_payment(
        household=single(cast.clerk_a, 2), received=Decimal(120), channel="bank",
        reference="ZZ-2", **facts,
    )  # fmt: skip
    take_payment(household=single(cast.clerk_a, 3), received=Decimal(0), sponsor=fund, **facts)
    paid(cast.clerk_a, 4, statuses={"wubao"}, tier="tier1")
    sheet = day_sheet(cast.clerk_a, OCTOBER)
    assert (sheet.cash_receipts, sheet.cash) == (1, 120)
    assert (sheet.bank_receipts, sheet.bank) == (1, 120)
    assert (sheet.free_receipts, sheet.sponsored) == (2, 120)
    assert (sheet.opening, sheet.remitted, sheet.closing) == (0, 0, 120)
    assert close(cast.clerk_a, 15, 120).difference == 0


def test_what_a_clerk_voids_on_the_same_day_never_was_in_the_box(cast, books, paid):
    keeps = paid(cast.clerk_a, 1)
    void_receipt(actor=cast.clerk_a, receipt=paid(cast.clerk_a, 2), reason="写错", on=OCTOBER)
    sheet = day_sheet(cast.clerk_a, OCTOBER)
    assert (sheet.cash_receipts, sheet.cash, sheet.void_receipts) == (1, 120, 1)
    assert (sheet.voided, sheet.closing) == (0, 120)
    close(cast.clerk_a, 15, 120)
    # On the day after it is given back: out of the box, and the first day's sheet stays.
    void_receipt(actor=cast.clerk_a, receipt=keeps, reason="改在外地参保", on=day(16))
    assert in_hand(cast.clerk_a, OCTOBER) == 120
    assert in_hand(cast.clerk_a, day(16)) == 0
    assert close(cast.clerk_a, 16, 0).voided == 120


def test_two_clerks_have_two_boxes(cast, books, paid):
    paid(cast.clerk_a, 1)
    paid(cast.clerk_a2, 2)
    paid(cast.clerk_a2, 3)
    assert (in_hand(cast.clerk_a, OCTOBER), in_hand(cast.clerk_a2, OCTOBER)) == (120, 240)
    close(cast.clerk_a, 15, 120)
    assert next_day(cast.clerk_a2, OCTOBER) == OCTOBER
    assert paid(cast.clerk_a2, 4).issued_on == OCTOBER


def test_cash_that_comes_back_with_its_slip_is_in_hand_again(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    remittance = hand_in(cast.clerk_a, campaign, "JK-0001", 120)
    assert in_hand(cast.clerk_a, OCTOBER) == 0
    return_remittance(actor=cast.accountant, remittance=remittance, reason="银行没有到账")
    assert in_hand(cast.clerk_a, OCTOBER) == 120
    (held,) = overnight(Receipt.objects.unremitted(), day(18))
    assert (held.since, held.days, held.amount) == (OCTOBER, 3, 120)


def test_a_slip_of_the_next_morning_leaves_the_evenings_box_full(cast, campaign, books, paid):
    paid(cast.clerk_a, 1)
    close(cast.clerk_a, 15, 120)
    hand_in(cast.clerk_a, campaign, "JK-0001", 120, day(16))
    assert in_hand(cast.clerk_a, OCTOBER) == 120
    row = close(cast.clerk_a, 16, 0)
    assert (row.opening, row.cash, row.remitted, row.closing) == (120, 0, 120, 0)


def test_the_day_waits_for_a_roster_that_still_writes_receipts(cast, books, paid):
    paid(cast.clerk_a, 1)
    begin_run(clerk=cast.clerk_a, key="roster:7", on=OCTOBER)
    with refuses("您的名册正在导入，收据还会增加，请等导入完成后再日结"):
        close(cast.clerk_a, 15, 120)
    close(cast.clerk_a2, 15, 0)  # a colleague's roster is none of hers
    end_run("roster:8")
    with refuses("您的名册正在导入，收据还会增加，请等导入完成后再日结"):
        close(cast.clerk_a, 15, 120)
    end_run("roster:7")
    assert close(cast.clerk_a, 15, 120).closing == 120


def test_nights_are_counted_from_the_oldest_receipt(cast, campaign, books, paid):
    """Three receipts of three days: the clerk is named once, with what is past the limit."""
    for n in (15, 16, 17):
        paid(cast.clerk_a, n, on=day(n))
    rows = Receipt.objects.unremitted()
    for on, receipts, amount in ((16, 0, 0), (17, 1, 120), (18, 2, 240), (19, 3, 360)):
        found = overnight(rows, day(on))
        assert sum(one.receipts for one in found) == receipts, on
        assert sum(one.amount for one in found) == amount, on
        assert len(found) <= 1
    (held,) = overnight(rows, day(19))
    assert (held.since, held.days, held.year) == (OCTOBER, 4, 2026)
    assert overnight(rows.filter(issued_on=OCTOBER + timedelta(1)), day(18))[0].since == day(16)
