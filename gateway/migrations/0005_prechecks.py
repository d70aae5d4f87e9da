"""What the rules said of a bill before the money moved. Only why it went on is written later, once."""

import django.db.models.deletion
from django.db import migrations, models

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0067_line_refunds'),
        ('gateway', '0003_traces'),
        ('institutions', '0006_eligibility'),
    ]

    operations = [
        migrations.CreateModel(
            name='PreCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('infno', models.CharField(max_length=8, verbose_name='交易编号')),
                ('mdtrt_id', models.CharField(max_length=50, verbose_name='就诊ID')),
                ('digest', models.CharField(max_length=64, verbose_name='内容指纹')),
                ('hits', models.JSONField(default=list, verbose_name='提示')),
                ('asked_at', models.DateTimeField(verbose_name='审核时间')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='继续结算的理由')),
                ('reasoned_by', models.CharField(blank=True, default='', max_length=60, verbose_name='写明理由的操作员')),
                ('reasoned_at', models.DateTimeField(null=True, verbose_name='写明理由的时间')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='gateway.client')),
                ('institution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution')),
                ('visit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.visit')),
            ],
            options={
                'verbose_name': '事前事中审核',
                'indexes': [models.Index(condition=models.Q(('visit__isnull', False)), fields=['visit'], name='gateway_precheck_of_visit')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('reasoned_at', None), ('reasoned_by', '')), models.Q(models.Q(('reason', ''), _negated=True), ('reasoned_at__isnull', False)), _connector='OR'), name='precheck_reason_says_when')],
            },
        ),
        never_deleted("gateway_precheck"),
        set_once("gateway_precheck", ["reason", "reasoned_by", "reasoned_at"]),
    ]
