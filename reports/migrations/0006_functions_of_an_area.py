"""Every trigger function finds its tables where it stands itself, whoever calls it from where.

In one place for all rooms, since this one comes after all of them: with it a database that was
made earlier has the same functions as a new one. The three that compared a transition table with
other tables take its columns as arrays first: a transition table is known to one node only, and
the other tables may live on another.
"""

from django.db import migrations

from accounts.sql import RunSQL, bound

UNBOUND = (
    "hezuo_refuse_change",
    "hezuo_refuse_reset",
    "policies_pack_ends_earlier",
    "funds_period_moves_on",
    "funds_number_is_used",
    "funds_period_begins",
    "funds_voucher_enters",
    "funds_voucher_balances",
    "funds_seal_follows",
    "enrollment_receipt_number_is_free",
    "hezuo_keep_applied_lines",
    "enrollment_cover_moves",
    "enrollment_cover_stays",
    "enrollment_campaign_days_stay",
    "enrollment_book_changes_hands",
    "enrollment_book_is_final",
    "hezuo_claims_frozen",
    "hezuo_claims_settlement_moves",
    "hezuo_claims_line_stands",
    "hezuo_claims_step_stays",
    "hezuo_supervision_alert_final",
    "hezuo_reports_final",
)
POSTINGS = """
CREATE OR REPLACE FUNCTION funds_postings_fit() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    vouchers bigint[];
    accounts bigint[];
    periods bigint[];
    positive boolean[];
BEGIN
    SELECT array_agg(voucher_id), array_agg(account_id), array_agg(period_id),
            array_agg(debit + credit > 0)
        INTO vouchers, accounts, periods, positive FROM fresh;
    IF EXISTS (
        SELECT 1 FROM unnest(vouchers, accounts, periods, positive)
            AS added (voucher_id, account_id, period_id, is_positive)
        JOIN funds_voucher voucher ON voucher.id = added.voucher_id
        JOIN funds_account account ON account.id = added.account_id
        JOIN funds_period month ON month.id = voucher.period_id
        WHERE added.period_id <> voucher.period_id OR account.book_id <> voucher.book_id
            OR month.status <> 'open'
            OR (voucher.reversal_of_id IS NULL) <> added.is_positive
    ) THEN
        RAISE EXCEPTION 'a posting is of another book, of a closed month, or of the wrong sign'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT unnest(vouchers) AS voucher_id) touched
        JOIN funds_voucher voucher ON voucher.id = touched.voucher_id
        WHERE voucher.line_count
            < (SELECT count(*) FROM funds_posting p WHERE p.voucher_id = voucher.id)
    ) THEN
        RAISE EXCEPTION 'a voucher has more postings than it says'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
FORMER_NUMBER = """
CREATE OR REPLACE FUNCTION hezuo_refuse_former_number() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    people bigint[];
    numbers text[];
BEGIN
    SELECT array_agg(id), array_agg(resident_id_index) INTO people, numbers FROM added;
    IF EXISTS (
        SELECT FROM unnest(people, numbers) AS a (person_id, number)
        JOIN enrollment_formernumber f
            ON f.number_index = a.number AND NOT f.mistaken AND f.person_id <> a.person_id
    ) THEN
        RAISE EXCEPTION 'this number was borne by somebody else before'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $$
"""
BORNE_NUMBER = """
CREATE OR REPLACE FUNCTION hezuo_refuse_borne_number() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    people bigint[];
    numbers text[];
BEGIN
    SELECT array_agg(person_id), array_agg(number_index)
        INTO people, numbers FROM added WHERE NOT mistaken;
    IF EXISTS (
        SELECT FROM unnest(people, numbers) AS a (person_id, number)
        JOIN enrollment_person p ON p.resident_id_index = a.number AND p.id <> a.person_id
    ) THEN
        RAISE EXCEPTION 'this number is borne by somebody else'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0005_jobs"),
        ("accounts", "0002_moves"),
        ("policies", "0005_measures_end"),
        ("funds", "0002_guards"),
        ("enrollment", "0010_cover_guards"),
        ("claims", "0002_guards"),
        ("supervision", "0002_guards"),
    ]

    operations = [
        bound(*UNBOUND),
        # They do what they did: a way back is not needed.
        RunSQL(POSTINGS, RunSQL.noop),
        RunSQL(FORMER_NUMBER, RunSQL.noop),
        RunSQL(BORNE_NUMBER, RunSQL.noop),
    ]
