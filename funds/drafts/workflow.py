"""The way of a voucher made by hand: made, reviewed, where it is huge approved, entered."""

from desk.decisions import decision_flow
from desk.workflow import REASON, START, Hand, Step, Workflow, by_another, with_reason
from funds.drafts.models import LimitProposal, VoucherDraft

Status = VoucherDraft.Status
ON_ITS_WAY = (Status.MADE, Status.REVIEWED, Status.APPROVED)

DRAFTS = Workflow(
    VoucherDraft,
    "funds",
    (
        Step("make_voucher", START, Status.MADE, "funds.post", "制单"),
        by_another(
            "review_voucher",
            Status.MADE,
            Status.REVIEWED,
            "funds.review_voucher",
            "复核",
            stamp="reviewed",
        ),
        by_another(
            "approve_voucher",
            Status.REVIEWED,
            Status.APPROVED,
            "funds.approve_voucher",
            "大额审批",
            stamp="approved",
        ),
        by_another(
            "enter_voucher",
            (Status.REVIEWED, Status.APPROVED),
            Status.POSTED,
            "funds.enter_voucher",
            "记账",
            stamp="posted",
        ),
        with_reason("refuse_voucher", ON_ITS_WAY, Status.REFUSED, "funds.review_voucher", "退回"),
        with_reason(
            "refuse_huge_voucher",
            Status.REVIEWED,
            Status.REFUSED,
            "funds.approve_voucher",
            "不同意大额支付",
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
