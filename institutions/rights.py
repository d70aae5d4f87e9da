"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import KEPT, may_change

# What was sent never changes: another meaning is another mapping.
DECIDED = (
    *("status", "decided_by_id", "decided_at", "withdrawn_by_id", "withdrawn_at", "withdrawn_on"),
    "decision",
)
RIGHTS = {"CodeMapping": may_change(*DECIDED), "Department": KEPT}
