"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import KEPT, Rights

WHAT_IS_ADOPTED = ("area_id", "version", "source", "sha256", "proposed_by_id", "adopted_by_id")
RIGHTS = {
    "Draft": KEPT,
    "Pack": Rights(
        sealed=(*WHAT_IS_ADOPTED, "adopted_at", "approval"), since="adopted_at IS NOT NULL"
    ),
    "Trial": KEPT,
}
