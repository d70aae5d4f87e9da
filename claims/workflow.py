"""The way of a settlement: who may move it from where to where.

The database guard of migration 0002 allows the same pairs and no others.
"""

from claims.models import Settlement
from desk.workflow import REASON, START, Hand, Step, Workflow

Status = Settlement.Status

SETTLEMENTS = Workflow(
    Settlement,
    "claims",
    (
        Step("drafted", START, Status.DRAFT, "claims.enter", "保存草稿"),
        Step("entered", START, Status.SUBMITTED, "claims.enter", "结算提交"),
        Step("resettled", START, Status.REVIEWED, "claims.review", "核减后重算", Hand.OTHER),
        Step("submitted", Status.DRAFT, Status.SUBMITTED, "claims.enter", "提交", Hand.OWN),
        Step("discarded", Status.DRAFT, Status.WITHDRAWN, "claims.enter", "作废草稿", Hand.OWN),
        Step(
            "withdrawn",
            Status.SUBMITTED,
            Status.WITHDRAWN,
            "claims.enter",
            "撤回",
            Hand.OWN,
            reason=REASON,
        ),
        Step(
            "reviewed",
            Status.SUBMITTED,
            Status.REVIEWED,
            "claims.review",
            "初审通过",
            Hand.OTHER,
            stamps=("reviewed_by", "reviewed_at"),
        ),
        Step("cut", Status.SUBMITTED, Status.WITHDRAWN, "claims.review", "核减", Hand.OTHER),
        Step(
            "returned",
            Status.SUBMITTED,
            Status.WITHDRAWN,
            "claims.review",
            "退回",
            Hand.OTHER,
            reason=REASON,
        ),
        Step(
            "approved",
            Status.REVIEWED,
            Status.APPROVED,
            "claims.approve",
            "复核通过",
            Hand.OTHER,
            stamps=("approved_by", "approved_at"),
        ),
        Step(
            "rejected",
            Status.REVIEWED,
            Status.WITHDRAWN,
            "claims.approve",
            "退回",
            Hand.OTHER,
            reason=REASON,
        ),
        Step(
            "stopped",
            Status.APPROVED,
            Status.WITHDRAWN,
            "claims.approve",
            "停止支付",
            reason=REASON,
        ),
        Step(
            "paid",
            Status.APPROVED,
            Status.PAID,
            "claims.pay",
            "支付",
            Hand.OTHER,
            stamps=("paid_by", "paid_at"),
        ),
    ),
    called=lambda settlement: f"结算单 {settlement.number} ",
    hands=("entered_by", "reviewed_by", "approved_by", "paid_by"),
    reason_column="withdrawn_reason",
    related=("division", "visit"),
)
