"""The way of a funding plan: made, checked by another, sent, answered by the bureau."""

from desk.workflow import REASON, START, STAY, Hand, Step, Workflow
from funds.plans.models import FundingPlan

Status = FundingPlan.Status
PLAN = "funds.plan"

PLANS = Workflow(
    FundingPlan,
    "funds",
    (
        Step("make_plan", START, Status.MADE, PLAN, "编制"),
        Step("change_plan", Status.MADE, STAY, PLAN, "修改计划"),
        Step(
            "check_plan",
            Status.MADE,
            Status.CHECKED,
            "funds.check_plan",
            "审核",
            Hand.OTHER,
            stamps=("checked_by", "checked_at"),
        ),
        Step(
            "send_plan_back",
            Status.CHECKED,
            Status.MADE,
            "funds.check_plan",
            "退回修改",
            reason=REASON,
        ),
        Step(
            "send_plan",
            Status.CHECKED,
            Status.SENT,
            PLAN,
            "报送财政",
            stamps=("sent_by", "sent_at"),
        ),
        Step("grant_plan", Status.SENT, Status.GRANTED, PLAN, "登记财政批复"),
        Step("refuse_plan", Status.SENT, Status.REFUSED, PLAN, "登记财政未批", reason=REASON),
        Step(
            "adjust_plan",
            (Status.SENT, Status.GRANTED),
            Status.MADE,
            PLAN,
            "调整计划",
            reason=REASON,
        ),
        Step(
            "withdraw_plan",
            (Status.MADE, Status.CHECKED, Status.SENT),
            Status.WITHDRAWN,
            PLAN,
            "撤回",
            reason=REASON,
        ),
    ),
    called=lambda row: "用款计划",
    hands=("made_by", "checked_by", "sent_by"),
    reason_column="reason",
    related=("book__area", "made_by", "checked_by", "sent_by"),
)
