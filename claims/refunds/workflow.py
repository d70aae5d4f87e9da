"""The way of what a hospital gives back: due with the cut, confirmed by the hospital, or void."""

from claims.refunds.models import PatientRefund
from desk.workflow import PORTAL, START, Step, Workflow

Status = PatientRefund.Status

REFUNDS = Workflow(
    PatientRefund,
    "claims",
    (
        Step("refund_due", START, Status.DUE, "claims.review", "核减后应退患者"),
        Step(
            "refund_given",
            Status.DUE,
            Status.GIVEN,
            "claims.give_refund",
            "已退给患者",
            stamps=("given_by",),
        ),
        Step("refund_void", Status.DUE, Status.VOID, PORTAL, "取消退款"),
    ),
    hands=("given_by",),
    related=("settlement",),
)
