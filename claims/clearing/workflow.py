"""The ways of a clearing, of what was taken off, and of what two decide about an institution."""

from claims.clearing.models import (
    Clearing,
    ClearingRule,
    Deduction,
    DepositReturn,
    PaymentMethod,
    Prepayment,
)
from desk.decisions import decision_flow
from desk.workflow import PORTAL, START, STAY, Hand, Step, Workflow, by_another, with_reason

Status = Clearing.Status
ISSUE = "claims.issue_clearing"

CLEARINGS = Workflow(
    Clearing,
    "claims",
    (
        Step("declare_clearing", START, Status.DECLARED, "claims.declare_clearing", "月结申报"),
        with_reason(
            "withdraw_clearing",
            Status.DECLARED,
            Status.WITHDRAWN,
            "claims.declare_clearing",
            "撤回申报",
        ),
        by_another(
            "check_clearing",
            Status.DECLARED,
            Status.CHECKED,
            "claims.check_clearing",
            "核对完毕",
            stamp="checked",
        ),
        with_reason(
            "send_back_clearing",
            Status.CHECKED,
            Status.DECLARED,
            ISSUE,
            "退回核对",
            hand=Hand.OTHER,
        ),
        by_another(
            "issue_clearing", Status.CHECKED, Status.ISSUED, ISSUE, "签发清算单", stamp="issued"
        ),
        Step(
            "confirm_clearing",
            Status.ISSUED,
            Status.CONFIRMED,
            "claims.declare_clearing",
            "确认清算单",
            stamps=("confirmed_by", "confirmed_at"),
        ),
        # The institution has not answered in time: it is paid as it stands.
        Step(
            "confirm_overdue",
            Status.ISSUED,
            Status.CONFIRMED,
            ISSUE,
            "逾期视同确认",
            stamps=("confirmed_by", "confirmed_at"),
        ),
        with_reason(
            "recall_clearing", (Status.ISSUED, Status.CONFIRMED), Status.DECLARED, ISSUE, "收回重核"
        ),
        # A claim of it fell out: another statement. The portal's own steps.
        with_reason("claim_fell", (Status.DECLARED, Status.CHECKED), STAY, PORTAL, "移出结算单"),
        with_reason(
            "unsettle_clearing",
            (Status.ISSUED, Status.CONFIRMED),
            Status.DECLARED,
            PORTAL,
            "移出结算单，退回重核",
        ),
        Step("empty_clearing", Status.DECLARED, Status.WITHDRAWN, PORTAL, "没有结算单，作废"),
        by_another(
            "pay_clearing", Status.CONFIRMED, Status.PAID, "claims.pay", "支付", stamp="paid"
        ),
    ),
    called=lambda clearing: f"清算单 {clearing.number} ",
    hands=("declared_by", "checked_by", "issued_by", "paid_by", "confirmed_by"),
    reason_column="reason",
    related=("area", "institution"),
)

Line = Deduction.Status
DEDUCTIONS = Workflow(
    Deduction,
    "claims",
    (
        Step("deduct", START, Line.STANDING, "claims.check_clearing", "扣减"),
        Step("undo_deduction", Line.STANDING, Line.VOID, "claims.check_clearing", "取消扣减"),
        # Its claim fell out.
        Step(
            "void_deduction",
            (Line.STANDING, Line.DISPUTED, Line.ANSWERED, Line.UPHELD),
            Line.VOID,
            PORTAL,
            "随结算单移出",
        ),
        with_reason(
            "dispute_deduction",
            Line.STANDING,
            Line.DISPUTED,
            "claims.declare_clearing",
            "提出异议",
            asks="异议的理由",
            stamp="disputed",
        ),
        Step(
            "answer_deduction",
            Line.DISPUTED,
            Line.ANSWERED,
            "claims.check_clearing",
            "答复异议",
            stamps=("answered_by", "answered_at"),
        ),
        Step("return_answer", Line.ANSWERED, Line.DISPUTED, ISSUE, "退回重新答复", Hand.OTHER),
        by_another(
            "uphold_deduction", Line.ANSWERED, Line.UPHELD, ISSUE, "批准维持", stamp="decided"
        ),
        by_another(
            "give_back_deduction",
            Line.ANSWERED,
            Line.GIVEN_BACK,
            ISSUE,
            "批准退还",
            stamp="decided",
        ),
    ),
    hands=("found_by", "answered_by", "decided_by", "disputed_by"),
    reason_column="dispute",
    related=("claim__clearing__institution", "claim__clearing__area", "claim__settlement"),
)

RULES = decision_flow(
    ClearingRule,
    "claims",
    "clearing_rule",
    asks="claims.propose_rules",
    decides="claims.decide_rules",
    related=("area",),
)
METHODS = decision_flow(
    PaymentMethod,
    "claims",
    "payment_method",
    asks="claims.propose_rules",
    decides="claims.decide_rules",
    related=("area", "institution"),
)
PREPAYMENTS = decision_flow(
    Prepayment,
    "claims",
    "prepayment",
    related=("area", "institution"),
)
RETURNS = decision_flow(
    DepositReturn,
    "claims",
    "deposit_return",
    related=("area", "institution"),
)
