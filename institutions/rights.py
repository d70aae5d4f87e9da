"""What the application may do to the room's tables (accounts/rights.py)."""

from dataclasses import replace

from accounts.rights import KEPT, Seal, may_change
from desk.decisions import DECIDED as DECISION_DECIDED
from desk.decisions import DECISION, DECISION_KEPT

# What was sent never changes: another meaning is another mapping.
DECIDED = (
    *("status", "decided_by_id", "decided_at", "withdrawn_by_id", "withdrawn_at", "withdrawn_on"),
    "decision",
)
# What was asked back of points is answered, perhaps anew, and decided once.
APPEAL = (
    *("points_back", "answer", "answered_by_id", "answered_at", "decided_by_id", "decided_at"),
    "decided_on",
)
APPEAL_ENDED = Seal("decided", ("status", *APPEAL), "status = 'decided'")
RIGHTS = {
    "AgreementStep": replace(
        DECISION_KEPT,
        sealed=(*DECISION_KEPT.sealed, "agreement_id", "state", "first_day", "last_day"),
    ),
    "RegistryChange": replace(
        DECISION_KEPT,
        sealed=(
            *DECISION_KEPT.sealed,
            *("institution_id", "column", "was", "becomes", "first_day"),
        ),
    ),
    "Signing": replace(
        DECISION_KEPT,
        sealed=(
            *DECISION_KEPT.sealed,
            *("institution_id", "number", "first_day", "last_day", "terms"),
        ),
    ),
    "BankAccount": replace(
        DECISION_KEPT,
        sealed=(
            *DECISION_KEPT.sealed,
            *("institution_id", "holder", "bank", "account_index", "first_day"),
        ),
    ),
    "TrustBands": may_change(*DECISION_DECIDED, later=(DECISION,)),
    "TrustGrade": may_change(*DECISION_DECIDED, later=(DECISION,)),
    "PracticePlace": replace(
        DECISION_KEPT,
        sealed=(
            *DECISION_KEPT.sealed,
            *("practitioner_id", "institution_id", "first_day", "last_day"),
        ),
    ),
    "CodeMapping": may_change(*DECIDED),
    "Department": KEPT,
    "Eligibility": replace(
        DECISION_KEPT,
        sealed=(*DECISION_KEPT.sealed, "practitioner_id", "state", "first_day", "last_day"),
    ),
    "PointAppeal": may_change("status", *APPEAL, "effect_id", later=(APPEAL_ENDED,)),
    "PointRecord": may_change(*DECISION_DECIDED, "appeal_by", "effect_id", later=(DECISION,)),
    "PointTerms": may_change(*DECISION_DECIDED, later=(DECISION,)),
}
