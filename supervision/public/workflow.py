"""The way of a posting: up, then down, or not put up at all; void where that was entered wrongly.
And of an objection: received, answered, closed by another than who answered it, or looked into once
more."""

from desk.workflow import START, Hand, Step, Workflow, with_reason
from supervision.public.models import Objection, Posting

POST, ANSWER, CLOSE = (
    "supervision.post_notice",
    "supervision.answer_objection",
    "supervision.close_objection",
)
P, O = Posting.Status, Objection.Status  # noqa: E741

POSTINGS = Workflow(
    Posting,
    "supervision",
    (
        Step("put_up_notice", START, P.UP, POST, "登记张贴"),
        Step("take_down_notice", P.UP, P.DOWN, POST, "登记撤下", stamps=("closed_by", "closed_at")),
        Step("skip_notice", START, P.SKIPPED, POST, "不张贴"),
        with_reason(
            *("void_posting", (P.UP, P.DOWN, P.SKIPPED), P.VOID, POST, "作废登记"),
            asks="登记错在哪里",
            stamp="voided",
        ),
    ),
    called=lambda row: "公示张贴",
    hands=("entered_by", "closed_by", "voided_by"),
    reason_column="reason",
    related=("division", "paper"),
)
OBJECTIONS = Workflow(
    Objection,
    "supervision",
    (
        Step("take_objection", START, O.RECEIVED, POST, "登记异议"),
        with_reason(
            *("answer_objection", O.RECEIVED, O.ANSWERED, ANSWER, "答复"),
            asks="答复的内容：查了什么、怎样处理",
            stamp="answered",
        ),
        Step(
            *("close_objection", O.ANSWERED, O.CLOSED, CLOSE, "办结"),
            hand=Hand.OTHER,
            stamps=("closed_by", "closed_at"),
        ),
        with_reason(
            *("reopen_objection", O.ANSWERED, O.RECEIVED, CLOSE, "退回再查"),
            asks="答复还缺什么",
            hand=Hand.OTHER,
        ),
    ),
    called=lambda row: f"公示异议 {row.pk} 号",
    hands=("received_by", "answered_by", "closed_by"),
    reason_column="answer",
    related=("division", "paper"),
)
