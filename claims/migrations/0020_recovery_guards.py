"""What was found and decided stays; a debt moves only along its table; it adds up by layer, no more
comes back than is owed, and the cover's figure of what was drawn knows what came back."""

from django.db import migrations

from accounts.append_only import append_only, never_deleted, only_moves, set_once
from accounts.sql import RunSQL

FUNCTIONS = """
CREATE FUNCTION claims_recovery_adds_up() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    debt claims_recovery;
    parts numeric;
    back numeric;
BEGIN
    IF TG_ARGV[0] = 'recovery' THEN
        SELECT * INTO debt FROM claims_recovery WHERE id = NEW.id;
    ELSE
        SELECT * INTO debt FROM claims_recovery WHERE id = NEW.recovery_id;
    END IF;
    SELECT coalesce(sum(amount), 0) INTO parts FROM claims_recoverypart
        WHERE recovery_id = debt.id;
    SELECT coalesce(sum(amount), 0) INTO back FROM claims_recoveryreceipt
        WHERE recovery_id = debt.id;
    IF parts <> debt.amount OR back > debt.amount
            OR (debt.status = 'received') <> (back = debt.amount) THEN
        RAISE EXCEPTION 'recovery %: % owed, % by layer, % received, status %',
            debt.number, debt.amount, parts, back, debt.status
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER claims_recovery_frozen BEFORE UPDATE ON claims_recovery
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'due_on', 'reviewed_by_id',
        'reviewed_at', 'approved_by_id', 'approved_at', 'received_by_id', 'received_at',
        'waiver_asked_by_id', 'waiver_asked_at', 'waived_by_id', 'waived_at', 'decision');
CREATE TRIGGER claims_supplement_frozen BEFORE UPDATE ON claims_supplement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'paid_by_id', 'paid_at', 'paid_on',
        'voucher_number');
CREATE CONSTRAINT TRIGGER claims_recovery_whole AFTER INSERT OR UPDATE OF status ON claims_recovery
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION claims_recovery_adds_up('recovery');
CREATE CONSTRAINT TRIGGER claims_recoverypart_whole AFTER INSERT ON claims_recoverypart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_recovery_adds_up('part');
CREATE CONSTRAINT TRIGGER claims_recoveryreceipt_whole AFTER INSERT ON claims_recoveryreceipt
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_recovery_adds_up('receipt');
"""
# As in 0007, less what came back. Settlement.NOT_COUNTED, payable_amount and drawn_of;
# tests/claims/test_drawn.py compares them.
DRAWN = """
CREATE OR REPLACE FUNCTION claims_drawn_is_told() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    cover enrollment_enrollment;
    claims bigint;
    amount numeric;
    visit bigint;
BEGIN
    IF TG_TABLE_NAME = 'claims_recoveryreceipt' THEN
        SELECT s.visit_id INTO visit FROM claims_recovery r
            JOIN claims_settlement s ON s.id = r.settlement_id WHERE r.id = NEW.recovery_id;
    ELSE
        visit := NEW.visit_id;
    END IF;
    SELECT e.* INTO cover FROM enrollment_enrollment e
        JOIN claims_visit v ON v.enrollment_id = e.id WHERE v.id = visit;
    SELECT count(*), coalesce(sum(drawn.left_over), 0) INTO claims, amount FROM (
        SELECT s.fund_amount + s.account_amount + s.credit_amount - coalesce((
            SELECT sum(b.amount) FROM claims_recoveryreceipt b
            JOIN claims_recovery r ON r.id = b.recovery_id WHERE r.settlement_id = s.id
        ), 0) AS left_over
        FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id
        WHERE v.enrollment_id = cover.id AND s.status NOT IN ('draft', 'withdrawn', 'refused')
    ) drawn WHERE drawn.left_over > 0;
    IF cover.status = 'active' AND (cover.drawn_claims, cover.drawn_amount) <> (claims, amount) THEN
        RAISE EXCEPTION 'cover % says that % claims drew %, its settlements say % and %',
            cover.id, cover.drawn_claims, cover.drawn_amount, claims, amount
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
BACK = """
CREATE CONSTRAINT TRIGGER claims_drawn_is_told_back AFTER INSERT ON claims_recoveryreceipt
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claims_drawn_is_told()
"""
PAIRS = [
    "approved>received",
    "approved>waiving",
    "proposed>refused",
    "proposed>replaced",
    "proposed>reviewed",
    "reviewed>approved",
    "reviewed>refused",
    "waiving>approved",
    "waiving>waived",
]


class Migration(migrations.Migration):
    dependencies = [("claims", "0019_recovery")]

    operations = [
        RunSQL(FUNCTIONS, "DROP FUNCTION claims_recovery_adds_up() CASCADE"),
        RunSQL(
            TRIGGERS,
            "DROP TRIGGER claims_recovery_frozen ON claims_recovery;"
            "DROP TRIGGER claims_supplement_frozen ON claims_supplement;",
        ),
        RunSQL(DRAWN, RunSQL.noop),
        RunSQL(BACK, "DROP TRIGGER claims_drawn_is_told_back ON claims_recoveryreceipt"),
        append_only("claims_dependent"),
        append_only("claims_supplementpart"),
        append_only("claims_recoverypart"),
        append_only("claims_recoveryreceipt"),
        never_deleted("claims_supplement"),
        never_deleted("claims_recovery"),
        set_once(
            "claims_recovery",
            ["reviewed_by_id", "reviewed_at", "approved_by_id", "approved_at", "due_on"],
        ),
        only_moves("claims_recovery", PAIRS),
    ]
