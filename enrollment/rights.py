"""What the application may do to the room's tables (accounts/rights.py)."""

from accounts.rights import ADDED, KEPT, Rights, may_change
from desk.decisions import DECISION_KEPT

REOPENED = ("status", "reopen_reason", "reopened_by_id", "reopened_at")
RECEIPT = (
    *("book_id", "number", "household_id", "division_id", "campaign_id", "channel", "amount"),
    *("payer_name", "issued_by_id", "issued_on", "issued_at"),
)
REMITTANCE = ("township_id", "campaign_id", "clerk_id", "slip_number", "slip_date", "amount")
# Paid up a cover says the same until its receipt is void (enrollment_cover_moves).
COVER = (
    *("campaign_id", "receipt_id", "year", "tier", "premium_status", "premium_amount"),
    *("personal_amount", "central_amount", "provincial_amount", "city_amount", "county_amount"),
    *("other_amount", "credit_amount", "account_amount", "cover_first_day", "cover_last_day"),
)
# Those whose receipt was void, by the trail, which is sealed itself: a receipt alone may be said to
# be void by who alters the cover. The hour: a moment is written before its transaction has ended.
VOIDED = """id IN (
    SELECT jsonb_array_elements_text(line.after -> 'enrollments')::bigint
    FROM accounts_auditline line
    WHERE line.action = 'enrollment.void_receipt' AND line.at > %s - interval '1 hour'
)"""
RIGHTS = {
    "AccountOpening": ADDED,
    "BankLine": Rights(sealed=("area_id", "statement_id", "serial", "booked_on", "amount")),
    "BankStatement": KEPT,
    "BookCheckOff": ADDED,
    "BookEvent": ADDED,
    "Campaign": KEPT,
    "CarriedMending": DECISION_KEPT,
    "CarriedTable": KEPT,
    "Certificate": KEPT,
    "CheckLine": ADDED,
    "CheckList": KEPT,
    "Correction": ADDED,
    "DayClose": may_change(*REOPENED),
    "Enrollment": Rights(
        sealed=COVER, since="status = 'active' AND receipt_id IS NOT NULL", freed=VOIDED
    ),
    "ExpectedChild": KEPT,
    "FormerCertificate": may_change("person_id"),
    "FormerNumber": may_change("person_id", "mistaken"),
    "FoundNumbers": KEPT,
    "Household": KEPT,
    "IdentityStatus": KEPT,
    "LateEntry": ADDED,
    "NewbornRule": KEPT,
    "OldNumber": may_change("person_id"),
    "OtherCover": KEPT,
    "Person": KEPT,
    "ProgressLine": ADDED,
    "ProgressSheet": KEPT,
    "Proposal": DECISION_KEPT,
    "Receipt": Rights(sealed=RECEIPT),
    "ReceiptBook": KEPT,
    "Refund": Rights(sealed=("enrollment_id", "ground", "amount", "requested_by_id")),
    "RegisterEvent": Rights(changes=(), locked=True),  # while it is taken back
    "RegisterImport": KEPT,
    "Remittance": Rights(sealed=REMITTANCE),
    "SamePerson": DECISION_KEPT,
    "SchoolClass": KEPT,
    "SponsorFund": KEPT,
    "SponsorMoney": KEPT,
    "SponsorUse": Rights(sealed=("fund_id", "receipt_id", "enrollment_id", "amount")),
    "StatusList": KEPT,
    "TaxFile": KEPT,
    "TaxRow": Rights(sealed=("file_id", "line", "serial", "paid_on", "amount")),
    "VillageTarget": KEPT,
}
