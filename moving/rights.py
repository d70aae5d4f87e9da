"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED

RIGHTS = {"KeepingNote": ADDED}
