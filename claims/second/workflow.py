"""The ways of a list that is to be paid, and of what one person on it gets."""

from claims.second.models import SecondGrant, SecondPayment
from desk.decisions import decision_flow
from desk.workflow import PORTAL, START, Step, Workflow, with_reason

Status = SecondPayment.Status

GRANTS = decision_flow(
    SecondGrant,
    "claims",
    "second",
    related=("run__area",),
)

PAYMENTS = Workflow(
    SecondPayment,
    "claims",
    (
        Step("list_second", START, Status.LISTED, PORTAL, "列入试算"),
        Step("ask_second", Status.LISTED, Status.ASKED, PORTAL, "提出支付二次补偿"),
        Step("leave_second", Status.LISTED, Status.NO_ACCOUNT, PORTAL, "没有账户，未提出支付"),
        Step("pay_second", Status.ASKED, Status.PAID, PORTAL, "支付二次补偿"),
        with_reason(
            "withdraw_second_payment", Status.ASKED, Status.WITHDRAWN, "claims.decide_second",
            "撤回二次补偿", stamp="withdrawn",
        ),
        # The bank gave it back and nobody claims it: the next trial counts the person anew.
        Step(
            "give_up_second", Status.PAID, Status.WITHDRAWN, PORTAL,
            "退汇转回基金，撤销二次补偿", stamps=("withdrawn_by", "withdrawn_at"),
        ),
    ),
    hands=("withdrawn_by",),
    reason_column="reason",
    related=("person", "division__parent"),
)  # fmt: skip
