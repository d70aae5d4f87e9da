"""The way of a debt to the fund: proposed, reviewed, approved, received; or given up."""

from claims.recovery.models import Recovery
from desk.workflow import PORTAL, REASON, START, STAY, Hand, Step, Workflow

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
        Step(
            "review_recovery",
            Status.PROPOSED,
            Status.REVIEWED,
            "claims.review_recovery",
            "初审同意",
            Hand.OTHER,
            stamps=("reviewed_by", "reviewed_at"),
        ),
        Step(
            "refuse_recovery",
            (Status.PROPOSED, Status.REVIEWED),
            Status.REFUSED,
            "claims.approve_recovery",
            "不予追回",
            Hand.OTHER,
            reason=REASON,
        ),
        Step(
            "approve_recovery",
            Status.REVIEWED,
            Status.APPROVED,
            "claims.approve_recovery",
            "复核同意",
            Hand.OTHER,
            stamps=("approved_by", "approved_at"),
        ),
        # A claim for which nothing was given: there is no money to wait for.
        Step(
            "end_recovery",
            Status.REVIEWED,
            Status.RECEIVED,
            "claims.approve_recovery",
            "复核同意，撤销待遇",
            Hand.OTHER,
            stamps=("approved_by", "approved_at"),
        ),
        # An instalment; the debt stays open.
        Step(
            "receive_part",
            Status.APPROVED,
            STAY,
            "claims.receive_recovery",
            "登记收款",
            Hand.OTHER,
            stamps=("received_by", "received_at"),
        ),
        Step(
            "receive_recovery",
            Status.APPROVED,
            Status.RECEIVED,
            "claims.receive_recovery",
            "收齐追回款",
            Hand.OTHER,
            stamps=("received_by", "received_at"),
        ),
        Step(
            "ask_waiver",
            Status.APPROVED,
            Status.WAIVING,
            "claims.ask_waiver",
            "申请核销",
            reason=REASON,
            asks="核销的理由和依据文件",
            stamps=("waiver_asked_by", "waiver_asked_at"),
        ),
        Step(
            "waive_recovery",
            Status.WAIVING,
            Status.WAIVED,
            "claims.approve_recovery",
            "批准核销",
            reason=REASON,
            asks="批准文号和意见",
            stamps=("waived_by", "waived_at"),
        ),
        Step(
            "keep_recovery",
            Status.WAIVING,
            Status.APPROVED,
            "claims.approve_recovery",
            "不予核销",
            reason=REASON,
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
