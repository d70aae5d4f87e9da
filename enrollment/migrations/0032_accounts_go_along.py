"""The outpatient account of a household that ended by a merger goes where its people went.

Mergers of before are read from the register's events that stand; a household that was merged in
turn passes the account on, so that every row names the household that has it now.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL

FILL = """
WITH RECURSIVE went (id, into_id, steps) AS (
    SELECT e.household_id, e.other_household_id, 1 FROM enrollment_registerevent e
    JOIN enrollment_household h ON h.id = e.household_id AND h.closed_on IS NOT NULL
    WHERE e.kind = 'merge'
        AND NOT EXISTS (SELECT 1 FROM enrollment_registerevent u WHERE u.undoes_id = e.id)
    UNION ALL
    SELECT went.id, e.other_household_id, steps + 1 FROM went
    JOIN enrollment_registerevent e ON e.household_id = went.into_id AND e.kind = 'merge'
    JOIN enrollment_household h ON h.id = e.household_id AND h.closed_on IS NOT NULL
    WHERE steps < 100
        AND NOT EXISTS (SELECT 1 FROM enrollment_registerevent u WHERE u.undoes_id = e.id)
)
UPDATE enrollment_household h SET account_into_id = last.into_id
FROM (SELECT DISTINCT ON (id) id, into_id FROM went ORDER BY id, steps DESC) last
WHERE last.id = h.id
"""


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0031_tries")]

    operations = [
        migrations.AddField(
            model_name="household",
            name="account_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="enrollment.household",
                verbose_name="家庭账户并入",
            ),
        ),
        RunSQL(FILL, RunSQL.noop),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(account_into=None)
                | models.Q(closed_on__isnull=False) & ~models.Q(account_into=models.F("id")),
                name="only_a_closed_household_passes_its_account_on",
            ),
        ),
    ]
