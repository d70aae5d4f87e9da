"""The way of a publicity task: planned, reported as done; taken back or no longer asked for by who
plans."""

from desk.workflow import START, Step, Workflow, with_reason
from supervision.publicity.models import PublicityTask

S = PublicityTask.Status
PLAN, REPORT = "supervision.plan_publicity", "supervision.report_publicity"
TASKS = Workflow(
    PublicityTask,
    "supervision",
    (
        Step("plan_publicity", START, S.WAITING, PLAN, "列入计划"),
        Step(
            *("report_publicity", S.WAITING, S.DONE, REPORT, "上报完成"),
            stamps=("reported_by", "reported_at"),
        ),
        with_reason(
            *("return_publicity", S.DONE, S.WAITING, PLAN, "退回重报"),
            asks="哪里不对、要补什么",
        ),
        with_reason(
            *("drop_publicity", S.WAITING, S.DROPPED, PLAN, "不再要求"),
            asks="不再要求的原因",
        ),
    ),
    hands=("reported_by",),
    reason_column="note",
    related=("measure", "division"),
)
