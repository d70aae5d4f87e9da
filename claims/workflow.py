"""The way of a settlement: who may move it from where to where.

The database guard of migration 0035 allows the same pairs and no others.
"""

from claims.models import Settlement
from desk.workflow import PORTAL, REASON, START, STAY, Hand, Step, Workflow, by_another, with_reason

Status = Settlement.Status

SETTLEMENTS = Workflow(
    Settlement,
    "claims",
    (
        Step("drafted", START, Status.DRAFT, "claims.enter", "保存草稿"),
        Step("entered", START, Status.SUBMITTED, "claims.enter", "结算提交"),
        Step("resettled", START, Status.REVIEWED, "claims.review", "核减后重算", Hand.OTHER),
        # Because one settled before it fell: the portal's own steps (claims/dependence).
        Step("recomputed", START, Status.SUBMITTED, PORTAL, "随前一笔重算"),
        Step(
            "overtaken",
            (Status.SUBMITTED, Status.REVIEWED, Status.APPROVED, Status.NOTHING_DUE),
            Status.WITHDRAWN,
            PORTAL,
            "前一笔变动，撤回重算",
        ),
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
        by_another(
            "reviewed",
            Status.SUBMITTED,
            Status.REVIEWED,
            "claims.review",
            "初审通过",
            stamp="reviewed",
        ),
        Step("cut", Status.SUBMITTED, Status.WITHDRAWN, "claims.review", "核减", Hand.OTHER),
        with_reason(
            "returned", Status.SUBMITTED, Status.WITHDRAWN, "claims.review", "退回", hand=Hand.OTHER
        ),
        by_another(
            "refused",
            Status.SUBMITTED,
            Status.REFUSED,
            "claims.review",
            "不予支付",
            stamp="reviewed",
        ),
        # One of several that the county's rules ask for; the last of them is "approved".
        Step(
            "agreed", Status.REVIEWED, STAY, "claims.approve", "复核同意，待下一人复核", Hand.OTHER
        ),
        by_another(
            "approved",
            Status.REVIEWED,
            Status.APPROVED,
            "claims.approve",
            "复核通过",
            stamp="approved",
        ),
        by_another(
            "denied",
            Status.REVIEWED,
            Status.REFUSED,
            "claims.approve",
            "不予支付（复核）",
            stamp="approved",
        ),
        with_reason(
            "reopened",
            Status.REFUSED,
            Status.WITHDRAWN,
            "claims.approve",
            "申诉成立，撤销不予支付",
            asks="申诉和核实的情况",
            hand=Hand.OTHER,
        ),
        with_reason(
            "sent_back",
            Status.REVIEWED,
            Status.SUBMITTED,
            "claims.approve",
            "退回初审",
            hand=Hand.OTHER,
        ),
        with_reason(
            "rejected", Status.REVIEWED, Status.WITHDRAWN, "claims.approve", "退回", hand=Hand.OTHER
        ),
        # What was reviewed and approved is a payment to this payee: another one is another payment.
        with_reason(
            "payee_changed",
            (Status.SUBMITTED, Status.REVIEWED, Status.APPROVED),
            Status.SUBMITTED,
            "claims.enter",
            "改收款人",
            stamp="payee",
        ),
        # It is not what was reviewed and approved any more (claims/paying/seen.py).
        Step("voided", (Status.REVIEWED, Status.APPROVED), Status.SUBMITTED, PORTAL, "退回重审"),
        Step("nothing_due", Status.APPROVED, Status.NOTHING_DUE, PORTAL, "零支付结清"),
        # No money went, so nothing is to come back: it is handed in anew, as what was stopped.
        with_reason(
            "unclosed",
            Status.NOTHING_DUE,
            Status.WITHDRAWN,
            "claims.approve",
            "撤销零支付结清",
            asks="发现的错误和核实的情况",
            hand=Hand.OTHER,
        ),
        with_reason("stopped", Status.APPROVED, Status.WITHDRAWN, "claims.approve", "停止支付"),
        by_another("paid", Status.APPROVED, Status.PAID, "claims.pay", "支付", stamp="paid"),
    ),
    called=lambda settlement: f"结算单 {settlement.number} ",
    hands=("entered_by", "payee_by", "reviewed_by", "approved_by", "paid_by"),
    reason_column="withdrawn_reason",
    related=("division", "visit"),
)
