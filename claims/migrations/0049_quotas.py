"""What each township is given of the year's fund, as two people decided it."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0048_payment_method_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Allotment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('year', models.PositiveSmallIntegerField(verbose_name='保险年度')),
                ('counted_on', models.DateField(verbose_name='参保人数截至')),
                ('raised', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='筹资')),
                ('reserved', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='提取风险基金')),
                ('accounts', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='划入门诊账户')),
                ('pool', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='统筹额度')),
                ('law', models.CharField(max_length=120, verbose_name='依据条文')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TownshipQuota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('insured', models.PositiveIntegerField(verbose_name='参保人数')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='额度')),
                ('allotment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='claims.allotment')),
                ('township', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='街镇')),
            ],
            options={
                'ordering': ['allotment', 'township__code'],
            },
        ),
        migrations.AddConstraint(
            model_name='allotment',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area', 'year'), name='one_open_allotment', violation_error_message='本年度已有一份额度分配待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='allotment',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='allotment_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='allotment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_allotment_says_who'),
        ),
        migrations.AddConstraint(
            model_name='allotment',
            constraint=models.CheckConstraint(condition=models.Q(('pool__gt', 0)), name='allotment_has_a_pool'),
        ),
        migrations.AddConstraint(
            model_name='townshipquota',
            constraint=models.UniqueConstraint(fields=('allotment', 'township'), name='township_gets_one_quota'),
        ),
        only_moves(
            "claims_allotment", ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
        ),
        never_deleted("claims_allotment"),
        set_once(
            "claims_allotment",
            ["area_id", "year", "counted_on", "raised", "reserved", "accounts", "pool", "law",
             "evidence", "reason", "proposed_by_id", "proposed_on", "decided_by_id", "decided_on",
             "decision"],
        ),
        append_only("claims_townshipquota"),
    ]
