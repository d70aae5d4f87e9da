"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, may_change

DECIDED = ("status", "handled_by_id", "handled_at", "released_by_id", "released_at", "conclusion")
RIGHTS = {"Alert": KEPT, "Extract": KEPT, "Screening": ADDED, "VisitDenial": may_change(*DECIDED)}
