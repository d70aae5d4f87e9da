"""One finding of an event is true and another is not: they are set apart and handled by themselves.

王建国 left 永兴医院 on 10 March and came back on the 15th: A11 on both stays and A05 on the second,
one event. Each stay has 2 400.00 of the fund.
"""

from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import AuditLine, Division
from claims.deciding.models import Screened
from claims.models import Settlement
from claims.paying.models import PaymentHold
from supervision.grouping import event_of, seen_of, stake
from supervision.models import Alert, AlertReview
from supervision.reviewing.services import review_alert, step_review
from supervision.services import handle_alert, screen_new_claims
from supervision.splitting import split_alert
from tests.at_once import at_once
from tests.supervision.test_alert_events import ON, found_twice, head, stays

__all__ = ["stays"]
pytestmark = pytest.mark.django_db
WHY = "同日两张发票确系两人，其他发现另查"


def apart(cast: Any, alert: Alert, **more: Any) -> Alert:
    return split_alert(actor=cast.supervisor, alert=alert, reason=WHY, **more)


def dismissed(cast: Any, alert: Alert, event: str = "dismiss_alert") -> None:
    review = review_alert(actor=cast.supervisor, alert=alert, event=event, reason="病历齐全", on=ON)
    step_review(actor=cast.approver, row=review, event="agree_review", on=ON)


