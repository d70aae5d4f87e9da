"""Denials of visits that are not settled yet: what was told stays, and moves along its workflow."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

FROZEN = """
CREATE TRIGGER supervision_visitdenial_frozen BEFORE UPDATE ON supervision_visitdenial
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'handled_by_id', 'handled_at',
        'released_by_id', 'released_at', 'conclusion');
"""
PAIRS = ["confirmed>dismissed", "open>confirmed", "open>dismissed"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0051_denied_before_settled'),
        ('supervision', '0004_told_claims'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitDenial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told', models.CharField(max_length=200, verbose_name='谁来说明、怎样核对的身份')),
                ('evidence', models.CharField(max_length=100, verbose_name='凭据')),
                ('told_at', models.DateTimeField(auto_now_add=True, verbose_name='登记时间')),
                ('status', models.CharField(choices=[('open', '待核查'), ('confirmed', '属实'), ('dismissed', '排除')], default='open', max_length=10, verbose_name='状态')),
                ('handled_at', models.DateTimeField(null=True, verbose_name='核查时间')),
                ('released_at', models.DateTimeField(null=True, verbose_name='解除时间')),
                ('conclusion', models.CharField(blank=True, max_length=300, verbose_name='核查结论')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村组')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核查人')),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='解除人')),
                ('told_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='denials', to='claims.visit', verbose_name='就诊')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['status', 'id'], name='supervision_status_e3ed97_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['open', 'confirmed'])), fields=('visit',), name='one_standing_denial_of_a_visit', violation_error_message='这次就诊刚由别人登记了本人否认，请刷新后再看'), models.CheckConstraint(condition=models.Q(('handled_by', None), models.Q(('handled_by', models.F('told_by')), _negated=True), _connector='OR'), name='denial_is_handled_by_another'), models.CheckConstraint(condition=models.Q(('released_by', None), models.Q(('released_by', models.F('handled_by')), _negated=True), _connector='OR'), name='denial_is_released_by_another'), models.CheckConstraint(condition=models.Q(('status', 'open'), models.Q(('handled_by__isnull', False), models.Q(('conclusion', ''), _negated=True)), _connector='OR'), name='handled_denial_says_why')],
            },
        ),
        RunSQL(FROZEN, "DROP TRIGGER supervision_visitdenial_frozen ON supervision_visitdenial"),
        never_deleted("supervision_visitdenial"),
        only_moves("supervision_visitdenial", PAIRS),
    ]
