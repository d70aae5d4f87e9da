"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import KEPT, Rights

COLUMNS = ("area_id", "year", "month", "edition", "requested_by_id", "figures", "sha256")
RIGHTS = {
    "MonthlyReport": Rights(sealed=COLUMNS, since="status = 'done'"),
    "Simulation": KEPT,
}
