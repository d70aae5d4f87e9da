"""What was found about claims before is told to them."""

from django.db import migrations

from accounts.sql import RunSQL

TELL = """
INSERT INTO claims_screened (settlement_id, open)
SELECT s.settlement_id, coalesce(
    (SELECT jsonb_agg(a.rule || '：' || a.finding ORDER BY a.id) FROM supervision_alert a
     WHERE a.settlement_id = s.settlement_id AND a.status = 'open'), '[]')
FROM supervision_screening s ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("supervision", "0003_moves"), ("claims", "0025_batches")]

    operations = [RunSQL(TELL, RunSQL.noop)]
