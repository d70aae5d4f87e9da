"""The way of a supplement: found by the portal, approved by a second person, paid as any order."""

from claims.dependence.models import Supplement
from desk.workflow import PORTAL, START, Step, Workflow, by_another, with_reason

Status = Supplement.Status

# Whoever brought it about is kept apart by the service: the cashier who took what came back may
# still release the batch.
SUPPLEMENTS = Workflow(
    Supplement,
    "claims",
    (
        Step("find_supplement", START, Status.TO_PAY, PORTAL, "重算发现少付"),
        # What was approved is a payment to this payee: another one is approved anew.
        with_reason(
            "payee_of_supplement",
            Supplement.OPEN,
            Status.TO_PAY,
            "claims.enter_paper",
            "改补付收款人",
            asks="改收款人的原因",
            stamp="named",
        ),
        by_another(
            "approve_supplement",
            Status.TO_PAY,
            Status.APPROVED,
            "claims.approve",
            "复核同意补付",
            stamp="approved",
        ),
        Step("replace_supplement", Supplement.OPEN, Status.REPLACED, PORTAL, "补付另算"),
        by_another(
            "pay_supplement", Status.APPROVED, Status.PAID, "claims.pay", "支付补付款", stamp="paid"
        ),
    ),
    called=lambda row: f"补付 {row.pk} 号",
    hands=("named_by", "approved_by", "paid_by"),
    related=("settlement__division",),
)
