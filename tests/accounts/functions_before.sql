CREATE OR REPLACE FUNCTION enrollment_book_changes_hands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    latest enrollment_bookevent;
BEGIN
    SELECT * INTO latest FROM enrollment_bookevent e
    WHERE e.book_id = OLD.id AND e.kind = 'transfer' ORDER BY e.id DESC LIMIT 1;
    IF latest.holder_id = OLD.clerk_id AND latest.new_holder_id = NEW.clerk_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'receipt book % changes hands only by a recorded transfer', OLD.code
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION enrollment_book_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'receipt book % is checked off: its figures are final', OLD.code
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION enrollment_campaign_days_stay()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM enrollment_receipt r WHERE r.campaign_id = OLD.id) THEN
        RAISE EXCEPTION 'campaign % has receipts: its year and days cannot be changed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION enrollment_cover_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.status = 'active' AND NEW.status = 'pending' AND NEW.receipt_id IS NULL AND EXISTS (
        SELECT 1 FROM enrollment_receipt r WHERE r.id = OLD.receipt_id AND r.voided_at IS NOT NULL
    ) THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'active' AND NEW.status = 'cancelled' AND NEW.receipt_id = OLD.receipt_id
        AND EXISTS (
            SELECT 1 FROM enrollment_refund r
            WHERE r.enrollment_id = OLD.id AND r.status IN ('granted', 'paid')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'cover % is paid up: it ends by a refund or by voiding its receipt', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION enrollment_cover_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'cover % is paid up or withdrawn: what it says cannot be changed', OLD.id
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION enrollment_receipt_number_is_free()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM enrollment_receiptbook book
        WHERE book.id = NEW.book_id AND book.status = 'in_use'
            AND NEW.number BETWEEN book.first_number AND book.last_number
    ) THEN
        RAISE EXCEPTION 'receipt number % does not belong to a book in use', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM enrollment_bookevent lost
        WHERE lost.book_id = NEW.book_id AND lost.kind = 'loss'
            AND NEW.number BETWEEN lost.first_number AND lost.last_number
    ) THEN
        RAISE EXCEPTION 'receipt number % was reported lost', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION funds_number_is_used()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM funds_voucher
                   WHERE period_id = NEW.id AND number = NEW.next_number - 1) THEN
        RAISE EXCEPTION 'number % of month %-% was taken but not used',
            NEW.next_number - 1, NEW.year, NEW.month USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION funds_period_begins()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.status <> 'open' OR NEW.next_number <> 1 THEN
        RAISE EXCEPTION 'a month begins open and with number 1' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION funds_period_moves_on()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
;
CREATE OR REPLACE FUNCTION funds_postings_fit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
;
CREATE OR REPLACE FUNCTION funds_seal_follows()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
;
CREATE OR REPLACE FUNCTION funds_voucher_balances()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
;
CREATE OR REPLACE FUNCTION funds_voucher_enters()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_claims_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV::text[] THEN
        RAISE EXCEPTION '% is frozen except %', TG_TABLE_NAME, array_to_string(TG_ARGV, ', ')
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_claims_line_stands()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM claims_settlement
               WHERE visit_id = OLD.visit_id AND status NOT IN ('draft', 'withdrawn')) THEN
        RAISE EXCEPTION 'a line cannot be cut while a settlement stands on it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_claims_settlement_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    way text[] := ARRAY['status', 'submitted_at', 'reviewed_by_id', 'reviewed_at',
        'approved_by_id', 'approved_at', 'paid_by_id', 'paid_at', 'paid_on', 'voucher_number',
        'withdrawn_reason'];
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) NOT IN (
        'draft>submitted', 'draft>withdrawn', 'submitted>reviewed', 'submitted>withdrawn',
        'reviewed>approved', 'reviewed>withdrawn', 'approved>paid', 'approved>withdrawn'
    ) THEN
        RAISE EXCEPTION 'a settlement cannot go from % to %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status = 'draft' AND NEW.status IN ('draft', 'submitted') THEN
        IF (NEW.visit_id, NEW.number, NEW.division_id, NEW.entered_by_id)
            IS DISTINCT FROM (OLD.visit_id, OLD.number, OLD.division_id, OLD.entered_by_id) THEN
            RAISE EXCEPTION 'a draft keeps its visit, number, division and clerk'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way THEN
        RAISE EXCEPTION 'the amounts of a submitted settlement never change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_claims_step_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM claims_settlement
                                    WHERE id = OLD.settlement_id AND status = 'draft') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the steps of a settlement never change'
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_keep_applied_lines()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM enrollment_statuslist l WHERE l.id = OLD.list_id AND l.status = 'applied'
    ) THEN
        RAISE EXCEPTION '% on % is refused: the list is applied', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_refuse_borne_number()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN enrollment_person p
            ON p.resident_id_index = a.number_index AND NOT a.mistaken AND p.id <> a.person_id
    ) THEN
        RAISE EXCEPTION 'this number is borne by somebody else'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% on % is refused: rows are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_refuse_former_number()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN enrollment_formernumber f
            ON f.number_index = a.resident_id_index AND NOT f.mistaken AND f.person_id <> a.id
    ) THEN
        RAISE EXCEPTION 'this number was borne by somebody else before'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'former_number_is_taken';
    END IF;
    RETURN NULL;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_refuse_reset()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    field text;
    was jsonb := to_jsonb(OLD);
    now jsonb := to_jsonb(NEW);
BEGIN
    FOREACH field IN ARRAY TG_ARGV LOOP
        IF was -> field <> 'null'::jsonb AND was -> field <> '""'::jsonb
                AND was -> field IS DISTINCT FROM now -> field THEN
            RAISE EXCEPTION '%.% cannot be changed once it is set', TG_TABLE_NAME, field
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_reports_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.status IN ('done', 'failed') THEN
        RAISE EXCEPTION 'a finished report never changes; request a new edition'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION hezuo_supervision_alert_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.status <> 'open' THEN
        RAISE EXCEPTION 'a handled alert never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $function$
;
CREATE OR REPLACE FUNCTION policies_pack_ends_earlier()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
            BEGIN
                RAISE EXCEPTION 'the last day of a pack may only move to an earlier day'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $function$
;
