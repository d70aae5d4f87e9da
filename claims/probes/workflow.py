"""A finding is marked as meant, with reason and article, and the mark may be taken back."""

from claims.probes.models import Intended
from desk.workflow import REASON, START, Step, Workflow

MARKS = Workflow(
    Intended,
    "policies",
    (
        Step(
            "mark_finding",
            START,
            Intended.Status.STANDS,
            "policies.propose",
            "标明有意为之",
        ),
        Step(
            "unmark_finding",
            Intended.Status.STANDS,
            Intended.Status.TAKEN_BACK,
            "policies.propose",
            "撤回有意为之",
            reason=REASON,
            stamps=("taken_back_by", "taken_back_at"),
        ),
    ),
    called=lambda mark: f"“{mark.title}”",
    hands=("marked_by", "taken_back_by"),
    reason_column="taken_back_because",
    related=("area",),
)
