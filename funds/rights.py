"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, Rights, may_change

ONCE_TOLD = ("outcome", "known_on", "known_by_id", "reason", "account")
RIGHTS = {
    "Account": ADDED,
    "AccountLine": ADDED,
    "AccountStatement": KEPT,
    "Adjustment": KEPT,
    "Book": Rights(changes=(), locked=True),  # while its year is closed
    "BookLimit": ADDED,
    "Budget": may_change("status", "decided_by_id", "decided_on", "decision"),
    "ClosingBalance": ADDED,
    "FundingPlan": KEPT,
    "LedgerExport": KEPT,
    "LimitProposal": KEPT,
    "LineMatch": may_change("status", "undone_by_id", "undone_at", "reason"),
    "MatchedItem": may_change("is_live"),
    "PaymentBatch": KEPT,
    "PaymentFile": ADDED,
    "PaymentKept": ADDED,
    "PaymentOrder": KEPT,
    "PaymentPart": Rights(changes=(), deletes=True),  # of an order that was called off
    "PaymentVoucher": ADDED,
    "Period": Rights(
        sealed=(
            "book_id",
            "year",
            "month",
            "status",
            "next_number",
            "closed_at",
            "closed_by_id",
            "chart",
        ),
        since="status = 'closed'",
    ),
    "Posting": ADDED,
    "ReturnNote": KEPT,
    "Seal": ADDED,
    "Transfer": may_change(*ONCE_TOLD),
    "Voucher": Rights(changes=(), locked=True),  # while it is reversed
    "VoucherDoubt": may_change("status", "settled_by_id", "settled_at", "answer"),
    "VoucherDraft": KEPT,
    "VoucherReview": ADDED,
}
