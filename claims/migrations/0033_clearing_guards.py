"""A clearing, its deductions and what two decide move along their tables alone; a statement that is
out is the sum of its claims and deductions."""

from django.db import migrations

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

ADDS_UP = """
CREATE FUNCTION claims_clearing_adds_up() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    whole claims_clearing;
    claimed numeric;
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
    SELECT coalesce(sum(amount), 0) INTO claimed FROM claims_clearingclaim
        WHERE clearing_id = about AND is_live;
    SELECT coalesce(sum(d.amount), 0) INTO off FROM claims_deduction d
        JOIN claims_clearingclaim c ON c.id = d.claim_id
        WHERE c.clearing_id = about AND c.is_live AND d.status <> 'void';
    IF whole.status <> 'withdrawn' AND claimed <> whole.claimed_amount
            OR whole.status IN ('issued', 'confirmed', 'paid') AND off <> whole.deducted_amount THEN
        RAISE EXCEPTION 'clearing %: % of claims, % deducted, but it says % and %',
            whole.number, claimed, off, whole.claimed_amount, whole.deducted_amount
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER claims_clearing_whole AFTER INSERT OR UPDATE ON claims_clearing
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_clearing_adds_up('clearing');
CREATE CONSTRAINT TRIGGER claims_clearingclaim_whole AFTER INSERT OR UPDATE ON claims_clearingclaim
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_clearing_adds_up('claim');
CREATE CONSTRAINT TRIGGER claims_deduction_whole AFTER INSERT OR UPDATE ON claims_deduction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION claims_clearing_adds_up('deduction');
CREATE TRIGGER claims_clearingclaim_frozen BEFORE UPDATE ON claims_clearingclaim
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('is_live', 'fell_at', 'fell_reason');
"""
BACK = """
DROP TRIGGER claims_clearingclaim_frozen ON claims_clearingclaim;
DROP FUNCTION claims_clearing_adds_up() CASCADE;
"""
CLEARING = [
    "checked>declared",
    "checked>issued",
    "confirmed>declared",
    "confirmed>paid",
    "declared>checked",
    "declared>withdrawn",
    "issued>confirmed",
    "issued>declared",
]
DEDUCTION = [
    "answered>disputed",
    "answered>given_back",
    "answered>upheld",
    "answered>void",
    "disputed>answered",
    "disputed>void",
    "standing>disputed",
    "standing>void",
    "upheld>void",
]
DECISION = [
    "proposed>approved",
    "proposed>refused",
    "proposed>withdrawn",
]


class Migration(migrations.Migration):

    dependencies = [("claims", "0032_clearing"), ("funds", "0008_deposits")]

    operations = [
        only_moves("claims_clearing", CLEARING),
        only_moves("claims_deduction", DEDUCTION),
        only_moves("claims_clearingrule", DECISION),
        only_moves("claims_prepayment", DECISION),
        only_moves("claims_depositreturn", DECISION),
        never_deleted("claims_clearing"),
        never_deleted("claims_clearingclaim"),
        never_deleted("claims_deduction"),
        never_deleted("claims_clearingrule"),
        never_deleted("claims_prepayment"),
        never_deleted("claims_depositreturn"),
        RunSQL(ADDS_UP, BACK),
    ]
