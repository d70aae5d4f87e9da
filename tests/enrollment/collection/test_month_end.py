"""结账清单 of a month that is over: what stood open on its last day, whatever was done since."""

from datetime import date
from decimal import Decimal

import pytest

from enrollment.collection.closing import still_open
from enrollment.collection.refunds import grant_refund, pay_refund, request_refund
from enrollment.collection.tax import match_tax_file
from funds.models import Book
from lib.periods import Month
from tests.enrollment.collection.conftest import NAMES, confirm, day, hand_in, person_id, workbook
from tests.enrollment.collection.taxes import import_tax_file

pytestmark = pytest.mark.django_db
NOVEMBER = date(2025, 11, 3)


def told(county, month=10):
    """What → (how many, yuan, words)."""
    book = Book.objects.get(area=county, fund_type="resident")
    lines = still_open(book, Month(2025, month), date(2025, 12, 1))
    return {one.what: (one.count, one.amount, one.words) for one in lines if one.count}


def test_what_was_done_later_stood_open_on_the_last_day(cast, county, campaign, books, paid):
    """120 handed in on 15 October and booked in November; 240 in cash, of which 120 were handed in
    in November; a receipt that was handed in and booked in October is no matter."""
    paid(cast.clerk_a2, 9)
    confirm(cast.accountant, hand_in(cast.clerk_a2, campaign, "JK-0001", 120), on=day(20))
    paid(cast.clerk_a, 1)
    confirm(cast.accountant, hand_in(cast.clerk_a, campaign, "JK-0002", 120), on=NOVEMBER)
    paid(cast.clerk_a, 2)
    hand_in(cast.clerk_a, campaign, "JK-0003", 120, NOVEMBER)
    paid(cast.clerk_b, 3)

    october = told(county)
    assert october["缴存已确认入账"][:2] == (1, Decimal("120.00"))
    assert october["缴存已确认入账"][2].endswith("合计 120.00 元，其后都已办结")
    assert october["窗口现金已缴存"] == (
        2,
        Decimal("240.00"),
        "2025年10月底 2 张收据的现金没有缴存，合计 240.00 元，其中 1 张至今没有办结",
    )
    november = told(county, 11)
    assert november["窗口现金已缴存"][:2] == (1, Decimal("120.00"))
    assert november["缴存已确认入账"][2] == (
        "2025年11月底 1 笔缴存没有与银行核对入账，合计 120.00 元"
    )


@pytest.mark.usefixtures("provided")
def test_money_that_was_explained_or_went_back_later(cast, county, campaign, books, paid, single):
    """Of the tax bureau's 120 nobody knew whose they were until November; a refund asked for in
    October was paid on 3 November."""
    head = ["证件号码", "缴费人姓名", "实缴金额（元）", "入库日期", "电子税票号码"]
    content = workbook([head, [person_id(5), NAMES[5 % len(NAMES)], 120, "2025-10-18", "T5"]])
    file = import_tax_file(
        actor=cast.accountant, campaign=campaign, file_name="1.xlsx", content=content, on=day(20)
    ).file
    single(cast.clerk_a, 5)
    assert match_tax_file(actor=cast.accountant, file=file, on=NOVEMBER) == 1
    cover = paid(cast.clerk_b, 7).enrollments.get()
    confirm(cast.accountant, hand_in(cast.clerk_b, campaign, "JK-0009", 120))
    refund = request_refund(
        actor=cast.clerk_b, enrollment=cover, ground="elsewhere", ground_date=day(20),
        evidence="职工医保参保证明 2025-118", payee="王强", on=day(21),
    )  # fmt: skip
    grant_refund(actor=cast.accountant, refund=refund, on=day(22))
    pay_refund(actor=cast.cashier, refund=refund, on=NOVEMBER, today=NOVEMBER)

    assert {what: one[:2] for what, one in told(county).items()} == {
        "税务缴费已匹配": (1, Decimal("120.00")),
        "退费已支付": (1, Decimal("120.00")),
    }
    assert told(county, 11) == {}
