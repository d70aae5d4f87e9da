"""The ways of a checklist, a sweep, an inspection and an order to put things right."""

from desk.decisions import decision_flow
from desk.workflow import START, Step, Workflow, by_another, with_reason
from supervision.inspections.models import (
    Checklist,
    Inspection,
    Sweep,
)
from supervision.inspections.order_models import (
    Order,
)

PLANS = "supervision.plan_inspections"
FILLS = "supervision.fill_inspection"

CHECKLISTS = decision_flow(Checklist, "supervision", "checklist", asks=PLANS, related=("area",))

Stage = Sweep.Status
SWEEPS = Workflow(
    Sweep,
    "supervision",
    (
        Step("plan_sweep", START, Stage.PLANNED, PLANS, "制定检查活动"),
        Step("begin_self_check", Stage.PLANNED, Stage.SELF_CHECK, PLANS, "开始自查"),
        Step(
            "begin_visits",
            (Stage.PLANNED, Stage.SELF_CHECK),
            Stage.ON_SITE,
            PLANS,
            "进入现场检查",
        ),
        Step("begin_summary", Stage.ON_SITE, Stage.SUMMARY, PLANS, "进入总结"),
        with_reason(
            "close_sweep",
            Stage.SUMMARY,
            Stage.CLOSED,
            PLANS,
            "结束检查活动",
            asks="总结：查了多少家、主要问题、整改情况、下步打算",
            stamp="closed",
        ),
        with_reason(
            "cancel_sweep",
            (Stage.PLANNED, Stage.SELF_CHECK),
            Stage.CANCELLED,
            PLANS,
            "取消检查活动",
            asks="取消的原因",
            stamp="closed",
        ),
    ),
    hands=("planned_by", "closed_by"),
    reason_column="summary",
    related=("area", "checklist"),
)

State = Inspection.Status
INSPECTIONS = Workflow(
    Inspection,
    "supervision",
    (
        Step("arrange_inspection", START, State.PLANNED, PLANS, "安排检查"),
        # With the first answer that arrives: in a clinic without a network nobody presses a button.
        Step(
            "open_inspection",
            State.PLANNED,
            State.OPEN,
            FILLS,
            "开始检查",
            stamps=("opened_by", "opened_at"),
        ),
        Step(
            "finish_inspection",
            State.OPEN,
            State.DONE,
            FILLS,
            "完成检查",
            stamps=("finished_by", "finished_at"),
        ),
        with_reason(
            "cancel_inspection",
            (State.PLANNED, State.OPEN),
            State.CANCELLED,
            PLANS,
            "取消检查",
            asks="取消的原因",
        ),
    ),
    called=lambda row: row.get_kind_display(),
    hands=("arranged_by", "opened_by", "finished_by"),
    reason_column="remark",
    related=("place__institution__division", "place__sweep__checklist", "of_order"),
)

Mending = Order.Status
ORDERS = Workflow(
    Order,
    "supervision",
    (
        Step("issue_order", START, Mending.ISSUED, "supervision.inspect", "下达整改通知书"),
        Step("answer_order", Mending.ISSUED, Mending.ANSWERED, "supervision.rectify", "回复整改"),
        # On paper, by who has no login.
        Step(
            "enter_reply",
            Mending.ISSUED,
            Mending.ANSWERED,
            "supervision.hear_party",
            "代录整改回复",
        ),
        by_another(
            "verify_order",
            Mending.ANSWERED,
            Mending.VERIFIED,
            "supervision.verify_rectification",
            "整改到位，销号",
            stamp="verified",
        ),
        Step(
            "send_order_back",
            Mending.ANSWERED,
            Mending.ISSUED,
            "supervision.verify_rectification",
            "整改不到位，退回",
        ),
    ),
    hands=("issued_by", "verified_by"),
    related=("inspection__place__institution__division", "inspection__place__sweep"),
)
