"""The notice to the debtor and the receipt: kept as they were issued."""

from collections.abc import Callable
from typing import Any

import pytest

from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.papers import RECOVERY_NOTICE, RECOVERY_RECEIPT
from enrollment.models import Person
from tests.claims.dependence.test_stories import special
from tests.papers import keeps_what_it_said

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


def renamed(wang: Person) -> Callable[[], None]:
    return lambda: Person.objects.filter(pk=wang.pk).update(name="汪建国") and None


def test_a_notice(
    counter: Enter, paid: Any, ask: Callable[..., Recovery], wang: Person, cast: Any, as_user: Any
) -> None:
    debt = ask(paid(special(counter, wang, 3)))
    page = keeps_what_it_said(
        RECOVERY_NOTICE,
        f"/claims/recoveries/{debt.pk}/notice",
        hand=as_user(cast.approver),
        change=renamed(wang),
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    for words in (
        "王建国：", "王*国", "590.00 元（伍佰玖拾元整）", "请于 2026-04-19 前退回",
        "发票经税务核验为假", "发票虚假或重复",
    ):  # fmt: skip
        assert words in page


def test_a_receipt(
    counter: Enter, paid: Any, ask: Callable[..., Recovery],
    take: Callable[..., RecoveryReceipt], wang: Person, cast: Any, as_user: Any,
) -> None:  # fmt: skip
    receipt = take(ask(paid(special(counter, wang, 3))), "100.00")
    page = keeps_what_it_said(
        RECOVERY_RECEIPT,
        f"/claims/recoveries/receipts/{receipt.pk}",
        hand=as_user(cast.cashier),
        change=lambda: type(cast.cashier).objects.filter(pk=cast.cashier.pk).update(name="新名"),
        elsewhere=as_user(cast.other_officer),
        stranger=as_user(cast.sysadmin),
    )
    for words in (receipt.number, "100.00 元", "壹佰元整", receipt.voucher_number):
        assert words in page
