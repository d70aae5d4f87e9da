"""Days that do not count name their paper, and another agrees to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from accounts.append_only import only_moves, set_once
from accounts.sql import RunSQL

STATUSES = [('asked', '待批准'), ('agreed', '已批准'), ('declined', '不批准')]
TABLE = "supervision_casepause"
CHANGES = """
CREATE OR REPLACE TRIGGER supervision_casepause_frozen
    BEFORE UPDATE ON supervision_casepause
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen({columns});
"""


class Migration(migrations.Migration):

    dependencies = [
        ('supervision', '0031_publicity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='casepause',
            name='paper',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='依据的文号'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='paper_on',
            field=models.DateField(null=True, verbose_name='文书日期'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='opinion',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='意见'),
        ),
        # What stands there was entered when it counted at once.
        migrations.AddField(
            model_name='casepause',
            name='status',
            field=models.CharField(choices=STATUSES, default='agreed', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='casepause',
            name='status',
            field=models.CharField(choices=STATUSES, default='asked', max_length=10, verbose_name='状态'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='agreed_at',
            field=models.DateTimeField(null=True, verbose_name='批准时间'),
        ),
        migrations.AddField(
            model_name='casepause',
            name='agreed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='批准人'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=~Q(status='asked') | ~Q(paper='') & Q(paper_on__isnull=False), name='pause_names_its_paper'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=Q(status='asked') | Q(paper='') | Q(agreed_by__isnull=False), name='decided_pause_has_its_hand'),
        ),
        migrations.AddConstraint(
            model_name='casepause',
            constraint=models.CheckConstraint(condition=Q(agreed_by=None) | ~Q(agreed_by=F('added_by')), name='pause_is_agreed_to_by_another'),
        ),
        RunSQL(
            CHANGES.format(columns="'last_day', 'status', 'agreed_by_id', 'agreed_at', 'opinion'"),
            CHANGES.format(columns="'last_day'"),
        ),
        set_once(TABLE, ["last_day", "agreed_by_id", "opinion"]),
        only_moves(TABLE, ["asked>agreed", "asked>declined"]),
    ]
