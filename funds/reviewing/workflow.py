"""The way of a doubt about a voucher: raised, then settled with what was found."""

from desk.workflow import REASON, START, Step, Workflow
from funds.reviewing.models import VoucherDoubt

Status = VoucherDoubt.Status
REVIEW = "funds.review_voucher"

DOUBTS = Workflow(
    VoucherDoubt,
    "funds",
    (
        Step("raise_doubt", START, Status.OPEN, REVIEW, "提出疑问"),
        Step(
            "settle_doubt",
            Status.OPEN,
            Status.SETTLED,
            REVIEW,
            "疑问澄清",
            reason=REASON,
            asks="澄清的情况",
            stamps=("settled_by", "settled_at"),
        ),
    ),
    called=str,
    hands=("raised_by", "settled_by"),
    reason_column="answer",
    related=("voucher__book__area",),
)
