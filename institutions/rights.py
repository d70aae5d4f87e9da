"""What the application may do to the room's tables (accounts/rights.py)."""

from dataclasses import replace

from accounts.rights import KEPT, may_change
from desk.decisions import DECISION_KEPT

# What was sent never changes: another meaning is another mapping.
DECIDED = (
    *("status", "decided_by_id", "decided_at", "withdrawn_by_id", "withdrawn_at", "withdrawn_on"),
    "decision",
)
RIGHTS = {
    "CodeMapping": may_change(*DECIDED),
    "Department": KEPT,
    "Eligibility": replace(
        DECISION_KEPT,
        sealed=(*DECISION_KEPT.sealed, "practitioner_id", "state", "first_day", "last_day"),
    ),
}
