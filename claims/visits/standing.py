"""What becomes of a visit when its settlement is taken back."""

from accounts.models import User
from claims.models import Settlement, Visit
from claims.visits.parts import standing_parts
from claims.visits.workflow import VISITS

Status = Visit.Status


def step_back(settlement: Settlement, *, actor: User, reason: str) -> None:
    """The settlement is withdrawn; the caller holds the cover.

    A registered visit gets its lines back and waits to be settled anew, a stay that was settled in
    between goes back to the day of the part before. What was entered together with its settlement
    is void: its correction is an entry of its own.
    """
    visit = settlement.visit
    if not visit.is_registered:
        if visit.status != Status.VOID:
            VISITS.take(visit, "visit_voided", actor=actor, reason=reason)
        return
    settlement.bill_lines().update(part=None)
    if settlement.charged_to is None:
        VISITS.take(visit, "visit_reopened", actor=actor, reason=reason)
    elif visit.status == Status.OPEN:
        left = standing_parts(visit)
        visit.ends = left[-1].charged_to if left else None
        visit.save(update_fields=["ends"])
