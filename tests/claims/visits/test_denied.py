"""王建国 is told that he lies in the county hospital, and says at the window that he does not."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from claims.models import Settlement, Visit
from claims.services import withdraw
from claims.visits.services import cancel_registration, settle_day
from enrollment.models import Person
from supervision.models import Alert, VisitDenial
from supervision.services import (
    deny_visit,
    handle_alert,
    handle_denial,
    note_denial,
    screen_new_claims,
)
from supervision.work import WORK
from tests.at_once import at_once
from tests.claims.conftest import TODAY, line, stay
from tests.claims.visits.conftest import Ward, charged

pytestmark = pytest.mark.django_db
TOLD = {"told": "本人持身份证到窗口说明", "evidence": "询问笔录〔2026〕3号"}
STOPPED = "这次就诊已暂停办理：本人否认就诊，等待基金监管核查"


def denied(cast: SimpleNamespace, visit: Visit) -> VisitDenial:
    return deny_visit(actor=cast.clerk_a, visit=visit, **TOLD)


def handled(actor: Any, denial: VisitDenial, event: str) -> VisitDenial:
    return handle_denial(actor=actor, denial=denial, event=event, reason="到病房核对")


def test_a_stay_that_is_denied_is_neither_billed_nor_settled(
    ward: Ward, wang: Person, cast: SimpleNamespace
) -> None:
    """Denied on the fifth day, found to be true that he lies there, and settled: (1,000 − 200) ×
    50 % = 400.00."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "100", "10"))
    denial = denied(cast, visit)
    with pytest.raises(Refusal, match="刚由别人登记"):
        denied(cast, visit)
    with pytest.raises(Refusal, match=STOPPED):
        ward.bill(visit, charged("X01", "1", "10"), number="2")
    with pytest.raises(Refusal, match=STOPPED):
        ward.part(visit, 5)
    left = ward.leave(visit)
    with pytest.raises(Refusal, match=STOPPED):
        ward.settle(left)
    assert not Settlement.objects.exists()
    (waits,) = [one for one in WORK if one.title == "否认在院就诊待核查"]
    assert list(waits.rows(cast.supervisor)) == [denial]
    handled(cast.supervisor, denial, "dismiss_denial")
    assert ward.settle(Visit.objects.get(pk=visit.pk)).fund_amount == 400
    with pytest.raises(Refusal, match="请在结算单上登记"):
        denied(cast, visit)


def test_what_is_confirmed_is_taken_back_by_the_hospital(
    ward: Ward, wang: Person, cast: SimpleNamespace
) -> None:
    visit = ward.admit(wang)
    batch = ward.bill(visit, charged("X01", "100", "10"))
    denial = handled(cast.supervisor, denied(cast, visit), "confirm_denial")
    ward.withdraw(batch)
    cancel_registration(actor=ward.clerk, visit=visit, reason="查无此人")
    assert Visit.objects.get(pk=visit.pk).status == "void"
    # Found wrong too late: it is told, and what was cancelled is registered anew.
    assert handled(cast.approver, denial, "release_denial").status == "dismissed"
    again = ward.admit(wang)
    ward.bill(again, charged("X01", "1", "10"))


def test_what_was_confirmed_wrongly_goes_on_by_another(
    ward: Ward, wang: Person, cast: SimpleNamespace
) -> None:
    visit = ward.admit(wang)
    denial = handled(cast.supervisor, denied(cast, visit), "confirm_denial")
    with pytest.raises(Refusal):
        handled(cast.supervisor, denial, "release_denial")
    handled(cast.approver, denial, "release_denial")
    ward.bill(visit, charged("X01", "1", "10"))


def test_parts_that_were_settled_are_stopped_too(
    ward: Ward, wang: Person, cast: SimpleNamespace
) -> None:
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "100", "10", day=2))
    part = ward.part(visit, 5)
    denied(cast, visit)
    alert = Alert.objects.get()
    assert (alert.settlement, alert.rule) == (part, "A23")
    assert part.holds.filter(lifted_at=None).count() == 1


def test_a_day_is_settled_without_it(ward: Ward, wang: Person, cast: SimpleNamespace) -> None:
    visit = ward.admit(wang, stay(TODAY, TODAY, care="outpatient"))
    ward.bill(visit, charged("X01", "1", "10"))
    visit = ward.leave(visit, TODAY.day) if visit.status == "open" else visit
    denied(cast, visit)
    day = settle_day(actor=ward.clerk, visits=[visit], on=TODAY)
    assert STOPPED in day.left[visit.pk]


def test_a_draft_is_denied_once_it_is_handed_in(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace
) -> None:
    """What is only written down pays nothing yet; handed in, its payment is stopped."""
    draft = counter(wang, line("X01", "100", "10"), submit_now=False)
    with pytest.raises(Refusal, match="提交以后请在结算单上登记"):
        denied(cast, draft.visit)


