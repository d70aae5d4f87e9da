"""Writes: a visit registered, its bill in batches, discharged and settled; each of them undone.

The pages and the hospital interface call the same; none of them knows a request. A settlement is
taken back by `claims.services.withdraw` and its like, the last part first.
"""

from claims.visits.services.billing import (
    add_lines,
    withdraw_all,
    withdraw_batch,
    withdraw_lines,
)
from claims.visits.services.registering import (
    cancel_registration,
    change_registration,
    discharge,
    facts_of,
    register_visit,
    undo_discharge,
)
from claims.visits.services.settling import (
    may_recall,
    pre_settle,
    recall,
    settle,
    settle_interim,
)
from claims.visits.services.together import settle_day

__all__ = [
    "add_lines",
    "cancel_registration",
    "change_registration",
    "discharge",
    "facts_of",
    "may_recall",
    "pre_settle",
    "recall",
    "register_visit",
    "settle",
    "settle_day",
    "settle_interim",
    "undo_discharge",
    "withdraw_all",
    "withdraw_batch",
    "withdraw_lines",
]
