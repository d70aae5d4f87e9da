"""The way of an assessment: nobody reviews or decides what he scored."""

from desk.decisions import decision_flow
from desk.workflow import START, STAY, Hand, Step, Workflow, by_another, with_reason
from supervision.assessment.models import Assessment, FormAdoption

Status = Assessment.Status
ASSESS = "supervision.assess"
REVIEW = "supervision.review_assessment"
DECIDE = "supervision.decide_assessment"
OWN = "supervision.self_assess"

ADOPTIONS = decision_flow(
    FormAdoption, "supervision", "form", asks=ASSESS, decides=DECIDE, related=("area",)
)
ASSESSMENTS = Workflow(
    Assessment,
    "supervision",
    (
        Step("open_assessment", START, Status.OPEN, ASSESS, "发起考核"),
        Step(
            "self_assess",
            Status.OPEN,
            Status.SELF_SCORED,
            OWN,
            "提交自评",
            stamps=("self_by", "self_at"),
        ),
        Step(
            "score_assessment",
            (Status.OPEN, Status.SELF_SCORED),
            Status.SCORED,
            ASSESS,
            "提交考核",
            stamps=("scored_by", "scored_at"),
        ),
        with_reason(
            "return_assessment",
            Status.SCORED,
            Status.SELF_SCORED,
            REVIEW,
            "退回重新考核",
            asks="退回的原因",
            hand=Hand.OTHER,
        ),
        by_another(
            "publish_assessment", Status.SCORED, Status.PUBLISHED, REVIEW, "复核并公布",
            stamp="reviewed",
        ),
        with_reason(
            "appeal_assessment",
            Status.PUBLISHED,
            Status.APPEALED,
            OWN,
            "提出申诉",
            asks="申诉的理由",
            stamp="appealed",
        ),
        Step(
            "answer_assessment",
            Status.APPEALED,
            Status.ANSWERED,
            ASSESS,
            "答复申诉",
            stamps=("answered_by", "answered_at"),
        ),
        with_reason(
            "return_assessment_answer",
            Status.ANSWERED,
            Status.APPEALED,
            DECIDE,
            "退回重新答复",
            asks="退回的原因",
            hand=Hand.OTHER,
        ),
        by_another(
            "decide_assessment", Status.ANSWERED, Status.FINAL, DECIDE, "决定申诉",
            stamp="finished",
        ),
        Step("finish_assessment", Status.PUBLISHED, Status.FINAL, ASSESS, "期满确定"),
        # An authority above or a court found otherwise once it was final.
        with_reason(
            "reopen_assessment",
            Status.FINAL,
            Status.APPEALED,
            ASSESS,
            "按复议、判决重新核定",
            asks="复议或判决的文号和理由",
        ),
        Step("propose_deposit", Status.FINAL, STAY, ASSESS, "提出保证金返还"),
        Step("grade_assessment", Status.FINAL, STAY, ASSESS, "提出信用等级"),
    ),
    hands=(
        "opened_by",
        "self_by",
        "scored_by",
        "reviewed_by",
        "appealed_by",
        "answered_by",
        "finished_by",
    ),
    reason_column="reason",
    related=("institution__division", "adoption__area"),
)  # fmt: skip
