"""A notice may be not put up, for a reason, and what was entered wrongly of one is void."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import only_moves


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('desk', '0010_access_checks'),
        ('supervision', '0021_objection_remark'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='posting',
            name='posting_hangs_its_days',
        ),
        migrations.AddField(
            model_name='posting',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=300, verbose_name='原因'),
        ),
        migrations.AddField(
            model_name='posting',
            name='voided_at',
            field=models.DateTimeField(null=True, verbose_name='作废时间'),
        ),
        migrations.AddField(
            model_name='posting',
            name='voided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='作废人'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='due_on',
            field=models.DateField(null=True, verbose_name='公示截止'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='paper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='desk.paper', verbose_name='公示表'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='put_up_by',
            field=models.CharField(blank=True, max_length=40, verbose_name='张贴人'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='put_up_on',
            field=models.DateField(null=True, verbose_name='张贴日期'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='status',
            field=models.CharField(choices=[('up', '公示中'), ('down', '已撤下'), ('skipped', '不张贴'), ('void', '登记已作废')], default='up', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='where',
            field=models.CharField(blank=True, max_length=60, verbose_name='张贴地点'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_on__isnull', False), ('status', 'up'), ('taken_down_on', None)), models.Q(('status', 'down'), ('taken_down_on__gt', models.F('due_on'))), models.Q(('due_on', None), ('put_up_on', None), ('status', 'skipped'), models.Q(('reason', ''), _negated=True)), models.Q(('status', 'void'), ('voided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='posting_hangs_its_days'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'void'), _negated=True), fields=('paper',), name='posting_once', violation_error_message='这份公示表已登记张贴，请刷新后再看'),
        ),
        only_moves(
            "supervision_posting",
            ["up>down", "up>void", "down>void", "skipped>void"],
            was=["up>down"],
        ),
    ]
