"""Points are given by two people; what is asked back is answered by one and decided by another."""

from desk.decisions import decision_flow
from desk.workflow import START, Hand, Step, Workflow, by_another, with_reason
from institutions.points.models import PointAppeal, PointRecord, PointTerms

ASKS, DECIDES = "institutions.propose_points", "institutions.decide_points"
APPEALS = "institutions.appeal_points"
Status = PointAppeal.Status

TERMS = decision_flow(
    PointTerms, "institutions", "point_terms", asks=ASKS, decides=DECIDES, related=("area",)
)
RECORDS = decision_flow(
    PointRecord,
    "institutions",
    "points",
    asks=ASKS,
    decides=DECIDES,
    related=("practitioner__institution__division",),
)
APPEAL_WAY = Workflow(
    PointAppeal,
    "institutions",
    (
        Step("lodge_point_appeal", START, Status.LODGED, APPEALS, "申请减分"),
        Step(
            "withdraw_point_appeal", Status.LODGED, Status.WITHDRAWN, APPEALS, "撤回申请", Hand.OWN
        ),
        by_another(
            "answer_point_appeal",
            Status.LODGED,
            Status.ANSWERED,
            ASKS,
            "答复",
            stamp="answered",
        ),
        with_reason(
            "return_point_answer",
            Status.ANSWERED,
            Status.LODGED,
            DECIDES,
            "退回重新答复",
            asks="退回的原因",
            hand=Hand.OTHER,
        ),
        by_another(
            "decide_point_appeal",
            Status.ANSWERED,
            Status.DECIDED,
            DECIDES,
            "同意答复",
            stamp="decided",
        ),
    ),
    hands=("lodged_by", "answered_by", "decided_by"),
    reason_column="answer",
    related=("record__practitioner__institution__division",),
)
