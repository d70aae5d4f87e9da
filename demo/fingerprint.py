"""The content of a county in one hash: what was decided, not when it was written or how sealed.

Every business table is read in its natural order. Ids, moments, ciphertexts, blind indexes and
password hashes stay out; foreign keys are followed to the other row's own key. So two databases
seeded from the same plan have the same fingerprint although no ciphertext is the same.
"""

import hashlib
from collections.abc import Iterator

from django.db import connection

# (table or query name, query in a fixed order). Amounts and dates as PostgreSQL prints them.
QUERIES: tuple[tuple[str, str], ...] = (
    ("divisions", "SELECT code, name, level, first_day FROM accounts_division ORDER BY code"),
    (
        "users",
        "SELECT u.username, u.name, u.role, d.code, u.institution_code FROM accounts_user u"
        " LEFT JOIN accounts_division d ON d.id = u.division_id ORDER BY u.username",
    ),
    (
        "institutions",
        "SELECT i.code, i.name, i.level, i.kind, d.code, a.number, a.first_day, a.last_day"
        " FROM institutions_institution i JOIN accounts_division d ON d.id = i.division_id"
        " JOIN institutions_agreement a ON a.institution_id = i.id ORDER BY i.code, a.number",
    ),
    ("practitioners", "SELECT code, name, title FROM institutions_practitioner ORDER BY code"),
    (
        "catalogue",
        "SELECT code, name, initials, category, payment_class, unit, price_limit,"
        " is_traditional, is_essential FROM institutions_catalogueitem ORDER BY code",
    ),
    (
        "packs",
        "SELECT first_day, last_day, version, status, sha256 FROM policies_pack ORDER BY 1, 3",
    ),
    (
        "campaigns",
        "SELECT year, first_day, last_day, remit_by FROM enrollment_campaign ORDER BY year",
    ),
    (
        "people",
        "SELECT h.number, d.code, h.address, h.bank_account_name, p.member_number, p.relationship,"
        " p.name, p.pinyin, p.initials, p.sex, p.birth_date, p.ethnicity, p.residence, p.death_date"
        " FROM enrollment_person p JOIN enrollment_household h ON h.id = p.household_id"
        " JOIN accounts_division d ON d.id = h.division_id ORDER BY h.number, p.member_number",
    ),
    (
        "statuses",
        "SELECT h.number, p.member_number, s.code, s.first_day, s.last_day, s.source, s.batch"
        " FROM enrollment_identitystatus s JOIN enrollment_person p ON p.id = s.person_id"
        " JOIN enrollment_household h ON h.id = p.household_id ORDER BY 1, 2, 3, 4",
    ),
    (
        "books",
        "SELECT code, year, first_number, last_number, next_number FROM enrollment_receiptbook"
        " ORDER BY code",
    ),
    (
        "receipts",
        "SELECT b.code, r.number, h.number, r.channel, r.amount, r.payer_name, r.issued_on,"
        " m.slip_number FROM enrollment_receipt r"
        " JOIN enrollment_receiptbook b ON b.id = r.book_id"
        " JOIN enrollment_household h ON h.id = r.household_id"
        " LEFT JOIN enrollment_remittance m ON m.id = r.remittance_id ORDER BY 1, 2",
    ),
    (
        "remittances",
        "SELECT slip_number, slip_date, receipt_count, amount, status, voucher_number"
        " FROM enrollment_remittance ORDER BY slip_number",
    ),
    (
        "enrollments",
        "SELECT h.number, p.member_number, e.year, e.tier, e.status, e.premium_status,"
        " e.premium_amount, e.personal_amount, e.central_amount, e.provincial_amount,"
        " e.city_amount, e.county_amount, e.other_amount, e.credit_amount, e.account_amount,"
        " e.consecutive_years, e.cover_first_day, e.cover_last_day, b.code, r.number"
        " FROM enrollment_enrollment e JOIN enrollment_person p ON p.id = e.person_id"
        " JOIN enrollment_household h ON h.id = e.household_id"
        " JOIN enrollment_receipt r ON r.id = e.receipt_id"
        " JOIN enrollment_receiptbook b ON b.id = r.book_id ORDER BY 1, 2, 3",
    ),
    (
        "settlements",
        "SELECT h.number, p.member_number, v.institution_name, v.level, v.place, v.source, v.care,"
        " v.referral, v.starts, v.ends, v.diagnosis_code, v.diseases, v.facts, v.reasons,"
        " s.policy_year, s.tier, s.status, s.pay_to, s.benefit, s.total_amount,"
        " s.full_self_pay_amount + s.borne_amount, s.over_limit_amount, s.first_self_pay_amount,"
        " s.in_scope_amount,"
        " s.deductible_amount, s.ratio, (SELECT string_agg(concat_ws(' ', f.layer, f.fund_pay_type,"
        " f.book, f.amount), ',' ORDER BY f.id) FROM claims_settlementfund f"
        " WHERE f.settlement_id = s.id), s.fund_amount, s.hospital_amount, s.personal_amount,"
        " s.account_amount, s.credit_amount, s.cash_amount, s.refusal_code, s.settled_on,"
        " s.paid_on, s.voucher_number, entered.username, reviewed.username, approved.username,"
        " paid.username"
        " FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id"
        " JOIN enrollment_person p ON p.id = v.person_id"
        " JOIN enrollment_household h ON h.id = v.household_id"
        " JOIN accounts_user entered ON entered.id = s.entered_by_id"
        " LEFT JOIN accounts_user reviewed ON reviewed.id = s.reviewed_by_id"
        " LEFT JOIN accounts_user approved ON approved.id = s.approved_by_id"
        " LEFT JOIN accounts_user paid ON paid.id = s.paid_by_id ORDER BY s.id",
    ),
    (
        "lines",
        "SELECT s.rank, l.line_number, l.item_code, l.item_name, l.category, l.bill_class,"
        " l.quantity, l.unit_price, l.amount, l.limit_amount, l.approved_amount"
        " FROM claims_billline l JOIN (SELECT visit_id, row_number() OVER (ORDER BY id) AS rank"
        " FROM claims_settlement) s ON s.visit_id = l.visit_id ORDER BY 1, 2",
    ),
    (
        "invoices",
        "SELECT issuer, number, issued_on, amount FROM claims_invoice ORDER BY 1, 2",
    ),
    (
        "steps",
        "SELECT s.rank, t.position, t.code, t.name, t.article, t.before_amount, t.after_amount,"
        " t.parameter, t.sentence FROM claims_settlementstep t"
        " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM claims_settlement) s"
        " ON s.id = t.settlement_id ORDER BY 1, 2",
    ),
    (
        "usage",
        "SELECT s.rank, u.person_id IS NULL, u.policy_year, u.counter, u.amount"
        " FROM claims_usageentry u"
        " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM claims_settlement) s"
        " ON s.id = u.settlement_id ORDER BY 1, 2, 4, 5",
    ),
    (
        "ledger",
        "SELECT r.year, r.month, r.status, v.number, v.occurred_on, v.event, v.summary, v.source,"
        " p.line, a.code, p.debit, p.credit, p.funding_level, p.tier, d.code, p.institution_code,"
        " p.policy_year FROM funds_posting p JOIN funds_voucher v ON v.id = p.voucher_id"
        " JOIN funds_period r ON r.id = v.period_id JOIN funds_account a ON a.id = p.account_id"
        " LEFT JOIN accounts_division d ON d.id = p.township_id ORDER BY 1, 2, 4, 9",
    ),
)


def fingerprints() -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each part, read in batches however large it is."""
    for name, query in QUERIES:
        digest = hashlib.sha256()
        with connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(5000):
                for row in rows:
                    digest.update("\x1f".join(map(str, row)).encode() + b"\n")
        yield name, digest.hexdigest()


def fingerprint() -> str:
    """SHA-256 of the whole content."""
    whole = "\n".join(f"{name} {digest}" for name, digest in fingerprints())
    return hashlib.sha256(whole.encode()).hexdigest()
