"""The way of a proposal that two records are one person, and of its undoing."""

from desk.workflow import REASON, START, Hand, Step, Workflow
from enrollment.people.same_models import SamePerson

Status = SamePerson.Status

SAME = Workflow(
    SamePerson,
    "enrollment",
    (
        Step("propose_same", START, Status.PROPOSED, "enrollment.propose_same", "申请"),
        Step(
            "approve_same",
            Status.PROPOSED,
            Status.APPROVED,
            "enrollment.decide_change",
            "同意",
            Hand.OTHER,
            stamps=("decided_by",),
        ),
        Step(
            "refuse_same",
            Status.PROPOSED,
            Status.REFUSED,
            "enrollment.decide_change",
            "不同意",
            Hand.OTHER,
            reason=REASON,
            asks="不同意的原因",
            stamps=("decided_by",),
        ),
        Step(
            "withdraw_same",
            Status.PROPOSED,
            Status.WITHDRAWN,
            "enrollment.propose_same",
            "撤回",
            Hand.OWN,
        ),
    ),
    called=str,
    hands=("proposed_by", "decided_by"),
    reason_column="decision",
    related=("kept__household__division", "given_up__household__division"),
)
