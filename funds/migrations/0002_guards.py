"""What the ledger promises, held by PostgreSQL itself.

A voucher enters an open month under the month's number just taken, and at commit it has exactly the
lines and the amount that it says, in balance; a red-letter voucher mirrors the one it corrects.
Since the voucher can never change again, no line can be added or taken away later.
"""

from django.db import migrations

from accounts.append_only import append_only, never_deleted
from accounts.sql import RunSQL

PERIOD = """
CREATE FUNCTION funds_period_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'closed' THEN
        RAISE EXCEPTION 'month %-% is closed for ever', OLD.year, OLD.month
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.book_id, NEW.year, NEW.month) <> (OLD.book_id, OLD.year, OLD.month)
            OR NEW.next_number NOT IN (OLD.next_number, OLD.next_number + 1) THEN
        RAISE EXCEPTION 'a month keeps its place, and numbers are taken one by one'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_period_moves_on BEFORE UPDATE ON funds_period
    FOR EACH ROW EXECUTE FUNCTION funds_period_moves_on();

CREATE FUNCTION funds_number_is_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM funds_voucher
                   WHERE period_id = NEW.id AND number = NEW.next_number - 1) THEN
        RAISE EXCEPTION 'number % of month %-% was taken but not used',
            NEW.next_number - 1, NEW.year, NEW.month USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_number_is_used AFTER UPDATE OF next_number ON funds_period
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.next_number <> NEW.next_number) EXECUTE FUNCTION funds_number_is_used();

CREATE FUNCTION funds_period_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'open' OR NEW.next_number <> 1 THEN
        RAISE EXCEPTION 'a month begins open and with number 1' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_period_begins BEFORE INSERT ON funds_period
    FOR EACH ROW EXECUTE FUNCTION funds_period_begins();
"""
PERIOD_BACK = """
DROP TRIGGER funds_period_begins ON funds_period;
DROP TRIGGER funds_number_is_used ON funds_period;
DROP TRIGGER funds_period_moves_on ON funds_period;
DROP FUNCTION funds_period_begins();
DROP FUNCTION funds_number_is_used();
DROP FUNCTION funds_period_moves_on();
"""

VOUCHER = """
CREATE FUNCTION funds_voucher_enters() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    month funds_period%ROWTYPE;
    original funds_voucher%ROWTYPE;
BEGIN
    SELECT * INTO month FROM funds_period WHERE id = NEW.period_id FOR SHARE;
    IF month.status <> 'open' THEN
        RAISE EXCEPTION 'month %-% is closed', month.year, month.month
            USING ERRCODE = 'check_violation';
    END IF;
    IF month.book_id <> NEW.book_id
            OR date_trunc('month', NEW.occurred_on)::date
                <> make_date(month.year, month.month, 1) THEN
        RAISE EXCEPTION 'voucher and month do not belong together'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.number <> month.next_number - 1 THEN
        RAISE EXCEPTION 'number % is not the one just taken', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reversal_of_id IS NOT NULL THEN
        SELECT * INTO original FROM funds_voucher WHERE id = NEW.reversal_of_id;
        IF original.reversal_of_id IS NOT NULL OR original.book_id <> NEW.book_id
                OR original.line_count <> NEW.line_count OR original.amount <> -NEW.amount THEN
            RAISE EXCEPTION 'voucher % cannot be reversed by this one', original.id
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_voucher_enters BEFORE INSERT ON funds_voucher
    FOR EACH ROW EXECUTE FUNCTION funds_voucher_enters();

CREATE FUNCTION funds_voucher_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines bigint;
    debits numeric;
    credits numeric;
BEGIN
    SELECT count(*), coalesce(sum(debit), 0), coalesce(sum(credit), 0)
        INTO lines, debits, credits FROM funds_posting WHERE voucher_id = NEW.id;
    IF lines <> NEW.line_count OR debits <> NEW.amount OR credits <> NEW.amount THEN
        RAISE EXCEPTION 'voucher % does not balance: % lines, debit %, credit %; it says % and %',
            NEW.id, lines, debits, credits, NEW.line_count, NEW.amount
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reversal_of_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM funds_posting was
        LEFT JOIN funds_posting red ON red.voucher_id = NEW.id
            AND (red.line, red.account_id, red.debit, red.credit, red.funding_level, red.tier,
                 red.institution_code)
              = (was.line, was.account_id, -was.debit, -was.credit, was.funding_level, was.tier,
                 was.institution_code)
            AND (red.township_id, red.policy_year)
                IS NOT DISTINCT FROM (was.township_id, was.policy_year)
        WHERE was.voucher_id = NEW.reversal_of_id AND red.id IS NULL
    ) THEN
        RAISE EXCEPTION 'voucher % does not mirror voucher %', NEW.id, NEW.reversal_of_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_voucher_balances AFTER INSERT ON funds_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funds_voucher_balances();
"""
VOUCHER_BACK = """
DROP TRIGGER funds_voucher_balances ON funds_voucher;
DROP TRIGGER funds_voucher_enters ON funds_voucher;
DROP FUNCTION funds_voucher_balances();
DROP FUNCTION funds_voucher_enters();
"""

POSTING = """
CREATE FUNCTION funds_postings_fit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh
        JOIN funds_voucher voucher ON voucher.id = fresh.voucher_id
        JOIN funds_account account ON account.id = fresh.account_id
        JOIN funds_period month ON month.id = voucher.period_id
        WHERE fresh.period_id <> voucher.period_id OR account.book_id <> voucher.book_id
            OR month.status <> 'open'
            OR (voucher.reversal_of_id IS NULL) <> (fresh.debit + fresh.credit > 0)
    ) THEN
        RAISE EXCEPTION 'a posting is of another book, of a closed month, or of the wrong sign'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT voucher_id FROM fresh) touched
        JOIN funds_voucher voucher ON voucher.id = touched.voucher_id
        WHERE voucher.line_count
            < (SELECT count(*) FROM funds_posting p WHERE p.voucher_id = voucher.id)
    ) THEN
        RAISE EXCEPTION 'a voucher has more postings than it says'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER funds_postings_fit AFTER INSERT ON funds_posting
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_postings_fit();
"""
POSTING_BACK = """
DROP TRIGGER funds_postings_fit ON funds_posting;
DROP FUNCTION funds_postings_fit();
"""

SEAL = """
CREATE FUNCTION funds_seal_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text;
BEGIN
    SELECT digest INTO before FROM funds_seal
        WHERE book_id = NEW.book_id AND sequence = NEW.sequence - 1;
    IF NEW.previous <> coalesce(before, repeat('0', 64))
            OR (before IS NULL AND NEW.sequence <> 1) THEN
        RAISE EXCEPTION 'seal % does not follow the link before it', NEW.sequence
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_seal_follows BEFORE INSERT ON funds_seal
    FOR EACH ROW EXECUTE FUNCTION funds_seal_follows();
"""
SEAL_BACK = """
DROP TRIGGER funds_seal_follows ON funds_seal;
DROP FUNCTION funds_seal_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial")]

    operations = [
        RunSQL(PERIOD, PERIOD_BACK),
        RunSQL(VOUCHER, VOUCHER_BACK),
        RunSQL(POSTING, POSTING_BACK),
        RunSQL(SEAL, SEAL_BACK),
        append_only("funds_book"),
        append_only("funds_account"),
        append_only("funds_voucher"),
        append_only("funds_posting"),
        append_only("funds_closingbalance"),
        append_only("funds_seal"),
        never_deleted("funds_period"),
    ]
