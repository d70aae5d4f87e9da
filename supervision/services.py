"""Screening of settled claims, and what the supervisor concludes about an alert."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Division, User
from claims.models import Settlement
from desk.changes import all_or_nothing
from supervision.gathering import Batch, gather, unscreened
from supervision.models import Alert, Screening
from supervision.rules import SCREENS, Hit
from supervision.workflow import ALERTS


@transaction.atomic
def screen_new_claims(*, area: Division, most: int = 2000) -> int:
    """Look at up to `most` submitted settlements of the area that nobody has looked at yet.

    Adds the alerts they give rise to and marks them as screened. Returns how many were looked
    at; 0 says that screening is up to date. The last call of a run (fewer than `most` were left)
    also goes through all claims of the dead, since deaths become known later than claims. A
    constant number of statements whatever `most`; safe to run twice at once.
    """
    batch = Batch.of(area, unscreened(area).order_by("pk")[:most])
    new = batch.claims
    known, given = gather(batch, ends_run=len(new) < most)
    screens = [screen for screen in SCREENS if screen.rule.needs <= given]
    _add_alerts(hit for screen in screens for hit in screen.find(new, known))
    # In the transaction of the alerts: a run that dies leaves its claims to be looked at again.
    Screening.objects.bulk_create(
        [Screening(settlement_id=claim.settlement) for claim in new], ignore_conflicts=True
    )
    return len(new)


@all_or_nothing()
def handle_alert(*, actor: User, alert: Alert, event: str, reason: str) -> Alert:
    """Confirm or dismiss an alert (an event of `ALERTS`) with a conclusion in words, once."""
    return ALERTS.move(alert.pk, event, actor=actor, reason=reason)


def _add_alerts(hits: Iterable[Hit]) -> None:
    """One alert per rule and settlement; what is already there stays as it is."""
    found = {(hit.rule, hit.settlement): hit for hit in hits}
    if not found:
        return
    divisions = dict(
        Settlement.objects.filter(pk__in=[hit.settlement for hit in found.values()])
        .order_by()
        .values_list("pk", "division_id")
    )
    # The constraint over rule and settlement decides between two runs at once; the later gives way.
    Alert.objects.bulk_create(
        [
            Alert(
                rule=hit.rule,
                certainty=hit.certainty,
                settlement_id=hit.settlement,
                division_id=divisions[hit.settlement],
                finding=hit.finding,
            )
            for hit in found.values()
        ],
        ignore_conflicts=True,
    )
