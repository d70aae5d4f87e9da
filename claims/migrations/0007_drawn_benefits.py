"""What the covers' claims have drawn, told to the covers; at COMMIT the two are compared.

A cover that ended with benefits drawn on it (before refunds asked for them) stays as it is: the
CHECK of enrollment allows no such row any more, so its columns stay empty and are not compared.
"""

from django.db import migrations

from accounts.sql import RunSQL

FILL = """
UPDATE enrollment_enrollment e
SET drawn_claims = drawn.claims, drawn_amount = drawn.amount, drawn_first = drawn.first
FROM (
    SELECT v.enrollment_id, count(*) AS claims,
        sum(s.fund_amount + s.account_amount + s.credit_amount) AS amount,
        (array_agg(s.number ORDER BY s.id))[1] AS first
    FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id
    WHERE s.status NOT IN ('draft', 'withdrawn')
        AND s.fund_amount + s.account_amount + s.credit_amount > 0
    GROUP BY v.enrollment_id
) drawn
WHERE drawn.enrollment_id = e.id AND e.status = 'active'
"""
# The pair of Settlement.NOT_COUNTED and payable_amount; tests/claims/test_drawn.py compares them.
FUNCTION = """
CREATE FUNCTION claims_drawn_is_told() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    cover enrollment_enrollment;
    claims bigint;
    amount numeric;
BEGIN
    SELECT e.* INTO cover FROM enrollment_enrollment e
        JOIN claims_visit v ON v.enrollment_id = e.id WHERE v.id = NEW.visit_id;
    SELECT count(*), coalesce(sum(s.fund_amount + s.account_amount + s.credit_amount), 0)
        INTO claims, amount
        FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id
        WHERE v.enrollment_id = cover.id AND s.status NOT IN ('draft', 'withdrawn')
            AND s.fund_amount + s.account_amount + s.credit_amount > 0;
    IF cover.status = 'active' AND (cover.drawn_claims, cover.drawn_amount) <> (claims, amount) THEN
        RAISE EXCEPTION 'cover % says that % claims drew %, its settlements say % and %',
            cover.id, cover.drawn_claims, cover.drawn_amount, claims, amount
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
BEGINS = """
CREATE CONSTRAINT TRIGGER claims_drawn_is_told_begins AFTER INSERT ON claims_settlement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status <> 'draft')
    EXECUTE FUNCTION claims_drawn_is_told()
"""
CHANGES = """
CREATE CONSTRAINT TRIGGER claims_drawn_is_told_changes AFTER UPDATE OF status ON claims_settlement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.status <> NEW.status AND NEW.status IN ('submitted', 'withdrawn'))
    EXECUTE FUNCTION claims_drawn_is_told()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0006_races_told"),
        ("enrollment", "0013_drawn_benefits"),
    ]

    operations = [
        RunSQL(FILL, RunSQL.noop),
        RunSQL(FUNCTION, "DROP FUNCTION claims_drawn_is_told()"),
        RunSQL(BEGINS, "DROP TRIGGER claims_drawn_is_told_begins ON claims_settlement"),
        RunSQL(CHANGES, "DROP TRIGGER claims_drawn_is_told_changes ON claims_settlement"),
    ]
