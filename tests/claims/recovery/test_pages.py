"""A recovery walked through its pages by its four hands, and the pages of what is computed anew."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from claims.models import Settlement
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.services import withdraw
from enrollment.models import Person
from tests.claims.dependence.test_stories import special

Enter = Callable[..., Settlement]
pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_from_the_claim_to_the_last_instalment(
    counter: Enter, paid: Any, wang: Person, cast: Any, as_user: Any
) -> None:
    claim = paid(special(counter, wang, 3))
    page = text(as_user(cast.supervisor).get(f"/claims/{claim.pk}"))
    assert f"/claims/recoveries/of/{claim.pk}" in page
    url = f"/claims/recoveries/of/{claim.pk}"
    form = text(as_user(cast.supervisor).get(url))
    assert "基本医疗统筹追回（元）" in form and 'value="590.00"' in form
    asked = {
        "reason": "invoice", "facts": "发票经核验为假", "debtor": "institution", "debtor_name": "",
        "usage": "proportion", "amount-basic": "590.01",
    }  # fmt: skip
    wrong = text(as_user(cast.supervisor).post(url, asked))
    assert "追回金额应在 0 至 590.00 元之间" in wrong
    response = as_user(cast.supervisor).post(url, asked | {"amount-basic": "590.00"})
    debt = Recovery.objects.get()
    here = f"/claims/recoveries/{debt.pk}"
    assert (response.status_code, response.url) == (302, here)
    assert (debt.is_whole, debt.debtor_name) == (True, "大足县人民医院")
    as_user(cast.reviewer).post(f"{here}/review_recovery")
    as_user(cast.approver).post(f"{here}/approve_recovery")
    cashier = as_user(cast.cashier)
    page = text(cashier.get(here))
    assert "登记收款" in page and "590.00" in page
    key = page.split('name="entry_key" value="')[1].split('"')[0]
    taken = {
        "amount": "90", "received_on": "2026-03-20", "way": "bank", "reference": "B1",
        "payer_name": "大足县人民医院", "entry_key": key,
    }  # fmt: skip
    for _ in range(2):  # sent twice
        cashier.post(f"{here}/take", taken)
    assert RecoveryReceipt.objects.get().amount == Decimal(90)
    page = text(as_user(cast.supervisor).get(f"/claims/{claim.pk}"))
    assert "部分追回" in page and "已收回 90.00 元" in page
    listed = text(as_user(cast.accountant).get("/claims/recoveries/"))
    assert "大足县人民医院" in listed and "500.00" in listed
    taken |= {"amount": "500", "entry_key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    cashier.post(f"{here}/take", taken)
    page = text(as_user(cast.supervisor).get(f"/claims/{claim.pk}"))
    assert "已追回" in page and "提出追回" not in page


def test_what_is_computed_anew_says_so_on_every_page(
    counter: Enter, paid: Any, wang: Person, cast: Any, as_user: Any
) -> None:
    first, second, third = (special(counter, wang, day) for day in (3, 4, 5))
    paid(third)
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="录错人")
    reviewer = as_user(cast.reviewer)
    anew = Settlement.objects.get(recomputed_from__settlement=second)
    page = text(reviewer.get(f"/claims/{anew.pk}"))
    assert "随之重算，请重新审核" in page
    assert "特殊病种门诊年累计起付额 200.00 → 0.00" in page
    assert "前一笔变动，撤回重算" in text(reviewer.get(f"/claims/{second.pk}"))
    assert f"{second.number}" in text(reviewer.get(f"/claims/{first.pk}"))
    listed = text(reviewer.get("/claims/recoveries/dependents"))
    assert f"重新结算 {anew.number}" in listed
    home = text(as_user(cast.hospital_clerk).get("/"))
    assert "随前一笔重算，待重新审核" in home
    assert text(reviewer.get("/claims/recoveries/supplements"))


def test_a_decision_is_no_get_and_no_strange_event(
    counter: Enter, paid: Any, ask: Callable[..., Recovery], wang: Person, cast: Any, as_user: Any
) -> None:
    debt = ask(paid(special(counter, wang, 3)))
    here = f"/claims/recoveries/{debt.pk}"
    assert as_user(cast.approver).post(f"{here}/receive_recovery").status_code == 404
    assert as_user(cast.approver).get(f"{here}/refuse_recovery").status_code == 405
    assert as_user(cast.cashier).post(f"{here}/ask_waiver", {"reason": "无力"}).status_code == 403
    as_user(cast.accountant).post(f"{here}/ask_waiver", {"reason": "当事人死亡，无遗产"})
    as_user(cast.approver).post(f"{here}/waive_recovery", {"reason": "府发〔2026〕9号"})
    debt.refresh_from_db()
    assert debt.status == "waived"
    assert "府发〔2026〕9号" in text(as_user(cast.auditor).get(here))


def test_who_proposes_reads_who_reviews_and_what_is_refused_is_not_owed(
    counter: Enter, paid: Any, wang: Person, cast: Any, as_user: Any
) -> None:
    """In a county with one reviewer the reviewer's own proposal would wait for nobody."""
    claim = paid(special(counter, wang, 3))
    url = f"/claims/recoveries/of/{claim.pk}"
    alone = "本县只有您一位初审的，请让基金监管提出"
    reviewer = as_user(cast.reviewer)
    assert alone in text(reviewer.get(url)) and "590.00" in text(reviewer.get(url))
    assert alone not in text(as_user(cast.supervisor).get(url))
    asked = {
        "reason": "invoice", "facts": "发票经核验为假", "debtor": "institution", "debtor_name": "",
        "usage": "proportion", "amount-basic": "590.00",
    }  # fmt: skip
    here = reviewer.post(url, asked).url
    page = text(reviewer.get(here))
    assert "由另一位初审人员初审" in page and "未收回" in page
    approver = as_user(cast.approver)
    assert "提出的人不能自己初审" not in text(approver.get(here))
    approver.post(f"{here}/refuse_recovery", {"reason": "发票经复查属实"})
    assert "未收回" not in text(approver.get(here))
