"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, may_change
from desk.decisions import DECIDED, DECISION

# Asked by one and decided by another, for ever.
TWO = may_change(*DECIDED, later=(DECISION,))
RIGHTS = {
    "Comparison": TWO,
    "ComparisonLine": ADDED,
    "Established": ADDED,
    "KeepingNote": ADDED,
    "MovedIn": TWO,
}
