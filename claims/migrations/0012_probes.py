"""Probes of drafts: a row keeps the text that it was asked for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0011_bill_self_pay_and_grants'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Probe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', '等待计算'), ('running', '计算中'), ('done', '已完成'), ('failed', '失败')], default='waiting', max_length=10, verbose_name='状态')),
                ('percent', models.PositiveSmallIntegerField(default=0, verbose_name='进度(%)')),
                ('stage', models.CharField(blank=True, max_length=60, verbose_name='步骤')),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='申请时间')),
                ('started_at', models.DateTimeField(null=True, verbose_name='开始时间')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='完成时间')),
                ('failure', models.TextField(blank=True, verbose_name='失败原因')),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=120, verbose_name='办法')),
                ('source', models.TextField(verbose_name='文本')),
                ('sha256', models.CharField(max_length=64, verbose_name='文本指纹')),
                ('figures', models.JSONField(null=True, verbose_name='结果')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='统筹区')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='failed_probe_says_why'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='probe_percent_is_a_percentage'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), ('figures__isnull', False), _connector='OR'), name='done_probe_has_figures')],
            },
        ),
        set_once("claims_probe", ["area_id", "name", "source", "sha256", "requested_by_id"]),
        never_deleted("claims_probe"),
    ]
