"""Visits have a status, bills come in batches, and a stay may be settled in several parts.

New columns have defaults in the database, so that no row is written anew. 0022 guards them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0020_recovery_guards'),
        ('enrollment', '0036_faults_of_files'),
        ('institutions', '0002_item_origin'),
        ('policies', '0008_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BillBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, verbose_name='批次号')),
                ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤销时间')),
                ('withdrawn_reason', models.CharField(blank=True, max_length=200, verbose_name='撤销原因')),
            ],
            options={
                'ordering': ['visit', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='settlement',
            name='one_live_settlement_per_visit',
        ),
        migrations.RemoveConstraint(
            model_name='visit',
            name='visit_dates_in_order',
        ),
        migrations.AddField(
            model_name='billline',
            name='charged_on',
            field=models.DateField(blank=True, null=True, verbose_name='计费日期'),
        ),
        migrations.AddField(
            model_name='billline',
            name='is_live',
            field=models.BooleanField(db_default=True, default=True, verbose_name='有效'),
        ),
        migrations.AddField(
            model_name='billline',
            name='part',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, null=True, verbose_name='第几次结算'),
        ),
        migrations.AddField(
            model_name='billline',
            name='sender_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='发送方明细号'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='charged_to',
            field=models.DateField(null=True, verbose_name='中途结算截至'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='part',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='第几次结算'),
        ),
        migrations.AddField(
            model_name='visit',
            name='admission_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='住院号/门诊号'),
        ),
        migrations.AddField(
            model_name='visit',
            name='alike_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='与已有就诊相似的说明'),
        ),
        migrations.AddField(
            model_name='visit',
            name='is_registered',
            field=models.BooleanField(db_default=False, default=False, verbose_name='先登记后结算'),
        ),
        migrations.AddField(
            model_name='visit',
            name='status',
            field=models.CharField(choices=[('open', '就诊中'), ('closed', '待结算'), ('settled', '已结算'), ('void', '已作废')], db_default='settled', default='settled', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='visit',
            name='diagnosis',
            field=models.CharField(blank=True, max_length=100, verbose_name='诊断'),
        ),
        migrations.AlterField(
            model_name='visit',
            name='ends',
            field=models.DateField(blank=True, null=True, verbose_name='出院日期'),
        ),
        migrations.AddIndex(
            model_name='settlement',
            index=models.Index(condition=models.Q(('part__gt', 1)), fields=['visit'], name='claims_settlement_later_part'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('status__in', ['open', 'closed'])), fields=['institution', '-starts'], name='claims_visit_unsettled'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'withdrawn'), _negated=True), fields=('visit', 'part'), name='one_live_settlement_per_part', violation_error_message='这次就诊刚由另一窗口结算，请查询后再办'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(('ends', None), ('ends__gte', models.F('starts')), _connector='OR'), name='visit_dates_in_order'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['closed', 'settled']), _negated=True), ('ends__isnull', False), _connector='OR'), name='ended_visit_has_its_end'),
        ),
        migrations.AddConstraint(
            model_name='visit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['closed', 'settled']), _negated=True), models.Q(('diagnosis', ''), _negated=True), _connector='OR'), name='ended_visit_has_diagnosis'),
        ),
        migrations.AddField(
            model_name='billbatch',
            name='received_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人'),
        ),
        migrations.AddField(
            model_name='billbatch',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='claims.visit', verbose_name='就诊'),
        ),
        migrations.AddField(
            model_name='billbatch',
            name='withdrawn_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人'),
        ),
        migrations.AddField(
            model_name='billline',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='claims.billbatch', verbose_name='批次'),
        ),
        migrations.AddConstraint(
            model_name='billline',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True), models.Q(('sender_number', ''), _negated=True)), fields=('visit', 'sender_number'), name='sender_line_once', violation_error_message='这些费用明细刚由另一次上传写入，请查询后再办'),
        ),
        migrations.AddConstraint(
            model_name='billline',
            constraint=models.CheckConstraint(condition=models.Q(('is_live', True), ('part', None), _connector='OR'), name='withdrawn_line_counts_nowhere'),
        ),
        migrations.AddConstraint(
            model_name='billbatch',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('visit', 'number'), name='live_batch_once', violation_error_message='这个批次刚由另一次上传写入，请查询后再办'),
        ),
        migrations.AddConstraint(
            model_name='billbatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None), ('withdrawn_reason', '')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='withdrawn_batch_says_by_whom'),
        ),
    ]
