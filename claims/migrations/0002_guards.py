"""What was entered stays; a settlement moves only along the table of claims/workflow.py.

The pairs below repeat that table because a migration never changes with the code;
tests/claims/test_workflow.py compares the two.
"""

from django.db import migrations

from accounts.append_only import append_only, never_deleted, set_once
from accounts.sql import RunSQL

FUNCTIONS = """
CREATE FUNCTION hezuo_claims_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV::text[] THEN
        RAISE EXCEPTION '% is frozen except %', TG_TABLE_NAME, array_to_string(TG_ARGV, ', ')
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_claims_settlement_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION hezuo_claims_line_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM claims_settlement
               WHERE visit_id = OLD.visit_id AND status NOT IN ('draft', 'withdrawn')) THEN
        RAISE EXCEPTION 'a line cannot be cut while a settlement stands on it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hezuo_claims_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM claims_settlement
                                    WHERE id = OLD.settlement_id AND status = 'draft') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the steps of a settlement never change'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""

TRIGGERS = """
CREATE TRIGGER claims_settlement_moves BEFORE UPDATE ON claims_settlement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_settlement_moves();
CREATE TRIGGER claims_billline_frozen BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('approved_amount', 'cut_reason');
CREATE TRIGGER claims_billline_stands BEFORE UPDATE ON claims_billline
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_line_stands();
CREATE TRIGGER claims_invoice_frozen BEFORE UPDATE ON claims_invoice
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('is_live');
CREATE TRIGGER claims_step_stays BEFORE UPDATE OR DELETE ON claims_settlementstep
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_step_stays();
CREATE TRIGGER claims_step_table_stays BEFORE TRUNCATE ON claims_settlementstep
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_claims_step_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial"), ("accounts", "0001_initial")]

    operations = [
        RunSQL(
            FUNCTIONS,
            "DROP FUNCTION hezuo_claims_frozen() CASCADE;"
            "DROP FUNCTION hezuo_claims_settlement_moves() CASCADE;"
            "DROP FUNCTION hezuo_claims_line_stands() CASCADE;"
            "DROP FUNCTION hezuo_claims_step_stays() CASCADE;",
        ),
        # Dropped together with the functions.
        RunSQL(TRIGGERS, RunSQL.noop),
        append_only("claims_visit"),
        append_only("claims_usageentry"),
        never_deleted("claims_invoice"),
        never_deleted("claims_billline"),
        never_deleted("claims_settlement"),
        set_once(
            "claims_settlement",
            ["submitted_at", "reviewed_by_id", "reviewed_at", "approved_by_id", "approved_at",
             "paid_by_id", "paid_at", "paid_on", "voucher_number", "withdrawn_reason"],
        ),
    ]
