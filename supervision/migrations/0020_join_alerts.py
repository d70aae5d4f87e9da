"""What is open on one settlement and reviewed by nobody becomes one event; a definite finding
leads, with the earliest term of all. What is not the hospital's doing, or a person's word, stands
by itself (supervision/grouping.py). What is open has its term from the day it was found: five
working days, a week by the calendar."""

from django.db import migrations

from accounts.sql import RunSQL

JOIN = """
WITH free AS (
    SELECT id, settlement_id, division_id, certainty FROM supervision_alert a
    WHERE status = 'open' AND lead_id IS NULL AND rule NOT IN ('A14', 'A18', 'A23', 'A26')
    AND NOT EXISTS (
        SELECT FROM supervision_alertreview r
        WHERE r.alert_id = a.id AND r.status NOT IN ('done', 'returned')
    )
), heads AS (
    SELECT settlement_id, division_id, (array_agg(id ORDER BY certainty, id))[1] AS head
    FROM free GROUP BY settlement_id, division_id HAVING count(*) > 1
)
UPDATE supervision_alert a SET lead_id = heads.head
FROM free, heads
WHERE a.id = free.id AND free.settlement_id = heads.settlement_id
    AND free.division_id = heads.division_id AND a.id <> heads.head;
UPDATE supervision_alert SET due_on = (found_at AT TIME ZONE 'Asia/Shanghai')::date + 7
WHERE status = 'open' AND due_on IS NULL;
UPDATE supervision_alert a SET due_on = n.due_on
FROM (SELECT lead_id, min(due_on) AS due_on FROM supervision_alert
    WHERE status = 'open' AND lead_id IS NOT NULL GROUP BY lead_id) n
WHERE a.id = n.lead_id AND n.due_on < a.due_on;
"""


class Migration(migrations.Migration):
    dependencies = [("supervision", "0019_alert_events")]

    operations = [RunSQL(JOIN, "UPDATE supervision_alert SET lead_id = NULL WHERE status = 'open'")]
