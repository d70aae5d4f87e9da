"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, Rights, may_change

DECIDED = ("status", "decided_by_id", "decided_on", "decision")
FALLEN = ("is_live", "fell_at", "fell_reason")
WITHDRAWN = ("withdrawn_by_id", "withdrawn_at", "withdrawn_reason")
LINE = ("approved_amount", "cut_code", "cut_bearer", "cut_reason", "part", "is_live")
RECOVERY = (
    *("status", "due_on", "reviewed_by_id", "reviewed_at", "approved_by_id", "approved_at"),
    *("received_by_id", "received_at", "waiver_asked_by_id", "waiver_asked_at"),
    *("waived_by_id", "waived_at", "decision"),
)
SECOND = ("status", "person_id", "account", "paid_on", "voucher_number")
# What is on a settlement's sheet, once it has been handed in.
SETTLEMENT = (
    *("number", "policy_year", "tier", "visit_id", "division_id", "pack_id", "pay_to", "benefit"),
    *("total_amount", "full_self_pay_amount", "over_limit_amount", "first_self_pay_amount"),
    *("in_scope_amount", "deductible_amount", "ratio", "fund_amount", "hospital_amount"),
    *("personal_amount", "account_amount", "credit_amount", "cash_amount", "beyond_amount"),
    *("borne_amount", "refusal_code", "settled_on", "entered_at", "entered_by_id", "part"),
)
HANDED_IN = "settlement_id IN (SELECT id FROM claims_settlement WHERE status <> 'draft')"
RIGHTS = {
    "AidApplication": KEPT,
    "AidCase": KEPT,
    "Allotment": KEPT,
    "Approval": KEPT,
    "Batch": KEPT,
    "BatchClaim": KEPT,
    "BillBatch": may_change(*WITHDRAWN),
    "BillLine": may_change(*LINE),
    "Clearing": KEPT,
    "ClearingClaim": may_change("gain", *FALLEN),
    "ClearingRule": KEPT,
    "Deduction": KEPT,
    "Denial": ADDED,
    "Dependent": ADDED,
    "DepositReturn": KEPT,
    "Determination": ADDED,
    "Filing": KEPT,
    "HandedPaper": KEPT,
    "Intended": KEPT,
    "Invoice": may_change("is_live"),
    "LateClaim": ADDED,
    "PatientRefund": KEPT,
    "PaymentHold": may_change("lifted_by_id", "lifted_at", "lifted_reason"),
    "PaymentMethod": may_change(*DECIDED),
    "Prepayment": KEPT,
    "Probe": KEPT,
    "Recovery": may_change(*RECOVERY),
    "RecoveryPart": ADDED,
    "RecoveryReceipt": ADDED,
    "ReviewRule": may_change(*DECIDED),
    "Scan": KEPT,
    "SecondGrant": KEPT,
    # What is only listed goes when its trial is worked out again.
    "SecondPayment": Rights(
        changes=(*SECOND, "withdrawn_by_id", "withdrawn_at", "reason"), deletes=True
    ),
    "Settlement": Rights(sealed=SETTLEMENT, since="status <> 'draft'"),
    # Of a draft they go; what was handed in stays.
    "SettlementFund": Rights(
        changes=(),
        deletes=True,
        sealed=("settlement_id", "layer", "fund_pay_type", "booked_as", "amount"),
        since=HANDED_IN,
    ),
    "SettlementStep": Rights(changes=(), deletes=True),
    "Supplement": KEPT,
    "SupplementPart": ADDED,
    "TownshipQuota": ADDED,
    "UsageEntry": ADDED,
    "Visit": KEPT,
    "VisitFiling": ADDED,
}
