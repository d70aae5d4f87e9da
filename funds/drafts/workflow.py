"""The way of a voucher made by hand: made, reviewed, where it is huge approved, entered."""

from desk.decisions import decision_flow
from desk.workflow import REASON, START, Hand, Step, Workflow
from funds.drafts.models import LimitProposal, VoucherDraft

Status = VoucherDraft.Status
ON_ITS_WAY = (Status.MADE, Status.REVIEWED, Status.APPROVED)

DRAFTS = Workflow(
    VoucherDraft,
    "funds",
    (
        Step("make_voucher", START, Status.MADE, "funds.post", "制单"),
        Step(
            "review_voucher",
            Status.MADE,
            Status.REVIEWED,
            "funds.review_voucher",
            "复核",
            Hand.OTHER,
            stamps=("reviewed_by", "reviewed_at"),
        ),
        Step(
            "approve_voucher",
            Status.REVIEWED,
            Status.APPROVED,
            "funds.approve_voucher",
            "大额审批",
            Hand.OTHER,
            stamps=("approved_by", "approved_at"),
        ),
        Step(
            "enter_voucher",
            (Status.REVIEWED, Status.APPROVED),
            Status.POSTED,
            "funds.enter_voucher",
            "记账",
            Hand.OTHER,
            stamps=("posted_by", "posted_at"),
        ),
        Step(
            "refuse_voucher",
            ON_ITS_WAY,
            Status.REFUSED,
            "funds.review_voucher",
            "退回",
            reason=REASON,
        ),
        Step(
            "refuse_huge_voucher",
            Status.REVIEWED,
            Status.REFUSED,
            "funds.approve_voucher",
            "不同意大额支付",
            reason=REASON,
        ),
        Step(
            "withdraw_voucher",
            (Status.MADE, Status.REVIEWED),
            Status.WITHDRAWN,
            "funds.post",
            "撤回",
            Hand.OWN,
            reason=REASON,
        ),
    ),
    called=str,
    hands=("made_by", "reviewed_by", "approved_by", "posted_by"),
    reason_column="reason",
    related=("book__area", "made_by", "reverses"),
)

LIMITS = decision_flow(
    LimitProposal,
    "funds",
    "limits",
    asks="funds.set_limits",
    decides="funds.agree_limits",
    related=("book__area",),
)
