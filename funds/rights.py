"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, Rights, Seal, may_change
from desk.decisions import DECIDED, DECISION, DECISION_KEPT

ONCE_TOLD = ("outcome", "known_on", "known_by_id", "reason", "account")
# Until the batch has gone or is given up, orders are taken out of it.
BATCH_ENDED = Seal(
    "ended",
    ("status", "number_of", "total", "released_by_id", "released_at", "paid_on", "reason"),
    "status IN ('released', 'discarded')",
)
# An order that was called off and is asked for again may ask for another sum; once money has gone
# by it, it may not. Payee and account may be put right for ever: each transfer says where it went.
HAS_GONE = (
    "SELECT t.order_id FROM funds_transfer t JOIN funds_paymentbatch b ON b.id = t.batch_id"
    " WHERE b.status = 'released' AND t.outcome <> 'taken_out'"
)
ORDER_GONE = Seal(
    "gone",
    ("amount", "division_id", "township_id", "source", "asked_by_id", "asked_on"),
    f"id IN ({HAS_GONE})",
)
# What arrived may still come back.
TRANSFER_ENDED = Seal(
    "ended",
    ("outcome", "known_on", "known_by_id", "reason"),
    "outcome IN ('returned', 'taken_out')",
    is_rare=True,
)
RETURN_DECIDED = Seal(
    "decided",
    ("status", "decided_by_id", "decided_at", "decision"),
    "status IN ('confirmed', 'refused')",
    is_rare=True,
)
RIGHTS = {
    "Account": ADDED,
    "AccountLine": ADDED,
    "AccountStatement": KEPT,
    "Adjustment": KEPT,
    "Book": Rights(changes=(), locked=True),  # while its year is closed
    "BookLimit": ADDED,
    "Budget": may_change(*DECIDED, later=(DECISION,)),
    "ChartSwitch": may_change(*DECIDED, later=(DECISION,)),
    "ClosingBalance": ADDED,
    "FundingPlan": KEPT,
    "LedgerExport": KEPT,
    "LimitProposal": DECISION_KEPT,
    "LineMatch": may_change("status", "undone_by_id", "undone_at", "reason"),
    "MatchedItem": may_change("is_live"),
    "Opening": may_change(*DECIDED, "voucher_id", "red_id", later=(DECISION,)),
    "OpeningLine": ADDED,
    "PaymentBatch": Rights(
        sealed=("area_id", "number", "made_by_id", "made_on", "made_at"), later=(BATCH_ENDED,)
    ),
    "PaymentFile": ADDED,
    "PaymentKept": ADDED,
    "PaymentOrder": Rights(sealed=("area_id", "key", "event"), later=(ORDER_GONE,)),
    # Those of an order that was called off go.
    "PaymentPart": Rights(
        changes=(),
        deletes=True,
        sealed=(
            *("order_id", "fund_type", "purpose", "tier", "policy_year", "institution_code"),
            *("funding_level", "amount"),
        ),
        since=f"order_id IN ({HAS_GONE})",
    ),
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
            "is_opening",
        ),
        since="status = 'closed'",
    ),
    "Posting": ADDED,
    "ReturnNote": Rights(
        sealed=("transfer_id", "returned_on", "reason", "evidence", "noted_by_id", "noted_at"),
        later=(RETURN_DECIDED,),
    ),
    "Seal": ADDED,
    "Transfer": may_change(*ONCE_TOLD, later=(TRANSFER_ENDED,)),
    "Voucher": Rights(changes=(), locked=True),  # while it is reversed
    "VoucherDoubt": may_change("status", "settled_by_id", "settled_at", "answer"),
    "VoucherDraft": KEPT,
    "VoucherReview": ADDED,
}
