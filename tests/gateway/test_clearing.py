"""清算: the hospital's system declares March as its page does, and takes it back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from claims.clearing.models import Clearing
from claims.clearing.services import check
from claims.models import Settlement
from tests.claims.clearing.conftest import (  # noqa: F401 - fixtures
    CHECKED,
    DECLARED,
    Month3,
    approved,
    month,
    rule,
)
from tests.claims.conftest import agree, counter  # noqa: F401 - fixtures
from tests.gateway.conftest import System

pytestmark = pytest.mark.django_db
Make = Callable[..., Settlement]


def asked(**given: Any) -> dict[str, Any]:
    """王强's 4,200.00, of which the fund pays (4,200 - 200) × 50 %."""
    row = {
        "clr_type": "21", "clr_way": "1", "setlym": "202603", "psntime": 1,
        "medfee_sumamt": Decimal("4200.00"), "med_sumfee": Decimal("4200.00"),
        "fund_appy_sum": Decimal("2000.00"), "cash_payamt": Decimal("2200.00"),
        "acct_pay": Decimal(0), "begndate": "2026-03-01", "enddate": "2026-03-31",
    }  # fmt: skip
    return {"data": row | given}


def test_a_month_is_declared_and_taken_back(
    system: System,
    month: Month3,  # noqa: F811
    approved: Make,  # noqa: F811
) -> None:
    approved("王强", "4200")
    system.on = DECLARED
    message = system.message("3203", asked())
    number = system.send(message)["output"]["result"]["clr_appy_evt_id"]
    assert system.send(message)["output"]["result"]["clr_appy_evt_id"] == number
    clearing = Clearing.objects.get()
    assert (clearing.number, clearing.claimed_amount) == (number, Decimal("2000.00"))
    assert "已经申报" in system.refused("3203", asked())
    system.ask("3204", {"data": {"clr_appy_evt_id": number}})
    clearing.refresh_from_db()
    assert clearing.status == Clearing.Status.WITHDRAWN
    system.ask("3203", asked())


def test_other_sums_declare_nothing(
    system: System,
    month: Month3,  # noqa: F811
    approved: Make,  # noqa: F811
) -> None:
    approved("王强", "4200")
    system.on = DECLARED
    told = system.refused("3203", asked(fund_appy_sum=Decimal("1999.99")))
    assert told == (
        "data.fund_appy_sum：报文 1,999.99 元，本月可申报的 1 笔结算单合计 2,000.00 元，请核对"
    )
    assert "本月可申报的结算单 1 笔" in system.refused("3203", asked(psntime=2))
    assert "应为 6 位数字" in system.refused("3203", asked(setlym="202613"))
    assert "日期应在 2026年3月内" in system.refused("3203", asked(enddate="2026-04-01"))
    assert not Clearing.objects.exists()


def test_what_the_county_has_checked_stays(
    system: System,
    month: Month3,  # noqa: F811
    approved: Make,  # noqa: F811
) -> None:
    approved("王强", "4200")
    system.on = DECLARED
    number = system.ask("3203", asked())["result"]["clr_appy_evt_id"]
    check(actor=month.cast.reviewer, clearing=Clearing.objects.get(), on=CHECKED)
    assert "待签发" in system.refused("3204", {"data": {"clr_appy_evt_id": number}})
    assert "没有这个清算申请" in system.refused("3204", {"data": {"clr_appy_evt_id": "X"}})
