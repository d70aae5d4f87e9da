"""The way of a supplement: found by the portal, approved by a second person, paid as any order."""

from claims.dependence.models import Supplement
from desk.workflow import PORTAL, REASON, START, Hand, Step, Workflow

Status = Supplement.Status

# Whoever brought it about is kept apart by the service: the cashier who took what came back may
# still release the batch.
SUPPLEMENTS = Workflow(
    Supplement,
    "claims",
    (
        Step("find_supplement", START, Status.TO_PAY, PORTAL, "重算发现少付"),
        # What was approved is a payment to this payee: another one is approved anew.
        Step(
            "payee_of_supplement",
            Supplement.OPEN,
            Status.TO_PAY,
            "claims.enter_paper",
            "改补付收款人",
            reason=REASON,
            asks="改收款人的原因",
            stamps=("named_by", "named_at"),
        ),
        Step(
            "approve_supplement",
            Status.TO_PAY,
            Status.APPROVED,
            "claims.approve",
            "复核同意补付",
            Hand.OTHER,
            stamps=("approved_by", "approved_at"),
        ),
        Step("replace_supplement", Supplement.OPEN, Status.REPLACED, PORTAL, "补付另算"),
        Step(
            "pay_supplement",
            Status.APPROVED,
            Status.PAID,
            "claims.pay",
            "支付补付款",
            Hand.OTHER,
            stamps=("paid_by", "paid_at"),
        ),
    ),
    called=lambda row: f"补付 {row.pk} 号",
    hands=("named_by", "approved_by", "paid_by"),
    related=("settlement__division",),
)
