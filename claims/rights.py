"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, Rights, Seal, may_change
from desk.decisions import ASKED, DECIDED, DECISION, DECISION_KEPT

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
# A statement may be recalled, and stated anew with other sums and hands, until it is paid.
CLEARING_ENDED = Seal(
    "ended",
    (
        *("status", "claims_count", "claimed_amount", "gain_amount", "deducted_amount"),
        *("deposit_percent", "deposit_amount", "set_off_amount", "prepaid_amount", "paid_amount"),
        *("checked_by_id", "checked_at", "issued_by_id", "issued_at", "answer_by"),
        *("confirmed_by_id", "confirmed_at", "paid_by_id", "paid_at", "paid_on"),
        *("voucher_number", "reason"),
    ),
    "status IN ('paid', 'withdrawn')",
)
# Of a claim that a month falls without, the others' shares are counted anew.
CLEARED = Seal(
    "ended",
    ("gain", *FALLEN),
    "NOT is_live OR clearing_id IN (SELECT id FROM claims_clearing WHERE status = 'paid')",
)
# An answer that is sent back is given anew; the second hand's word is the last. Void it may become
# afterwards too, with its claim, and what was given back is paid later.
DISPUTE_DECIDED = Seal(
    "decided",
    (
        *("dispute", "disputed_by_id", "disputed_at", "gives_back", "answer", "answered_by_id"),
        *("answered_at", "decided_by_id", "decided_at"),
    ),
    "decided_by_id IS NOT NULL",
    is_rare=True,
)
GIVEN_BACK = Seal("paid", ("paid_on",), "paid_on IS NOT NULL", is_rare=True)
PROPOSED = ("area_id", *ASKED)
# The money goes after the decision, and once: the status says nothing of it.
MONEY = ("institution_id", "year", "amount", *PROPOSED)
MONEY_GONE = Seal("paid", ("paid_on", "voucher_number"), "paid_on IS NOT NULL")
RIGHTS = {
    "AidApplication": KEPT,
    "AidCase": KEPT,
    "Allotment": DECISION_KEPT,
    "Approval": KEPT,
    "Batch": KEPT,
    "BatchClaim": KEPT,
    "BedFile": KEPT,
    "BillBatch": may_change(*WITHDRAWN),
    "BillLine": may_change(*LINE),
    # Two records of one person may become one.
    "CarriedAmount": may_change("person_id"),
    "CarriedFile": KEPT,
    "CarriedUsage": may_change("person_id", "is_live", "replaced_by_id"),
    "Clearing": Rights(
        sealed=(
            *("number", "area_id", "institution_id", "month", "declared_by_id", "declared_at"),
            *("declared_on", "pay_by"),
        ),
        later=(CLEARING_ENDED,),
    ),
    "ClearingClaim": may_change("gain", *FALLEN, later=(CLEARED,)),
    "ClearingRule": Rights(
        sealed=(
            *("first_month", "deposit_percent", "full_score", "days_to_answer"),
            *PROPOSED,
        ),
        later=(DECISION,),
    ),
    "Deduction": Rights(
        sealed=("claim_id", "code", "words", "amount", "found_by_id", "found_at"),
        later=(DISPUTE_DECIDED, GIVEN_BACK),
    ),
    "Denial": ADDED,
    "Dependent": ADDED,
    "DepositReturn": Rights(sealed=("score", "kept_amount", *MONEY), later=(DECISION, MONEY_GONE)),
    "Determination": ADDED,
    "CarriedFilings": KEPT,
    "Filing": DECISION_KEPT,
    "HandedPaper": KEPT,
    "Intended": KEPT,
    "Invoice": may_change("is_live"),
    "LateClaim": ADDED,
    "OldClaim": may_change(
        "status",
        "person_id",
        "paid_on",
        "voucher_number",
        "withdrawn_by_id",
        "withdrawn_at",
        "reason",
    ),
    "OldClaimFile": KEPT,
    "OldFile": KEPT,
    "OldSettlement": may_change("person_id", "is_live"),
    "PatientRefund": KEPT,
    "PaymentHold": may_change("lifted_by_id", "lifted_at", "lifted_reason"),
    "PaymentMethod": may_change(*DECIDED, later=(DECISION,)),
    "Prepayment": Rights(sealed=("seen", *MONEY), later=(DECISION, MONEY_GONE)),
    "Probe": KEPT,
    "Recount": KEPT,
    "Recovery": may_change(*RECOVERY),
    "RecoveryPart": ADDED,
    "RecoveryReceipt": ADDED,
    "ReviewRule": may_change(*DECIDED, later=(DECISION,)),
    "Scan": KEPT,
    "SecondGrant": DECISION_KEPT,
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
