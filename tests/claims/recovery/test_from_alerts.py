"""From a confirmed alert to the money: the dead man's stay that was paid.

赵老汉 died on 28 February; a stay from 3 March was settled before the death was known and paid,
(1 000 − 200) × 50 % = 400.00.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import Refusal
from accounts.roles import Role
from claims.models import Settlement
from claims.recovery.models import Recovery
from claims.recovery.receiving import receive
from claims.recovery.services import Proposal, decide
from enrollment.models import Person
from funds.models import Book
from supervision.models import Alert
from supervision.services import (
    handle_alert,
    recover,
    release_payment,
    screen_new_claims,
)
from supervision.work import WORK
from tests.claims.conftest import TODAY, line
from tests.claims.dependence.test_stories import used
from tests.claims.dependence.test_supplements import send
from tests.claims.recovery.test_given_up import AGAIN, came_back, put_right, whole
from tests.conftest import in_duty
from tests.paying import batch_of, orders_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(
    counter: Callable[..., Settlement],
    paid: Any,
    wang: Person,
    county: Any,
) -> Alert:
    paid(counter(wang, line("X01", "100", "10")))
    Person.objects.filter(pk=wang.pk).update(death_date=date(2026, 2, 28))
    screen_new_claims(area=county)
    return Alert.objects.get(rule="A01")


def test_nothing_is_asked_before_it_is_confirmed(alert: Alert, cast: Any) -> None:
    what = Proposal(reason="death", facts="死亡证明 2026-02-28", debtor="institution")
    with pytest.raises(Refusal, match="核实属实以后才能提出追回"):
        recover(actor=cast.supervisor, alert=alert, proposal=what)
    handle_alert(
        actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="死亡登记有误，已更正"
    )
    alert.refresh_from_db()
    with pytest.raises(Refusal, match="核实属实以后才能提出追回"):
        recover(actor=cast.supervisor, alert=alert, proposal=what)


def test_a_confirmed_alert_leads_to_the_money(
    alert: Alert,
    cast: Any,
    as_user: Any,
    wang: Person,
) -> None:
    supervisor = as_user(cast.supervisor)
    assert supervisor.get(f"/supervision/{alert.pk}/recover").status_code == 404
    handle_alert(
        actor=cast.supervisor, alert=alert, event="confirm_alert", reason="死亡在前，冒名住院"
    )
    page = supervisor.get(f"/supervision/{alert.pk}").content.decode()
    assert f"/supervision/{alert.pk}/recover" in page
    form = supervisor.get(f"/supervision/{alert.pk}/recover").content.decode()
    assert "死亡在前，冒名住院" in form and 'value="400.00"' in form
    sent = {
        "reason": "death", "facts": "死亡在前，冒名住院", "debtor": "institution",
        "debtor_name": "", "usage": "proportion", "amount-basic": "400.00",
    }  # fmt: skip
    assert supervisor.post(f"/supervision/{alert.pk}/recover", sent).status_code == 302
    debt = Recovery.objects.get()
    assert (debt.source, debt.reason, debt.is_whole) == ("alert", "death", True)
    assert debt.source_note.startswith("疑点 A01")
    decide(actor=cast.reviewer, recovery=debt, event="review_recovery", on=TODAY)
    decide(actor=cast.approver, recovery=debt, event="approve_recovery", on=TODAY)
    receive(
        actor=cast.cashier, recovery=debt, amount=Decimal(400), on=TODAY, today=TODAY,
        reference="B7",
    )  # fmt: skip
    assert used(wang) == {}
    assert "已收回 400.00 元" in supervisor.get(f"/supervision/{alert.pk}").content.decode()


def test_what_came_back_and_was_found_wrong_in_part_goes_on(
    alert: Alert, cast: Any, as_user: Any
) -> None:
    """The hospital's account was closed, so the 400.00 lie at the fund; 150.00 of them were not
    due. They stay there, another than who confirmed lets the rest go, and 250.00 are sent."""
    claim = alert.settlement
    (row,) = orders_of([claim])
    came_back(cast, row)
    handle_alert(actor=cast.supervisor, alert=alert, event="confirm_alert", reason="多住五天")
    put_right(cast, row)
    with pytest.raises(Refusal, match="暂停支付"):
        batch_of(claim, on=AGAIN)
    what = Proposal(
        reason="beyond", facts="多住五天", debtor="institution",
        amounts={"basic": Decimal("150.00")},
    )  # fmt: skip
    alert.refresh_from_db()
    unasked = next(one for one in WORK if one.title == "疑点属实已支付，未提出追回")
    assert list(unasked.rows(cast.supervisor)) == [alert]
    supervisor = as_user(cast.supervisor)
    assert unasked.title in supervisor.get("/").content.decode()
    shown = supervisor.get(f"/supervision/?{unasked.query}").content.decode()
    assert f"/supervision/{alert.pk}" in shown
    debt = recover(actor=cast.supervisor, alert=alert, proposal=what)
    assert not unasked.rows(cast.supervisor)
    for actor, event in ((cast.reviewer, "review_recovery"), (cast.approver, "approve_recovery")):
        decide(actor=actor, recovery=debt, event=event, on=AGAIN)
    with pytest.raises(Refusal, match=f"追回单 {debt} 还没有办结"):
        release_payment(actor=cast.approver, alert=alert, reason="已扣回")
    waits = next(one for one in WORK if one.title == "疑点已处理，待解除暂停")
    assert not waits.rows(cast.approver)
    receive(
        actor=cast.cashier, recovery=debt, amount=debt.amount, on=AGAIN, today=AGAIN, way="kept"
    )
    with pytest.raises(Refusal, match="必须由不同的人办理"):
        release_payment(actor=in_duty(cast.supervisor, Role.APPROVER), alert=alert, reason="已扣回")
    assert as_user(cast.supervisor).post(f"/supervision/{alert.pk}/release").status_code == 403
    assert list(waits.rows(cast.approver)) == [alert]
    approver = as_user(cast.approver)
    assert "疑点已处理，待解除暂停" in approver.get("/").content.decode()
    shown = approver.get(f"/supervision/?{waits.query}").content.decode()
    assert f"/supervision/{alert.pk}" in shown
    assert "处理完毕，解除暂停" in approver.get(f"/supervision/{alert.pk}").content.decode()
    approver.post(f"/supervision/{alert.pk}/release", {"reason": f"已从退汇款扣回，{debt}"})
    assert not claim.holds.filter(lifted_at=None).exists()
    assert not waits.rows(cast.approver)
    batch = batch_of(claim, on=AGAIN)
    assert batch.total == Decimal("250.00")
    send(cast, batch, AGAIN)
    whole(Book.objects.get())
