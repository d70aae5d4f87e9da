"""The way of a complaint, and of a reward for it."""

from desk.decisions import decision_flow
from desk.workflow import START, Step, Workflow, with_reason
from supervision.complaints.models import Complaint, Reward

S = Complaint.Status
HANDLE, DECIDE = "supervision.handle_complaint", "supervision.decide_reward"

COMPLAINTS = Workflow(
    Complaint,
    "supervision",
    (
        Step("take_complaint", START, S.RECEIVED, HANDLE, "登记"),
        Step(
            *("accept_complaint", S.RECEIVED, S.ACCEPTED, HANDLE, "受理"),
            stamps=("accepted_by", "accepted_at"),
        ),
        with_reason(
            *("reject_complaint", S.RECEIVED, S.REJECTED, HANDLE, "不予受理"),
            asks="不予受理的原因",
            stamp="answered",
        ),
        with_reason(
            *("answer_complaint", S.ACCEPTED, S.ANSWERED, HANDLE, "答复"),
            asks="答复的内容：查了什么、怎样处理",
            stamp="answered",
        ),
    ),
    called=lambda row: f"{row.number} ",
    hands=("received_by", "accepted_by", "answered_by"),
    reason_column="answer",
    related=("area",),
)
REWARDS = decision_flow(Reward, "supervision", "reward", related=("complaint__area",))
