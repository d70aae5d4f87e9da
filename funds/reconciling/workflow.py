"""The ways of a statement, of a match and of an adjustment table."""

from desk.importing import Acts, upload_flow
from desk.workflow import START, STAY, Step, Workflow, by_another, with_reason
from funds.reconciling.models import AccountStatement, Adjustment, LineMatch

PERMISSION = "funds.reconcile"
ACTS = Acts(upload="import_account_statement")
STATEMENT_FLOW = upload_flow(AccountStatement, "funds", ACTS, noun="对账单", permission=PERMISSION)
MATCHES = Workflow(
    LineMatch,
    "funds",
    (
        Step("match_lines", START, LineMatch.Status.STANDING, PERMISSION, "勾对"),
        with_reason(
            "undo_match",
            LineMatch.Status.STANDING,
            LineMatch.Status.UNDONE,
            PERMISSION,
            "取消勾对",
            stamp="undone",
        ),
    ),
    hands=("matched_by", "undone_by"),
    reason_column="reason",
    related=("account__book__area",),
)
ADJUSTMENTS = Workflow(
    Adjustment,
    "funds",
    (
        Step("make_adjustment", START, Adjustment.Status.MADE, PERMISSION, "编制"),
        Step("correct_balance", Adjustment.Status.MADE, STAY, PERMISSION, "更正对账单余额"),
        by_another(
            "review_adjustment",
            Adjustment.Status.MADE,
            Adjustment.Status.REVIEWED,
            "funds.review_voucher",
            "复核",
            stamp="reviewed",
        ),
        with_reason(
            "return_adjustment",
            Adjustment.Status.REVIEWED,
            Adjustment.Status.MADE,
            "funds.review_voucher",
            "退回重编",
        ),
    ),
    called=lambda row: "余额调节表",
    hands=("made_by", "reviewed_by"),
    reason_column="reason",
    related=("account__book__area", "made_by", "reviewed_by"),
)
