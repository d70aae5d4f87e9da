"""In Chromium: a payment method from its proposal to the statement that is printed.

王强's 8 days at 110.00 are 880.00 of 2,000.00 by items: 1,120.00 are the hospital's own, 88.00 are
kept back, 792.00 are paid.
"""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from claims.clearing.models import Clearing, PaymentMethod
from claims.models import Settlement
from tests.claims.clearing.conftest import CHECKED, DECLARED, adopt, approved
from tests.walk import Walk

__all__ = ["approved"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.seconds(60),
]


def test_a_month_by_bed_day(
    walk: Walk, settings: Any, cast: SimpleNamespace, approved: Callable[..., Settlement]
) -> None:
    adopt(cast)
    approved("王强", "4200")
    settings.TODAY = date(2026, 3, 25)
    walk.become("supervisor")
    walk.go(reverse("claims:payment_methods"))
    walk.page.locator("summary", has_text="提出付费方式").click()
    given = {"care": "inpatient", "way": "bed_day", "first_month": "2026-03",
             "evidence": "大医协〔2026〕7号", "reason": "年度协议"}  # fmt: skip
    walk.fill(**given)
    walk.press("提出")
    walk.says("按床日付费要填写“标准（元）”，请按协议填写")
    walk.shoot("method-refused")
    walk.fill(rate="110")
    walk.press("提出")
    walk.says("每床日 110.00 元")
    page = reverse("claims:payment_method", args=[PaymentMethod.objects.get().pk])
    walk.become("approver")
    walk.go(page)
    walk.shoot("method-to-decide")
    walk.press("同意")
    walk.says("已同意")
    walk.go(reverse("claims:payment_methods"))
    walk.shoot("methods")

    settings.TODAY = DECLARED
    walk.become("hospital_clerk")
    walk.go(reverse("claims:clearings"))
    walk.fill(month="2026-03")
    walk.leads_on("Alt+s")
    walk.says("已申报 1 笔，880.00 元")
    clearing = Clearing.objects.get()
    settings.TODAY = CHECKED
    for username, step in (("reviewer", "核对完毕"), ("approver", "签发清算单")):
        walk.become(username)
        walk.go(reverse("claims:clearing", args=[clearing.pk]))
        walk.press(step)
    walk.says("超支自担 1,120.00 元", "792.00")
    walk.shoot("month-by-bed-day")
    walk.print("statement", reverse("claims:clearing_statement", args=[clearing.pk]), pages=1)
    assert walk.complaints == []
