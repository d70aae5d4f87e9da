"""The way of a doubt about a voucher: raised, then settled with what was found."""

from desk.workflow import START, Step, Workflow, with_reason
from funds.reviewing.models import VoucherDoubt

Status = VoucherDoubt.Status
REVIEW = "funds.review_voucher"

DOUBTS = Workflow(
    VoucherDoubt,
    "funds",
    (
        Step("raise_doubt", START, Status.OPEN, REVIEW, "提出疑问"),
        with_reason(
            "settle_doubt",
            Status.OPEN,
            Status.SETTLED,
            REVIEW,
            "疑问澄清",
            asks="澄清的情况",
            stamp="settled",
        ),
    ),
    hands=("raised_by", "settled_by"),
    reason_column="answer",
    related=("voucher__book__area",),
)
