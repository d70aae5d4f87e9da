"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import KEPT, may_change

RIGHTS = {
    "Client": KEPT,
    # The digest is sealed anew when the portal's keys change.
    "Secret": may_change("digest", "last_at", "revoked_by_id", "revoked_at", "used_on"),
}
