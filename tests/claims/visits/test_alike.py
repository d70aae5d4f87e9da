"""What resembles another visit is asked about at both desks, and settled with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.errors import Refusal
from accounts.models import User
from claims.models import Settlement
from claims.services import withdraw
from enrollment.models import Person
from tests.claims.conftest import TODAY, invoice, line, stay
from tests.claims.test_pages import COUNTER, STAY, bill, body, found, token
from tests.claims.visits.conftest import Ward, in_bed

Enter = Callable[..., Settlement]
DAY = stay(date(2026, 3, 9), date(2026, 3, 9), care="outpatient", diagnosis="感冒")


def test_the_same_bill_twice(counter: Enter, wang: Person) -> None:
    first = counter(wang, line("X01", "1", "25"), visit=DAY)
    with pytest.raises(Refusal, match=r"2026-03-09 在大足县人民医院已有总费用 25.00 元的同样一笔"):
        counter(wang, line("X01", "1", "25"), visit=DAY)
    # Another sum is another bill; and so is one that is explained, or once the first is withdrawn.
    counter(wang, line("X01", "1", "26"), visit=DAY)
    again = replace(DAY, alike_reason="上午、下午各一次")
    assert counter(wang, line("X01", "1", "25"), visit=again).status == "submitted"
    for claim in (Settlement.objects.latest("pk"), first):
        withdraw(actor=claim.entered_by, settlement=claim, reason="录错")
    assert counter(wang, line("X01", "1", "25"), visit=DAY).status == "submitted"


def test_from_paper_as_well(counter: Enter, paper: Enter, wang: Person) -> None:
    counter(wang, line("X01", "100", "10"))
    outside = stay(date(2026, 3, 5), date(2026, 3, 5), care="outpatient")
    with pytest.raises(Refusal, match="就诊日在住院期间") as told:
        paper(wang, "80.00", visit=outside, invoices=[invoice("NO7", "80.00")])
    assert told.value.at == ("alike_reason",)


def test_a_stay_around_an_outpatient_bill(counter: Enter, ward: Ward, wang: Person) -> None:
    """Asked in both directions, and of a stay that has no end yet."""
    fifth = date(2026, 3, 5)
    counter(wang, line("X01", "1", "25"), visit=replace(DAY, starts=fifth, ends=fifth))
    with pytest.raises(Refusal, match="住院期间 2026-03-05 在大足县人民医院另有门诊结算"):
        counter(wang, line("X01", "100", "10"))
    ward.admit(wang, in_bed(date(2026, 3, 7)))
    with pytest.raises(Refusal, match="入院，尚未出院"):
        counter(wang, line("X01", "1", "25"), visit=DAY)


def test_the_page_asks_and_takes_the_answer(
    as_user: Callable[[User], Client],
    cast: SimpleNamespace,
    counter: Enter,
    wang: Person,
    settings: Any,
) -> None:
    settings.TODAY = TODAY
    counter(wang, line("X01", "1", "25"), visit=DAY)
    client = as_user(cast.hospital_clerk)
    page = found(client, COUNTER, wang)
    assert "与已有就诊相似的说明" not in page
    visit = STAY | {"care": "outpatient", "starts": "2026-03-09", "ends": "", "diagnosis": "感冒"}
    data = {"patient": token(page)} | visit | bill(("X01", "1", "25"))
    assert "的同样一笔" in body(client.post(COUNTER, data | {"action": "preview"}))
    asked = body(client.post(COUNTER, data | {"action": "submit"}))
    assert "确属另一次就诊的，请填写说明后再提交" in asked and 'name="alike_reason"' in asked
    client.post(COUNTER, data | {"action": "submit", "alike_reason": "复诊"})
    assert Settlement.objects.latest("pk").visit.alike_reason == "复诊"
    assert Settlement.objects.count() == 2
