"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import KEPT, Rights, may_change

COLUMNS = ("area_id", "year", "month", "edition", "requested_by_id", "figures", "sha256")
BULLETIN = (
    *("status", "number", "issued_on", "reason", "issued_by_id", "issued_at"),
    *("dropped_by_id", "dropped_at"),
)
RIGHTS = {
    "Bulletin": may_change(*BULLETIN),
    "MonthlyReport": Rights(sealed=COLUMNS, since="status = 'done'"),
    "Simulation": KEPT,
}
