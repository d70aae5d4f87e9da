"""Refused, sent back, approved by several: the same pairs in SQL, and hands that never meet.

From here on pairs and columns of the way are arguments of one trigger, so that the next migration
that adds one replaces the trigger and not the function. tests/claims/test_workflow.py compares the
pairs with claims/workflow.py.
"""

from importlib import import_module

from django.db import migrations

from accounts.append_only import append_only, never_deleted
from accounts.sql import RunSQL

FIRST = import_module("claims.migrations.0002_guards").FUNCTIONS
DRAWN = import_module("claims.migrations.0007_drawn_benefits")

PAIRS = (
    "draft>submitted", "draft>withdrawn", "submitted>reviewed", "submitted>withdrawn",
    "submitted>refused", "reviewed>approved", "reviewed>withdrawn", "reviewed>refused",
    "reviewed>submitted", "approved>paid", "approved>withdrawn", "refused>withdrawn",
)  # fmt: skip
WAY = (
    "status", "submitted_at", "reviewed_by_id", "reviewed_at", "approved_by_id", "approved_at",
    "paid_by_id", "paid_at", "paid_on", "voucher_number", "withdrawn_reason",
)  # fmt: skip

MOVES = """
CREATE OR REPLACE FUNCTION hezuo_claims_settlement_moves() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    way text[] := ARRAY(SELECT a FROM unnest(TG_ARGV::text[]) a WHERE strpos(a, '>') = 0);
BEGIN
    IF NEW.status <> OLD.status AND (OLD.status || '>' || NEW.status) <> ALL (TG_ARGV::text[]) THEN
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
    IF OLD.reviewed_by_id IS NOT NULL AND (NEW.reviewed_by_id, NEW.reviewed_at)
            IS DISTINCT FROM (OLD.reviewed_by_id, OLD.reviewed_at)
        AND (OLD.status, NEW.status) <> ('reviewed', 'submitted') THEN
        RAISE EXCEPTION 'claims_settlement.reviewed_by_id cannot be changed once it is set'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
TRIGGER = """
CREATE OR REPLACE TRIGGER claims_settlement_moves BEFORE UPDATE ON claims_settlement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_settlement_moves({arguments})
"""
ONCE = """
CREATE OR REPLACE TRIGGER claims_settlement_set_once BEFORE UPDATE ON claims_settlement
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset('submitted_at', {reviewed}
        'approved_by_id', 'approved_at', 'paid_by_id', 'paid_at', 'paid_on', 'voucher_number',
        'withdrawn_reason')
"""
WAS_MOVES = FIRST[
    FIRST.index("CREATE FUNCTION hezuo_claims_settlement_moves") : FIRST.index(
        "CREATE FUNCTION hezuo_claims_line_stands"
    )
].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

# How many approve is the county's rules' word of that moment; one alone needs no row.
APPROVED = """
CREATE FUNCTION claims_settlement_hands() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    rule claims_reviewrule;
    needed integer := 1;
    given integer;
    payable numeric := NEW.fund_amount + NEW.account_amount + NEW.credit_amount;
BEGIN
    IF NEW.status = 'approved' THEN
        SELECT r.* INTO rule FROM claims_reviewrule r
            JOIN accounts_division a ON a.id = r.area_id
            JOIN accounts_division d ON d.id = NEW.division_id
            WHERE r.status = 'approved' AND d.code LIKE a.code || '%'
            ORDER BY r.id DESC LIMIT 1;
        needed := 1 + (payable > coalesce(rule.second_above, payable))::integer
            + (payable > coalesce(rule.third_above, payable))::integer;
        SELECT count(*) INTO given FROM claims_approval
            WHERE settlement_id = NEW.id AND holds;
        IF needed > 1 AND given < needed THEN
            RAISE EXCEPTION 'settlement % needs % approvals and has %', NEW.id, needed, given
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM claims_approval
            WHERE settlement_id = NEW.id AND holds AND by_id = NEW.paid_by_id) THEN
        RAISE EXCEPTION 'who approved settlement % does not pay it', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION claims_approval_hands() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    claim claims_settlement;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT OLD.holds OR to_jsonb(NEW) - 'holds' IS DISTINCT FROM to_jsonb(OLD) - 'holds' THEN
            RAISE EXCEPTION 'an approval stays; it only ceases to hold'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO claim FROM claims_settlement WHERE id = NEW.settlement_id;
    IF claim.status <> 'reviewed' OR NEW.by_id IN (claim.entered_by_id, claim.reviewed_by_id) THEN
        RAISE EXCEPTION 'settlement % is not to be approved by user %', claim.id, NEW.by_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
APPROVED_TRIGGERS = """
CREATE TRIGGER claims_settlement_hands BEFORE UPDATE OF status ON claims_settlement
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('approved', 'paid'))
    EXECUTE FUNCTION claims_settlement_hands();
CREATE TRIGGER claims_approval_hands BEFORE INSERT OR UPDATE ON claims_approval
    FOR EACH ROW EXECUTE FUNCTION claims_approval_hands();
"""
RULES = """
CREATE TRIGGER claims_reviewrule_status_moves BEFORE UPDATE ON claims_reviewrule
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION hezuo_refuse_move('proposed>approved', 'proposed>refused',
        'proposed>withdrawn');
CREATE TRIGGER claims_reviewrule_frozen BEFORE UPDATE ON claims_reviewrule
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'decided_by_id', 'decided_on',
        'decision');
"""
WAS_COUNTED = "('draft', 'withdrawn')"
COUNTED = "('draft', 'refused', 'withdrawn')"
WAS_CHANGES = "('submitted', 'withdrawn')"
CHANGES = "('submitted', 'refused', 'withdrawn')"


def _replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


DROP_CHANGES = "DROP TRIGGER claims_drawn_is_told_changes ON claims_settlement"


class Migration(migrations.Migration):
    dependencies = [("claims", "0016_deciding")]

    operations = [
        RunSQL(MOVES, WAS_MOVES),
        RunSQL(TRIGGER.format(arguments=_listed(PAIRS + WAY)), TRIGGER.format(arguments="")),
        RunSQL(
            ONCE.format(reviewed=""), ONCE.format(reviewed="'reviewed_by_id', 'reviewed_at',")
        ),
        RunSQL(
            APPROVED,
            "DROP FUNCTION claims_settlement_hands() CASCADE;"
            "DROP FUNCTION claims_approval_hands() CASCADE;",
        ),
        RunSQL(APPROVED_TRIGGERS, RunSQL.noop),  # dropped together with the functions
        RunSQL(
            RULES,
            "DROP TRIGGER claims_reviewrule_frozen ON claims_reviewrule;"
            "DROP TRIGGER claims_reviewrule_status_moves ON claims_reviewrule;",
        ),
        never_deleted("claims_reviewrule"),
        never_deleted("claims_approval"),
        append_only("claims_denial"),
        RunSQL(
            _replaced(DRAWN.FUNCTION.replace(WAS_COUNTED, COUNTED)), _replaced(DRAWN.FUNCTION)
        ),
        RunSQL(DROP_CHANGES, DRAWN.CHANGES),
        RunSQL(DRAWN.CHANGES.replace(WAS_CHANGES, CHANGES), DROP_CHANGES),
    ]
