"""The way of a debt to the fund: proposed, reviewed, approved, received; or given up."""

from claims.recovery.models import Recovery
from desk.workflow import PORTAL, START, STAY, Hand, Step, Workflow, by_another, with_reason

Status = Recovery.Status

RECOVERIES = Workflow(
    Recovery,
    "claims",
    (
        Step("propose_recovery", START, Status.PROPOSED, "claims.propose_recovery", "提出追回"),
        Step("find_recovery", START, Status.PROPOSED, PORTAL, "重算发现多付"),
        # What the bank gave back and nobody claims, by the two hands of its order.
        Step("give_up_recovery", START, Status.RECEIVED, PORTAL, "退汇转回基金"),
        Step("replace_recovery", Status.PROPOSED, Status.REPLACED, PORTAL, "重算后另算"),
        by_another(
            "review_recovery",
            Status.PROPOSED,
            Status.REVIEWED,
            "claims.review_recovery",
            "初审同意",
            stamp="reviewed",
        ),
        with_reason(
            "refuse_recovery",
            (Status.PROPOSED, Status.REVIEWED),
            Status.REFUSED,
            "claims.approve_recovery",
            "不予追回",
            hand=Hand.OTHER,
        ),
        by_another(
            "approve_recovery",
            Status.REVIEWED,
            Status.APPROVED,
            "claims.approve_recovery",
            "复核同意",
            stamp="approved",
        ),
        # A claim for which nothing was given: there is no money to wait for.
        by_another(
            "end_recovery",
            Status.REVIEWED,
            Status.RECEIVED,
            "claims.approve_recovery",
            "复核同意，撤销待遇",
            stamp="approved",
        ),
        # An instalment; the debt stays open.
        by_another(
            "receive_part",
            Status.APPROVED,
            STAY,
            "claims.receive_recovery",
            "登记收款",
            stamp="received",
        ),
        by_another(
            "receive_recovery",
            Status.APPROVED,
            Status.RECEIVED,
            "claims.receive_recovery",
            "收齐追回款",
            stamp="received",
        ),
        with_reason(
            "ask_waiver",
            Status.APPROVED,
            Status.WAIVING,
            "claims.ask_waiver",
            "申请核销",
            asks="核销的理由和依据文件",
            stamp="waiver_asked",
        ),
        with_reason(
            "waive_recovery",
            Status.WAIVING,
            Status.WAIVED,
            "claims.approve_recovery",
            "批准核销",
            asks="批准文号和意见",
            stamp="waived",
        ),
        with_reason(
            "keep_recovery", Status.WAIVING, Status.APPROVED, "claims.approve_recovery", "不予核销"
        ),
    ),
    called=lambda recovery: f"追回单 {recovery.number} ",
    hands=(
        "proposed_by",
        "reviewed_by",
        "approved_by",
        "received_by",
        "waiver_asked_by",
        "waived_by",
    ),
    reason_column="decision",
    related=("division", "settlement"),
)
