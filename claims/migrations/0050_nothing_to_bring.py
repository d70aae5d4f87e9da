"""A claim for which nothing was given may fall too: its debt is of nothing, ends with the approval
and gives the year's usage back. What fell whole is drawn no more, whatever its month had given."""

from importlib import import_module

from django.db import migrations, models

from accounts.append_only import only_moves
from accounts.sql import RunSQL

GUARDS = import_module("claims.migrations.0020_recovery_guards")
ADDS_UP = GUARDS.FUNCTIONS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
OF_NOTHING = ADDS_UP.replace(
    "OR (debt.status = 'received') <> (back = debt.amount)",
    "OR (debt.amount > 0 AND (debt.status = 'received') <> (back = debt.amount))",
)
BEFORE = import_module("claims.migrations.0041_supplement_guards").DRAWN
STANDS = "s.status NOT IN ('draft', 'withdrawn', 'refused')"
DRAWN = BEFORE.replace(
    STANDS,
    f"""{STANDS}
            AND NOT EXISTS (SELECT 1 FROM claims_recovery w
                WHERE w.settlement_id = s.id AND w.is_whole AND w.status = 'received')""",
)
# Covers of claims that came back whole by less than they were settled for, from a month that gave
# less: claims.services.drawn, written out.
COUNTED = """
UPDATE enrollment_enrollment e
SET drawn_claims = n.claims, drawn_amount = n.amount, drawn_first = n.first
FROM (
    SELECT c.id, count(d.number) AS claims, coalesce(sum(d.left_over), 0) AS amount,
        coalesce((array_agg(d.number ORDER BY d.id))[1], '') AS first
    FROM (
        SELECT DISTINCT v.enrollment_id AS id FROM claims_recovery r
        JOIN claims_settlement s ON s.id = r.settlement_id
        JOIN claims_visit v ON v.id = s.visit_id
        WHERE r.is_whole AND r.status = 'received'
    ) c
    LEFT JOIN LATERAL (
        SELECT s.id, s.number, s.fund_amount + s.account_amount + s.credit_amount + coalesce((
            SELECT sum(m.amount) FROM claims_supplement m
            WHERE m.settlement_id = s.id AND m.status = 'paid'
        ), 0) - coalesce((
            SELECT sum(b.amount) FROM claims_recoveryreceipt b
            JOIN claims_recovery r ON r.id = b.recovery_id
            WHERE r.settlement_id = s.id AND r.payment_key = ''
        ), 0) AS left_over
        FROM claims_settlement s JOIN claims_visit v ON v.id = s.visit_id
        WHERE v.enrollment_id = c.id AND s.status NOT IN ('draft', 'withdrawn', 'refused')
            AND NOT EXISTS (SELECT 1 FROM claims_recovery w
                WHERE w.settlement_id = s.id AND w.is_whole AND w.status = 'received')
    ) d ON d.left_over > 0
    GROUP BY c.id
) n
WHERE e.id = n.id AND (e.drawn_claims, e.drawn_amount) <> (n.claims, n.amount)
"""
PAIRS = [*GUARDS.PAIRS, "reviewed>received"]


class Migration(migrations.Migration):
    dependencies = [("claims", "0049_quotas")]

    operations = [
        migrations.RemoveConstraint(model_name="recovery", name="recovery_asks_something"),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0))
                | models.Q(("amount", 0), ("is_whole", True)),
                name="recovery_asks_something",
            ),
        ),
        RunSQL(OF_NOTHING, ADDS_UP),
        RunSQL(DRAWN, BEFORE),
        RunSQL(COUNTED, RunSQL.noop),
        only_moves("claims_recovery", PAIRS, was=GUARDS.PAIRS),
    ]
