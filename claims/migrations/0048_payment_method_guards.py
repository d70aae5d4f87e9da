"""A payment method is decided once and keeps its numbers; what a claim is worth by it stands once its
month is paid, and a statement is the sum of these worths."""

from importlib import import_module

from django.db import migrations

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0033_clearing_guards")
WHOLE = """
CREATE OR REPLACE FUNCTION claims_clearing_adds_up() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    whole claims_clearing;
    claimed numeric;
    gained numeric;
    off numeric;
    about bigint;
BEGIN
    IF TG_ARGV[0] = 'clearing' THEN
        about := NEW.id;
    ELSIF TG_ARGV[0] = 'claim' THEN
        about := NEW.clearing_id;
    ELSE
        SELECT clearing_id INTO about FROM claims_clearingclaim WHERE id = NEW.claim_id;
    END IF;
    SELECT * INTO whole FROM claims_clearing WHERE id = about;
    SELECT coalesce(sum(amount), 0), coalesce(sum(gain), 0) INTO claimed, gained
        FROM claims_clearingclaim WHERE clearing_id = about AND is_live;
    SELECT coalesce(sum(d.amount), 0) INTO off FROM claims_deduction d
        JOIN claims_clearingclaim c ON c.id = d.claim_id
        WHERE c.clearing_id = about AND c.is_live AND d.status <> 'void';
    IF whole.status <> 'withdrawn'
            AND (claimed <> whole.claimed_amount OR gained <> whole.gain_amount)
            OR whole.status IN ('issued', 'confirmed', 'paid') AND off <> whole.deducted_amount THEN
        RAISE EXCEPTION 'clearing %: % of claims, % by methods, % deducted, but it says %, % and %',
            whole.number, claimed, gained, off,
            whole.claimed_amount, whole.gain_amount, whole.deducted_amount
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF whole.status IN ('issued', 'confirmed', 'paid') AND EXISTS (
            SELECT 1 FROM claims_deduction d
            JOIN claims_clearingclaim c ON c.id = d.claim_id
            WHERE c.clearing_id = about AND c.is_live AND d.status <> 'void'
            GROUP BY c.id, c.amount, c.gain HAVING sum(d.amount) > c.amount + c.gain) THEN
        RAISE EXCEPTION 'clearing %: more is deducted from a claim than it is worth', whole.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION claims_clearing_gain_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM claims_clearing
               WHERE id = NEW.clearing_id AND status IN ('paid', 'withdrawn')) THEN
        RAISE EXCEPTION 'what a claim is worth stands once its month is paid'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_clearingclaim_gain_stays BEFORE UPDATE ON claims_clearingclaim
    FOR EACH ROW WHEN (OLD.gain IS DISTINCT FROM NEW.gain)
    EXECUTE FUNCTION claims_clearing_gain_stays();
CREATE OR REPLACE TRIGGER claims_clearingclaim_frozen BEFORE UPDATE ON claims_clearingclaim
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('gain', 'is_live', 'fell_at', 'fell_reason');
CREATE TRIGGER claims_paymentmethod_frozen BEFORE UPDATE ON claims_paymentmethod
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'decided_by_id', 'decided_on',
        'decision');
"""
BACK = """
DROP TRIGGER claims_paymentmethod_frozen ON claims_paymentmethod;
CREATE OR REPLACE TRIGGER claims_clearingclaim_frozen BEFORE UPDATE ON claims_clearingclaim
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('is_live', 'fell_at', 'fell_reason');
DROP TRIGGER claims_clearingclaim_gain_stays ON claims_clearingclaim;
DROP FUNCTION claims_clearing_gain_stays();
""" + BEFORE.ADDS_UP.partition("CREATE CONSTRAINT TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):

    dependencies = [("claims", "0047_payment_methods")]

    operations = [
        only_moves("claims_paymentmethod", BEFORE.DECISION),
        never_deleted("claims_paymentmethod"),
        RunSQL(WHOLE, BACK),
    ]
