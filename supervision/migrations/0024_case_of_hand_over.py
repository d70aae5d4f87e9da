"""What an inspection handed over to be made a case says so of its case, and never changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.sql import RunSQL

COLUMNS = ["area_id", "number", "source", "alert_id", "party", "institution_id", "person_id", "found_on", "found_by_id"]


def _stays(columns: list[str]) -> str:
    arguments = ", ".join(f"'{column}'" for column in columns)
    return f"""
        CREATE OR REPLACE TRIGGER supervision_case_set_once BEFORE UPDATE ON supervision_case
            FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset({arguments});
        """


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_tries_of_the_insured'),
        ('enrollment', '0042_mendings'),
        ('institutions', '0013_trust_grades'),
        ('supervision', '0023_split_alerts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='alert',
            name='split_because',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='分出原因'),
        ),
        migrations.AddField(
            model_name='case',
            name='hand_over',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='supervision.handover', verbose_name='移送'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['declined', 'ended', 'revoked']), _negated=True), fields=('hand_over',), name='one_standing_case_of_a_hand_over', violation_error_message='这份移送刚由别人转为案件线索，请刷新后再看'),
        ),
        # By which hand-over it began stays as well.
        RunSQL(_stays([*COLUMNS, "hand_over_id"]), _stays(COLUMNS)),
    ]
