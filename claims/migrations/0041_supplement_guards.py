"""A supplement moves along its table and its payee stays once it is approved; what it paid counts
among what the cover's claims have drawn."""

from importlib import import_module

from django.db import migrations

from accounts.append_only import only_moves
from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0038_debts_of_other_payments")
STAYS = """
CREATE FUNCTION hezuo_claims_supplement_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    -- The account may be sealed with another key at any time; which it is, its index says. Two
    -- records of the payee may become one.
    way text[] := ARRAY['status', 'approved_by_id', 'approved_at', 'paid_by_id', 'paid_at',
        'paid_on', 'voucher_number', 'payee_account', 'payee_person_id'];
BEGIN
    IF NEW.status = 'to_pay' THEN
        way := way || ARRAY['named_by_id', 'named_at', 'payee_name', 'payee_relation',
            'payee_bank', 'payee_account_index', 'payee_document'];
        IF NEW.approved_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'a supplement that waits is approved by nobody'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF to_jsonb(NEW) - way IS DISTINCT FROM to_jsonb(OLD) - way THEN
        RAISE EXCEPTION 'a supplement keeps its amount, and its payee once it is approved'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
# Who brought it about stood with what was computed anew.
FOUND = """
DROP TRIGGER claims_supplement_frozen ON claims_supplement;
UPDATE claims_supplement s SET found_by_id = d.found_by_id
    FROM claims_dependent d WHERE d.id = s.dependent_id;
SET CONSTRAINTS ALL IMMEDIATE;
CREATE TRIGGER claims_supplement_stays BEFORE UPDATE ON claims_supplement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_supplement_stays();
"""
FOUND_BACK = """
CREATE TRIGGER claims_supplement_frozen BEFORE UPDATE ON claims_supplement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'paid_by_id', 'paid_at', 'paid_on',
        'voucher_number');
"""
DRAWN = BEFORE.DRAWN.replace(
    "s.credit_amount - coalesce((",
    """s.credit_amount + coalesce((
            SELECT sum(m.amount) FROM claims_supplement m
            WHERE m.settlement_id = s.id AND m.status = 'paid'
        ), 0) - coalesce((""",
).replace(
    "    ELSE\n        visit := NEW.visit_id;",
    """    ELSIF TG_TABLE_NAME = 'claims_supplement' THEN
        SELECT s.visit_id INTO visit FROM claims_settlement s WHERE s.id = NEW.settlement_id;
    ELSE
        visit := NEW.visit_id;""",
)
PAID = """
CREATE CONSTRAINT TRIGGER claims_drawn_is_told_more AFTER UPDATE OF status ON claims_supplement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_drawn_is_told()
"""
PAIRS = ["approved>paid", "approved>replaced", "approved>to_pay", "to_pay>approved",
         "to_pay>replaced"]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("claims", "0040_supplements_ordered"), ("accounts", "0002_moves")]

    operations = [
        RunSQL(STAYS, "DROP FUNCTION hezuo_claims_supplement_stays() CASCADE;"),
        RunSQL(FOUND, FOUND_BACK),
        RunSQL(DRAWN, BEFORE.DRAWN),
        RunSQL(PAID, "DROP TRIGGER claims_drawn_is_told_more ON claims_supplement;"),
        only_moves("claims_supplement", PAIRS),
    ]
