"""In Chromium: a hospital's appeal against its year changes what its deposit becomes."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from claims.clearing.models import DepositReturn
from claims.clearing.standing import key_of
from claims.models import Settlement
from funds.models import Voucher
from supervision.assessment.models import Assessment
from tests.claims.clearing.conftest import CHECKED, Month3, approved, month, rule
from tests.claims.conftest import agree, book, catalogue, counter
from tests.supervision.test_assessment import JANUARY, balance, form, published
from tests.walk import Walk, walk

__all__ = ["agree", "approved", "book", "catalogue", "counter", "form", "month", "published",
           "rule", "walk"]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.seconds(60),
]


def test_the_appeal_is_walked_to_the_vouchers(
    walk: Walk, settings: Any, month: Month3, approved: Callable[..., Settlement],
    cast: SimpleNamespace, published: Assessment,
) -> None:  # fmt: skip
    """86 points of 100; 8 come back: 94. Of 200.00 kept, 188.00 are paid and 12.00 forfeited."""
    approved("王强", "4200")
    month.pay(key_of(month.confirm(month.issue(month.declare(), CHECKED))))
    settings.TODAY = JANUARY
    page = reverse("supervision:assessment", args=[published.pk])
    walk.become("hospital_clerk")
    walk.go(page)
    walk.says("考核得分", "86", "抽查发现")
    walk.fill(reason="知情同意书齐全")
    walk.press("提出申诉")
    walk.says("申诉待答复", "知情同意书齐全")
    walk.become("supervisor")
    walk.go(page)
    walk.fill(**{"points-H02": "15", "answer": "复查属实，恢复 8 分"})
    walk.press("答复申诉")
    walk.says("申诉待决定")
    walk.shoot("年度考核申诉")
    walk.become("approver")
    walk.go(page)
    walk.press("决定申诉")
    walk.says("94", "合格", "已确定", "已更正：抽查发现")
    walk.become("supervisor")
    walk.go(page)
    walk.press("提出保证金返还")
    walk.says("188.00", "200.00")
    back = DepositReturn.objects.get()
    walk.become("approver")
    walk.go(reverse("claims:deposit_return", args=[back.pk]))
    walk.press("同意")
    walk.says("已同意")
    walk.print("考核结果通知书", reverse("supervision:assessment_result", args=[published.pk]), 1)
    voucher = Voucher.objects.get(event="deposit_forfeited")
    assert voucher.source == "2026 年度考核 94 分"
    assert balance("4501-other") == Decimal("-12.00")
    month.pay(f"deposit:{back.pk}", on=date(2027, 1, 26))
    assert balance("2001-deposit") == 0
    assert walk.complaints == []
