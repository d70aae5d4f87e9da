"""What claims that the old system left unpaid answer when payments are made
(funds/payments/rooms.py). Nobody gives them up: what the bank gave back is paid again."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.urls import reverse

from claims.unpaid.models import KEY, OldClaim
from claims.unpaid.workflow import OLD_CLAIM_FLOW
from funds.payments.rooms import Obstacle, OwnRows, ids_of

Status = OldClaim.Status

PAYING = OwnRows(
    KEY, OldClaim.objects.select_related("person", "division"), OLD_CLAIM_FLOW, "pay_old_claim"
)
sent = PAYING.sent


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Locks the claims, in the order of their key. One that is paid came back from the bank."""
    for row in PAYING.held(keys):
        if row.status not in (Status.OWED, Status.PAID):
            words = f"{row}现为“{row.get_status_display()}”，不能支付"
            yield Obstacle(f"{KEY}{row.pk}", words)


def place(key: str) -> str:
    """The page of the claim."""
    ids = ids_of([key], KEY)
    return reverse("claims:old_claim", args=ids) if ids else ""
