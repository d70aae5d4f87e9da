"""What agreements promise; they are signed, stopped, ended and taken up again by two people."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, only_moves
from accounts.sql import RunSQL

DECIDED = ("status", "decided_by_id", "decided_on", "decision")
PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
# What two people signed is what it was; what becomes of it has its own rows.
SIGNED = """
CREATE TRIGGER institutions_agreement_signed BEFORE UPDATE OR DELETE ON institutions_agreement
    FOR EACH ROW WHEN (OLD.signing_id IS NOT NULL) EXECUTE FUNCTION hezuo_refuse_change();
"""
UNSIGNED = "DROP TRIGGER institutions_agreement_signed ON institutions_agreement;"


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0009_points'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='terms',
            field=models.JSONField(blank=True, default=dict, verbose_name='协议指标'),
        ),
        migrations.CreateModel(
            name='Signing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('number', models.CharField(max_length=40, verbose_name='协议编号')),
                ('first_day', models.DateField(verbose_name='起始日期')),
                ('last_day', models.DateField(verbose_name='截止日期')),
                ('terms', models.JSONField(default=dict, verbose_name='协议指标')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signings', to='institutions.institution', verbose_name='机构')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '协议签订',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='agreement',
            name='signing',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='institutions.signing', verbose_name='签订'),
        ),
        migrations.CreateModel(
            name='AgreementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('state', models.CharField(choices=[('suspended', '暂停'), ('ended', '终止'), ('resumed', '恢复')], max_length=10, verbose_name='处理')),
                ('first_day', models.DateField(verbose_name='自')),
                ('last_day', models.DateField(blank=True, null=True, verbose_name='至')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreement_steps', to='institutions.agreement', verbose_name='协议')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '协议处理',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('agreement',), name='one_open_agreement_step', violation_error_message='这份协议已有一项处理待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='agreement_step_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_agreement_step_says_who'), models.CheckConstraint(condition=models.Q(('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='agreement_step_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('last_day__isnull', False), ('state', 'suspended')), models.Q(models.Q(('state', 'suspended'), _negated=True), ('last_day', None)), _connector='OR'), name='only_a_suspended_agreement_has_a_last_day')],
            },
        ),
        migrations.AddConstraint(
            model_name='signing',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('institution',), name='one_open_signing', violation_error_message='该机构已有一份协议待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='signing',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='signing_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='signing',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_signing_says_who'),
        ),
        migrations.AddConstraint(
            model_name='signing',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='signing_days_in_order'),
        ),
        only_moves("institutions_signing", PAIRS),
        append_only_but_sealed("institutions_signing", DECIDED),
        only_moves("institutions_agreementstep", PAIRS),
        append_only_but_sealed("institutions_agreementstep", DECIDED),
        RunSQL(SIGNED, UNSIGNED),
    ]
