"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, may_change

RIGHTS = {"AccessCheck": ADDED, "Counter": KEPT, "Paper": may_change("facts"), "RowSeal": ADDED}
