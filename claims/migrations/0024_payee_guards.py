"""Whom a claim pays changes only on the way back to its review, which makes review and approval
void; a claim for which nothing is to be paid ends without payment.

What was reviewed or approved before there were payees goes back to its review: nobody has agreed to
a payee yet. Institutions are named by what the visit says; households are asked.
"""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0017_deciding_guards")
PAIRS = (*BEFORE.PAIRS, "approved>submitted", "approved>nothing")
PAYEE = (
    "payee_name", "payee_relation", "payee_person_id", "payee_bank", "payee_account_index",
    "payee_document",
)  # fmt: skip
# The account may be sealed with another key at any time; which account it is, its index says.
WAY = (*BEFORE.WAY, *PAYEE, "payee_account", "digest")
MOVES = BEFORE.MOVES.replace(
    "AND (OLD.status, NEW.status) <> ('reviewed', 'submitted')",
    "AND NOT (OLD.status IN ('reviewed', 'approved') AND NEW.status = 'submitted')",
)
SEEN = """
CREATE FUNCTION hezuo_claims_payee_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.status <> 'submitted' AND OLD.status <> 'draft' AND
        (NEW.payee_name, NEW.payee_relation, NEW.payee_person_id, NEW.payee_bank,
            NEW.payee_account_index, NEW.payee_document)
        IS DISTINCT FROM (OLD.payee_name, OLD.payee_relation, OLD.payee_person_id, OLD.payee_bank,
            OLD.payee_account_index, OLD.payee_document) THEN
        RAISE EXCEPTION 'the payee of a settlement changes on the way back to its review'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.status IN ('reviewed', 'approved') AND NEW.status = 'submitted' AND NOT (
        NEW.reviewed_by_id IS NULL AND NEW.approved_by_id IS NULL AND NEW.digest = ''
    ) THEN
        RAISE EXCEPTION 'what goes back to its review is neither reviewed nor approved'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.status = 'nothing' AND OLD.status <> 'nothing'
            AND NEW.fund_amount + NEW.account_amount + NEW.credit_amount <> 0 THEN
        RAISE EXCEPTION 'a settlement with something to pay is closed by its payment'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claims_settlement_payee_stays BEFORE UPDATE ON claims_settlement
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_payee_stays();
"""
ONCE = """
CREATE OR REPLACE TRIGGER claims_settlement_set_once BEFORE UPDATE ON claims_settlement
    FOR EACH ROW
    WHEN (NOT (OLD.status IN ('reviewed', 'approved') AND NEW.status = 'submitted'))
    EXECUTE FUNCTION hezuo_refuse_reset('submitted_at', 'approved_by_id', 'approved_at',
        'paid_by_id', 'paid_at', 'paid_on', 'voucher_number', 'withdrawn_reason', 'digest')
"""
BACK_TO_REVIEW = """
INSERT INTO accounts_auditline (at, user_name, role, request_id, action, subject_type, subject_id,
        division_code, before, after, reason)
    SELECT now(), '系统', '', '', 'claims.voided', 'claims.settlement', s.id::text, d.code,
        jsonb_build_object('status', s.status, 'reviewed_by_id', s.reviewed_by_id,
            'approved_by_id', s.approved_by_id),
        jsonb_build_object('status', 'submitted'),
        '系统升级：初审、复核时还没有收款人，须重新初审、复核'
    FROM claims_settlement s JOIN accounts_division d ON d.id = s.division_id
    WHERE s.status IN ('reviewed', 'approved');
UPDATE claims_approval SET holds = false WHERE holds AND settlement_id IN (
    SELECT id FROM claims_settlement WHERE status IN ('reviewed', 'approved'));
UPDATE claims_settlement SET status = 'submitted', reviewed_by_id = NULL, reviewed_at = NULL,
    approved_by_id = NULL, approved_at = NULL WHERE status IN ('reviewed', 'approved');
UPDATE claims_settlement s SET payee_name = v.institution_name, payee_relation = 'institution'
    FROM claims_visit v
    WHERE v.id = s.visit_id AND s.pay_to = 'institution' AND s.status IN ('draft', 'submitted');
"""
HOLD = """
CREATE FUNCTION hezuo_claims_hold_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    way text[] := ARRAY['lifted_by_id', 'lifted_at', 'lifted_reason'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.lifted_at IS NULL
            AND to_jsonb(NEW) - way = to_jsonb(OLD) - way THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a hold on a payment stays; it is lifted once'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER claims_paymenthold_stays BEFORE UPDATE OR DELETE ON claims_paymenthold
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_hold_stays();
CREATE TRIGGER claims_paymenthold_table_stays BEFORE TRUNCATE ON claims_paymenthold
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_claims_hold_stays();
"""


def _moves(words: tuple[str, ...]) -> str:
    return BEFORE.TRIGGER.format(arguments=", ".join(f"'{word}'" for word in words))


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0023_payees"),
        ("accounts", "0002_moves"),
        ("funds", "0007_payment_guards"),
    ]

    operations = [
        RunSQL(MOVES, BEFORE.MOVES),
        RunSQL(_moves(PAIRS + WAY), _moves(BEFORE.PAIRS + BEFORE.WAY)),
        RunSQL(SEEN, "DROP FUNCTION hezuo_claims_payee_stays() CASCADE;"),
        RunSQL(ONCE, BEFORE.ONCE.format(reviewed="")),
        RunSQL(BACK_TO_REVIEW, RunSQL.noop),
        RunSQL(HOLD, "DROP FUNCTION hezuo_claims_hold_stays() CASCADE;"),
    ]
