"""Alerts of one event are handled as one, and a first opinion has its term."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.sql import RunSQL

COLUMNS = ["rule", "certainty", "settlement_id", "division_id", "finding", "found_at"]


def _stays(columns: list[str]) -> str:
    arguments = ", ".join(f"'{column}'" for column in columns)
    return f"""
        CREATE OR REPLACE TRIGGER supervision_alert_set_once BEFORE UPDATE ON supervision_alert
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset({arguments});
        """


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0018_objections_and_postings'),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='due_on',
            field=models.DateField(null=True, verbose_name='初审期限'),
        ),
        migrations.AddField(
            model_name='alert',
            name='lead',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='supervision.alert', verbose_name='并入的疑点'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('lead', None), models.Q(('lead', models.F('pk')), _negated=True), _connector='OR'), name='alert_is_not_its_own_member'),
        ),
        # By which version it was found stays as well.
        RunSQL(_stays([*COLUMNS, "version_id"]), _stays(COLUMNS)),
    ]