def reread(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def stake_of(alert: Alert) -> str:
    return f"{Alert.objects.annotate(stake=stake()).get(pk=alert.pk).stake:.2f}"


def test_a_member_is_handled_by_itself(stays: Any, cast: Any, as_user: Any) -> None:
    """A11 of the second stay is dismissed, the two others stay open: the page, the list and the
    money say so."""
    lead = head()
    member = Alert.objects.get(rule="A11", settlement=stays[1])
    assert member.lead_id == lead.pk
    client = as_user(cast.supervisor)
    page = client.get(reverse("supervision:alert", args=[lead.pk]))
    assert page.content.decode().count("分出，单独审核") == 3
    told = client.post(
        reverse("supervision:split_alert", args=[member.pk]),
        {"reason": WHY, "seen": page.context["seen"]},
        follow=True,
    ).content.decode()
    assert "已分出“A11" in told and f"从同一事件的疑点中分出：{WHY}" in told
    assert "分出，单独审核" not in told  # alone there is nothing to set apart
    assert event_of(reread(member)) == [member] and len(event_of(lead)) == 2
    assert (stake_of(lead), stake_of(member)) == ("4800.00", "2400.00")
    dismissed(cast, member)
    assert {(one.rule, one.status) for one in Alert.objects.all()} == {
        ("A05", "open"), ("A11", "open"), ("A11", "dismissed"),
    }  # fmt: skip
    assert [words[:3] for words in Screened.objects.get(settlement=stays[1]).open] == ["A05"]
    line = AuditLine.objects.get(action="supervision.split_alert")
    assert (line.reason, line.subject_id, line.before["lead_id"], line.after["lead_id"]) == (
        WHY, str(member.pk), lead.pk, None,
    )  # fmt: skip


def test_where_the_leading_one_is_set_apart_the_next_leads_until_the_same_day(
    stays: Any, cast: Any
) -> None:
    before = head()
    members = [one for one in event_of(before) if one.pk != before.pk]
    apart(cast, before)
    after = reread(members[0])
    assert (after.lead_id, after.due_on) == (None, before.due_on)
    assert event_of(after) == members and event_of(reread(before)) == [before]


def test_the_payment_stands_until_both_are_settled(stays: Any, cast: Any) -> None:
    """Paid twice (A02) holds the second stay. Set apart and dismissed it would free the money while
    A05 and A11 of the same stay are open: they hold it in their own name, and the last of them
    frees it. The first stay was never held."""
    certain = found_twice(stays[1])
    assert PaymentHold.objects.standing().count() == 1
    apart(cast, certain)
    assert [one.holds.standing().count() for one in stays] == [0, 2]
    dismissed(cast, certain)
    assert [one.holds.standing().count() for one in stays] == [0, 1]
    dismissed(cast, head_of_rest(certain))
    assert not PaymentHold.objects.standing().exists()
    assert set(Alert.objects.values_list("status", flat=True)) == {"dismissed"}


def test_the_other_way_round_too(stays: Any, cast: Any) -> None:
    """A05 of the held stay is set apart and dismissed first; A02 is confirmed: it stays held."""
    certain = found_twice(stays[1])
    member = apart(cast, Alert.objects.get(rule="A05"))
    assert stays[1].holds.standing().count() == 2
    handle_alert(actor=cast.supervisor, alert=certain, event="confirm_alert", reason="发票重复")
    dismissed(cast, member)
    held = stays[1].holds.standing().values_list("source", flat=True)
    assert f"alert:{certain.pk}" in held and f"alert:{member.pk}" not in held


def test_nothing_joins_what_was_set_apart(stays: Any, cast: Any, county: Division) -> None:
    """What is found later on the same stay belongs to the rest."""
    member = apart(cast, Alert.objects.get(rule="A05"))
    with override_settings(TODAY=ON):
        certain = found_twice(stays[1])
        screen_new_claims(area=county)
    assert event_of(reread(member)) == [member]
    assert head_of_rest(member).pk == certain.pk and len(event_of(certain)) == 3


def head_of_rest(member: Alert) -> Alert:
    return Alert.objects.leading().exclude(pk=member.pk).get()


def test_what_is_refused(stays: Any, cast: Any, as_user: Any) -> None:
    lead = head()
    member = Alert.objects.get(rule="A05")
    with pytest.raises(Refusal, match="分出的原因"):
        split_alert(actor=cast.supervisor, alert=member, reason=" ")
    with pytest.raises(Refusal, match="您的角色不能办理"):
        split_alert(actor=cast.approver, alert=member, reason=WHY)
    seen = seen_of(event_of(lead))
    found_twice(stays[1])
    with pytest.raises(Refusal, match="刚有变化"):
        apart(cast, member, seen=seen)
    now = head()
    review = review_alert(
        actor=cast.supervisor, alert=now, event="dismiss_alert", reason="病历齐全", on=ON
    )
    with pytest.raises(Refusal, match="已经初审，不能再分出"):
        apart(cast, member)
    # The second hand sends it back because it is two things: then it may be set apart.
    step_review(
        actor=cast.approver, row=review, event="return_review", on=ON, reason="其中一项属实"
    )
    apart(cast, member)
    with pytest.raises(Refusal, match="没有并入别的疑点"):
        apart(cast, member)
    assert as_user(cast.reviewer).post(
        reverse("supervision:split_alert", args=[lead.pk]), {"reason": WHY}
    ).status_code == 403  # fmt: skip


def test_who_concludes_on_what_was_shown_before_is_asked_again(stays: Any, cast: Any) -> None:
    lead = head()
    seen = seen_of(event_of(lead))
    apart(cast, Alert.objects.get(rule="A05"))
    with pytest.raises(Refusal, match="分出了一项"):
        review_alert(
            actor=cast.supervisor, alert=lead, event="dismiss_alert", reason="病历齐全", on=ON,
            seen=seen,
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_set_apart_while_it_is_reviewed(
    stays: tuple[Settlement, Settlement], cast: Any, _round: int
) -> None:
    """Whoever comes first: an opinion is about what its page showed, or none is given. The leading
    finding is set apart, or one under it."""
    lead = head()
    member = event_of(lead)[_round]
    seen = seen_of(event_of(lead))

    def opinion() -> AlertReview:
        return review_alert(
            actor=cast.supervisor, alert=lead, event="dismiss_alert", reason="病历齐全", on=ON,
            seen=seen,
        )  # fmt: skip

    reviewed, split = at_once([opinion, lambda: apart(cast, member, seen=seen)])
    assert isinstance(reviewed, Refusal) != isinstance(split, Refusal), (reviewed, split)
    alone = len(event_of(reread(member))) == 1
    assert alone == isinstance(reviewed, Refusal)
    assert AlertReview.objects.count() == int(not alone)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_two_are_set_apart_at_once(
    stays: tuple[Settlement, Settlement], cast: Any, _round: int
) -> None:
    """The leading one and a member: nobody is left under a finding that left the event."""
    first, second = event_of(head())[:2]
    at_once([lambda: apart(cast, first), lambda: apart(cast, second)])
    for one in Alert.objects.select_related("lead"):
        assert one.lead is None or (one.lead.lead_id is None and one.lead.split_by_id is None)
    assert sum(len(event_of(one)) for one in Alert.objects.leading()) == Alert.objects.count()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_set_apart_while_more_is_found(stays: tuple[Settlement, Settlement], cast: Any) -> None:
    member = Alert.objects.get(rule="A05")
    at_once([lambda: found_twice(stays[1]), lambda: apart(cast, member)])
    member = reread(member)
    certain = Alert.objects.get(rule="A02")
    was_apart = member.split_by_id is not None
    if not was_apart:  # found at the same moment: the event had changed, and is looked at anew
        apart(cast, member)
    assert event_of(reread(member)) == [member]
    held = stays[1].holds.standing().values_list("source", flat=True)
    assert f"alert:{certain.pk}" in held and (was_apart or len(held) == 2)
