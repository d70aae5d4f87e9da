"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, may_change
from desk.decisions import DECIDED, DECISION

RIGHTS = {
    "Client": KEPT,
    "DrugSale": ADDED,
    "InterfaceRule": may_change(*DECIDED, later=(DECISION,)),
    "PreCheck": may_change("reason", "reasoned_by", "reasoned_at"),
    # The digest is sealed anew when the portal's keys change.
    "Secret": may_change("digest", "last_at", "revoked_by_id", "revoked_at", "used_on"),
    "SettlementList": KEPT,
    "TraceCode": may_change("is_first", "told_at", "freed_by_id", "freed_at"),
    "VisitMark": ADDED,
}
