"""The way of a bulletin: one drafts it, another issues it or does not."""

from desk.workflow import START, Hand, Step, Workflow, with_reason
from reports.bulletins.models import Bulletin

S = Bulletin.Status
DRAFT, ISSUE = "reports.draft_bulletin", "reports.issue_bulletin"
BULLETINS = Workflow(
    Bulletin,
    "reports",
    (
        Step("draft_bulletin", START, S.DRAFT, DRAFT, "拟稿"),
        Step(
            *("issue_bulletin", S.DRAFT, S.ISSUED, ISSUE, "签发"),
            hand=Hand.OTHER,
            stamps=("issued_by", "issued_at"),
        ),
        with_reason(
            *("drop_bulletin", S.DRAFT, S.DROPPED, ISSUE, "不发"),
            asks="不发的原因、要改什么",
            stamp="dropped",
        ),
        with_reason(
            *("withdraw_bulletin", S.DRAFT, S.DROPPED, DRAFT, "撤回"),
            asks="撤回的原因",
            stamp="dropped",
            hand=Hand.OWN,
        ),
    ),
    hands=("drafted_by", "issued_by", "dropped_by"),
    reason_column="reason",
    related=("area",),
)
