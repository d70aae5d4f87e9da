"""One finding is set apart from its event (分出): it is true and the rest is not, or the other way
round. From then on it is an alert of its own, which nothing joins any more."""

from collections.abc import Sequence

from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.paying.models import PaymentHold
from claims.paying.services import hold_payment
from desk.changes import all_or_nothing, change
from supervision.grouping import event_of, first_of, seen_of
from supervision.models import Alert
from supervision.reviewing.models import AlertReview
from supervision.services import held_bills, source_of
from supervision.workflow import ALERTS

CHANGED = "这组疑点刚有变化，请刷新后再分出"
SPLIT = "supervision.split_alert"


@all_or_nothing()
def split_alert(*, actor: User, alert: Alert, reason: str, seen: str | None = None) -> Alert:
    """Before anybody gave an opinion. `seen`: which findings the page showed. Where it led, another
    finding of the event leads it from now on, until the same day. Raises Refusal.

    What was held by one of them stays held until both are concluded on.
    """
    head = Alert.objects.values_list("lead", flat=True).get(pk=alert.pk) or alert.pk
    held = held_bills(Alert.objects.of_event(head))
    lead = ALERTS.lock(head)
    event = event_of(lead)
    found = next((one for one in event if one.pk == alert.pk), None)
    if lead.lead_id is not None or found is None or seen not in {None, seen_of(event)}:
        raise Refusal(CHANGED)
    if not held.issuperset(one.settlement_id for one in event):
        raise Refusal(CHANGED)
    reason = ALERTS.check(lead, "split_alert", actor, reason)
    if lead.reviews.exclude(status__in=AlertReview.OVER).exists():
        raise Refusal("这组疑点已经初审，不能再分出；请由复审退回后再分")
    rest = [one for one in event if one.pk != found.pk]
    if not rest:
        raise Refusal("这条疑点没有并入别的疑点，不需要分出")
    _hold_both(actor, [found], rest)
    if found.lead_id is None:
        _lead_on(rest, found)
    return _apart(actor, found, reason)


def _lead_on(rest: Sequence[Alert], before: Alert) -> None:
    """The event without what led it: the next is due when the event was."""
    head = first_of(rest)
    # First itself: an alert is no member of one that is a member.
    Alert.objects.filter(pk=head.pk).update(lead=None, due_on=before.due_on)
    others = [one.pk for one in rest if one.pk != head.pk]
    Alert.objects.filter(pk__in=others).update(lead=head)


def _apart(actor: User, found: Alert, reason: str) -> Alert:
    frame = change(
        Alert.objects.select_related("division"), found.pk, actor=actor, action=SPLIT, reason=reason
    )
    with frame as row:
        row.lead, row.split_because = None, reason
        row.split_by, row.split_at = actor, timezone.now()
    return row


def _hold_both(actor: User, *sides: Sequence[Alert]) -> None:
    """A settlement on which both sides found something, and of which one holds the payment, is
    held by the other, too: as long as either is open nothing is paid."""
    one, other = sides
    shared = {alert.settlement_id for alert in one} & {alert.settlement_id for alert in other}
    # By the source alone: what was settled anew is held in the place of the settlement.
    standing = PaymentHold.objects.standing().filter(
        source__in=[source_of(alert) for side in sides for alert in side]
    )
    held = set(standing.values_list("source", flat=True))
    for pk in sorted(shared):
        mine = [[alert for alert in side if alert.settlement_id == pk] for side in sides]
        holding = [[alert for alert in side if source_of(alert) in held] for side in mine]
        for side, by in zip(mine, holding, strict=True):
            if any(holding) and not by:
                hold_payment(
                    actor=actor,
                    settlement=side[0].settlement,
                    source=source_of(side[0]),
                    reason=side[0].rule_title,
                )