def test_pages(ward: Ward, wang: Person, cast: SimpleNamespace, as_user: Any) -> None:
    """The township tells, the supervisor reads it and concludes; the hospital reads that it waits,
    and not who told."""
    visit = ward.admit(wang)
    clerk = as_user(cast.clerk_a)
    assert (
        f"/supervision/visits/{visit.pk}/deny"
        in clerk.get(f"/claims/visits/{visit.pk}").content.decode()
    )
    page = f"/supervision/visits/{visit.pk}/deny"
    assert "凭据" in clerk.get(page).content.decode()
    assert clerk.post(page, {"told": "本人", "evidence": ""}).status_code == 200
    assert not VisitDenial.objects.exists()
    assert clerk.post(page, TOLD).status_code == 302
    denial = VisitDenial.objects.get()
    shown = as_user(cast.hospital_clerk).get(f"/claims/visits/{visit.pk}").content.decode()
    assert "暂停办理：本人否认就诊" in shown
    assert "到窗口" not in shown
    assert as_user(cast.hospital_clerk).get(f"/supervision/visits/{denial.pk}").status_code == 403
    supervisor = as_user(cast.supervisor)
    assert (
        f"/supervision/visits/{denial.pk}" in supervisor.get("/supervision/visits").content.decode()
    )
    assert "询问笔录" in supervisor.get(f"/supervision/visits/{denial.pk}").content.decode()
    supervisor.post(f"/supervision/visits/{denial.pk}/confirm_denial", {"reason": "到病房核对"})
    denial.refresh_from_db()
    assert denial.status == "confirmed"
    assert (
        "恢复办理"
        in as_user(cast.approver).get(f"/supervision/visits/{denial.pk}").content.decode()
    )


def test_what_was_told_stays(ward: Ward, wang: Person, cast: SimpleNamespace) -> None:
    denial = denied(cast, ward.admit(wang))
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitDenial.objects.filter(pk=denial.pk).update(told="别人")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_denied_while_it_is_settled(
    ward: Ward, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    """Whoever comes first: it is settled, and denied on the settlement, or stopped."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "100", "10"))
    left = ward.leave(visit)
    settled, told = at_once([lambda: ward.settle(left), lambda: denied(cast, visit)])
    assert isinstance(settled, Refusal) != isinstance(told, Refusal)
    row = Visit.objects.get(pk=visit.pk)
    assert (row.status, bool(row.stopped)) in [("settled", False), ("closed", True)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_denied_while_its_part_is_taken_back(
    ward: Ward, wang: Person, cast: SimpleNamespace, _round: int
) -> None:
    """Both take the settlement before the cover, so that neither waits for the other for ever: the
    visit is stopped, and the part falls or is found, and falls with its finding."""
    visit = ward.admit(wang)
    ward.bill(visit, charged("X01", "100", "10", day=2))
    part = ward.part(visit, 5)
    outcomes = at_once(
        [
            lambda: withdraw(actor=ward.clerk, settlement=part, reason="录错"),
            lambda: denied(cast, visit),
        ]
    )
    assert not [one for one in outcomes if isinstance(one, Refusal)]
    part.refresh_from_db()
    assert part.status == "withdrawn"
    assert Visit.objects.get(pk=visit.pk).stopped


def test_what_was_denied_and_is_entered_again_is_seen_and_not_paid(
    counter: Callable[..., Settlement], wang: Person, cast: SimpleNamespace
) -> None:
    """The hospital takes the denied stay of 1 to 9 March back and enters it from the 2nd: neither
    the reviewer nor the supervisor would know that he denied it. It is told beside the claim and on
    the supervisor's first page, and its payment waits. A stay of which the denial was dismissed, or
    another one, is none of that."""
    first = counter(wang, line("X01", "100", "10"))
    note_denial(actor=cast.clerk_a, settlement=first, told="本人持身份证到窗口说明")
    withdraw(actor=cast.hospital_clerk, settlement=first, reason="日期录错")
    again = counter(wang, line("X01", "100", "10"), visit=stay(date(2026, 3, 2), date(2026, 3, 9)))
    later = counter(wang, line("X01", "90", "10"), visit=stay(date(2026, 3, 12), date(2026, 3, 15)))
    screen_new_claims(area=cast.supervisor.division)
    (alert,) = Alert.objects.filter(rule="A24")
    assert (alert.settlement, alert.certainty, alert.status) == (again, "certain", "open")
    assert alert.finding == (
        "本人否认过 2026-03-01 至 2026-03-09 在大足县人民医院的就诊"
        f"（结算单 {first.number}，待核查），又录入 2026-03-02 至 2026-03-09 的就诊"
    )
    (waits,) = [one for one in WORK if one.title == "明确违规待核查"]
    assert alert in waits.rows(cast.supervisor)
    assert again.holds.filter(lifted_at=None).exists()
    assert not later.holds.filter(lifted_at=None).exists()


def test_a_stay_that_was_denied_and_is_registered_again_is_seen(
    ward: Ward, wang: Person, cast: SimpleNamespace
) -> None:
    visit = ward.admit(wang)
    handled(cast.supervisor, denied(cast, visit), "confirm_denial")
    cancel_registration(actor=ward.clerk, visit=visit, reason="查无此人")
    again = ward.admit(wang)
    ward.bill(again, charged("X01", "100", "10"))
    claim = ward.settle(ward.leave(again))
    screen_new_claims(area=cast.supervisor.division)
    alert = Alert.objects.get(rule="A24")
    assert alert.settlement == claim and "就诊登记，属实" in alert.finding
    # What he had told turns out to be wrong: whoever concludes on the alert lets it be paid.
    handle_alert(actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="核对病历签名")
    assert not claim.holds.filter(lifted_at=None).exists()
