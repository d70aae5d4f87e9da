"""A finding is marked as meant, with reason and article, and the mark may be taken back."""

from claims.probes.models import Intended
from desk.workflow import START, Step, Workflow, with_reason

MARKS = Workflow(
    Intended,
    "policies",
    (
        Step("mark_finding", START, Intended.Status.STANDS, "policies.propose", "标明有意为之"),
        with_reason(
            "unmark_finding",
            Intended.Status.STANDS,
            Intended.Status.TAKEN_BACK,
            "policies.propose",
            "撤回有意为之",
            stamp="taken_back",
        ),
    ),
    called=lambda mark: f"“{mark.title}”",
    hands=("marked_by", "taken_back_by"),
    reason_column="taken_back_because",
    related=("area",),
)
