"""On which day a pause ends is agreed to by another, as its beginning is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import only_moves, set_once
from accounts.sql import RunSQL

TABLE = "supervision_casepause"
CHANGES = """
CREATE OR REPLACE TRIGGER supervision_casepause_frozen
    BEFORE UPDATE ON supervision_casepause
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({columns});
"""
BEFORE = "'last_day', 'status', 'agreed_by_id', 'agreed_at', 'opinion'"
NOW = f"{BEFORE}, 'ends_on', 'ended_by_id', 'ended_at', 'end_agreed_by_id', 'end_agreed_at'"
ONCE = set_once(TABLE, ["last_day", "agreed_by_id", "opinion"])
BEGUN = ["asked>agreed", "asked>declined"]


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0034_photos_left_out'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='casepause',
            name='end_agreed_at',
            field=models.DateTimeField(null=True, verbose_name='批准结束时间'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='end_agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准结束人'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='申请结束时间'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请结束人'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='ends_on',
            field=models.DateField(null=True, verbose_name='申请的截止日期'),
        ),
        migrations.AlterField(
            model_name='casepause',
            name='status',
            field=models.CharField(choices=[('asked', '待批准'), ('agreed', '已批准'), ('ending', '结束待批准'), ('declined', '不批准')], default='asked', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'ending'), _negated=True), models.Q(('ended_by__isnull', False), ('ends_on__isnull', False), ('last_day', None)), _connector='OR'), name='ending_pause_says_when'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=models.Q(('end_agreed_by', None), models.Q(models.Q(('end_agreed_by', models.F('added_by')), _negated=True), models.Q(('end_agreed_by', models.F('ended_by')), _negated=True)), _connector='OR'), name='pause_is_ended_by_two'),
        ),
        RunSQL(CHANGES.format(columns=NOW), CHANGES.format(columns=BEFORE)),
        # An end may be given back, and asked for once more: the opinion is the last one.
        RunSQL(ONCE.reverse_sql, ONCE.sql),
        set_once(TABLE, ["last_day", "agreed_by_id", "end_agreed_by_id"]),
        only_moves(TABLE, [*BEGUN, "agreed>ending", "ending>agreed"], was=BEGUN),
        # Without an end that is agreed to, it is open.
        RunSQL(
            "SELECT 1;",
            "UPDATE supervision_casepause SET status = 'agreed' WHERE status = 'ending';",
        ),
    ]
