"""A photo of publicity that does not show it is left out of the report that is made anew."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, set_once
from accounts.sql import RunSQL

TABLE = "supervision_publicityphoto"
WAS = append_only(TABLE)
# One that was left out and came once more cannot stand twice where none is left out.
TWICE = """
DELETE FROM supervision_publicityphoto AS one USING supervision_publicityphoto AS other
    WHERE one.task_id = other.task_id AND one.sha256 = other.sha256
        AND one.left_out_at IS NOT NULL AND one.id < other.id;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0033_evidence_scans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RunSQL(WAS.reverse_sql, WAS.sql),
        migrations.RemoveConstraint(
            model_name='publicityphoto',
            name='publicity_photo_once',
        ),
        migrations.AddField(
            model_name='publicityphoto',
            name='left_out_at',
            field=models.DateTimeField(null=True, verbose_name='撤下时间'),
        ),
        migrations.AddField(
            model_name='publicityphoto',
            name='left_out_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤下人'),
        ),
        migrations.AddConstraint(
            model_name='publicityphoto',
            constraint=models.UniqueConstraint(condition=models.Q(('left_out_at', None)), fields=('task', 'sha256'), name='publicity_photo_once', violation_error_message='这张照片已经上传过'),
        ),
        migrations.AddConstraint(
            model_name='publicityphoto',
            constraint=models.CheckConstraint(condition=models.Q(('left_out_at', None), ('left_out_by__isnull', False), _connector='OR'), name='photo_left_out_says_by_whom'),
        ),
        RunSQL("SELECT 1;", TWICE),
        never_deleted(TABLE),
        RunSQL(
            f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW"
            " EXECUTE FUNCTION hezuo_claims_frozen('left_out_by_id', 'left_out_at');",
            f"DROP TRIGGER {TABLE}_frozen ON {TABLE};",
        ),
        set_once(TABLE, ["left_out_by_id", "left_out_at"]),
    ]
