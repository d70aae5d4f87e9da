"""The way of a cover: waits for payment, holds, and ends by a refund; void receipts lead back.

The guards of migration 0010 let a paid-up cover move only on the strength of a void receipt or a
granted refund. Most steps are taken by all members of a household at once.
"""

from desk.decisions import decision_flow
from desk.workflow import PORTAL, START, Step, Workflow, with_reason
from enrollment.cover.models import Enrollment
from enrollment.cover.proposal_models import Proposal

Status = Enrollment.Status

COVERS = Workflow(
    Enrollment,
    "enrollment",
    (
        Step("enroll_household", START, Status.PENDING, "enrollment.enroll", "登记参保"),
        Step("take_payment", Status.PENDING, Status.ACTIVE, "enrollment.take_payment", "收款开票"),
        Step("match_tax_file", Status.PENDING, Status.ACTIVE, "enrollment.reconcile", "税务征收"),
        Step("void_receipt", Status.ACTIVE, Status.PENDING, "enrollment.take_payment", "作废收据"),
        Step("end_cover", Status.ACTIVE, Status.CANCELLED, "enrollment.grant_refund", "终止参保"),
        # Of two covers that one person turns out to have (people/same.py), and its undoing.
        Step("end_second_cover", Status.ACTIVE, Status.CANCELLED, PORTAL, "合并重复登记"),
        Step("end_carried_cover", Status.ACTIVE, Status.CANCELLED, PORTAL, "更正原系统转入"),
        Step("restore_cover", Status.CANCELLED, Status.ACTIVE, PORTAL, "撤销合并"),
        with_reason(
            "cancel_pending",
            Status.PENDING,
            Status.CANCELLED,
            "enrollment.enroll",
            "撤销登记",
            asks="撤销原因",
        ),
    ),
    called=lambda cover: f"{cover.year} 年度参保",
    related=("division",),
)

PROPOSALS = decision_flow(
    Proposal,
    "enrollment",
    "change",
    asks="enrollment.enroll",
    related=("person__household__division",),
)
