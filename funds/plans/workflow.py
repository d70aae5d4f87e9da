"""The way of a funding plan: made, checked by another, sent, answered by the bureau."""

from desk.workflow import START, STAY, Step, Workflow, by_another, with_reason
from funds.plans.models import FundingPlan

Status = FundingPlan.Status
PLAN = "funds.plan"

PLANS = Workflow(
    FundingPlan,
    "funds",
    (
        Step("make_plan", START, Status.MADE, PLAN, "编制"),
        Step("change_plan", Status.MADE, STAY, PLAN, "修改计划"),
        by_another(
            "check_plan", Status.MADE, Status.CHECKED, "funds.check_plan", "审核", stamp="checked"
        ),
        with_reason("send_plan_back", Status.CHECKED, Status.MADE, "funds.check_plan", "退回修改"),
        Step(
            "send_plan",
            Status.CHECKED,
            Status.SENT,
            PLAN,
            "报送财政",
            stamps=("sent_by", "sent_at"),
        ),
        Step("grant_plan", Status.SENT, Status.GRANTED, PLAN, "登记财政批复"),
        with_reason("refuse_plan", Status.SENT, Status.REFUSED, PLAN, "登记财政未批"),
        with_reason("adjust_plan", (Status.SENT, Status.GRANTED), Status.MADE, PLAN, "调整计划"),
        with_reason(
            "withdraw_plan",
            (Status.MADE, Status.CHECKED, Status.SENT),
            Status.WITHDRAWN,
            PLAN,
            "撤回",
        ),
    ),
    called=lambda row: "用款计划",
    hands=("made_by", "checked_by", "sent_by"),
    reason_column="reason",
    related=("book__area", "made_by", "checked_by", "sent_by"),
)
