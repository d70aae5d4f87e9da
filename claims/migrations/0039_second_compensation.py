"""The year-end second compensation; what is on a list stays as it was agreed to."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves
from accounts.sql import RunSQL

STAYS = """
CREATE TRIGGER claims_secondpayment_frozen BEFORE UPDATE ON claims_secondpayment
    FOR EACH ROW EXECUTE FUNCTION hezuo_claims_frozen('status', 'person_id', 'account', 'paid_on',
        'voucher_number', 'withdrawn_by_id', 'withdrawn_at', 'reason');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0038_debts_of_other_payments'),
        ('enrollment', '0037_second_covers'),
        ('policies', '0008_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SecondRun',
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
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('budget', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='可用结余')),
                ('number_of', models.PositiveIntegerField(default=0, verbose_name='人数')),
                ('due_amount', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name='应补偿')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name='补偿金额')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policies.pack', verbose_name='办法')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SecondPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('own_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='个人自付')),
                ('due_amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='应补偿')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='补偿金额')),
                ('status', models.CharField(choices=[('listed', '试算'), ('asked', '待支付'), ('paid', '已支付'), ('noaccount', '没有账户，未支付'), ('withdrawn', '已撤回')], default='listed', max_length=10, verbose_name='状态')),
                ('payee', models.CharField(blank=True, max_length=100, verbose_name='收款人')),
                ('account', accounts.fields.SealedField(blank=True, context='claims.secondpayment.account', verbose_name='收款账号')),
                ('account_index', models.CharField(blank=True, max_length=32)),
                ('paid_on', models.DateField(null=True, verbose_name='支付日期')),
                ('voucher_number', models.CharField(blank=True, max_length=120, verbose_name='凭证号')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='原因')),
                ('cover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.enrollment')),
                ('division', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.division', verbose_name='村组')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='second_payments', to='enrollment.person', verbose_name='参保人')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='claims.secondrun')),
            ],
            options={
                'ordering': ['run', 'division', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SecondGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='grant', to='claims.secondrun')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SecondOrders',
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
                ('grant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='claims.secondgrant')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='failed_secondorders_says_why'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='secondorders_percent_is_a_percentage')],
            },
        ),
        migrations.AddConstraint(
            model_name='secondrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='failed_secondrun_says_why'),
        ),
        migrations.AddConstraint(
            model_name='secondrun',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='secondrun_percent_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='secondrun',
            constraint=models.CheckConstraint(condition=models.Q(('budget', None), ('budget__gt', 0), _connector='OR'), name='second_budget_is_something'),
        ),
        migrations.AddIndex(
            model_name='secondpayment',
            index=models.Index(fields=['run', 'status'], name='second_by_run'),
        ),
        migrations.AddConstraint(
            model_name='secondpayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', models.F('due_amount')), ('due_amount__lte', models.F('own_amount'))), name='second_is_no_more_than_own_pay'),
        ),
        migrations.AddConstraint(
            model_name='secondpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'paid'), _negated=True), ('paid_on__isnull', False), _connector='OR'), name='paid_second_says_when'),
        ),
        migrations.AddConstraint(
            model_name='secondgrant',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='second_grant_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='secondgrant',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_second_grant_says_who'),
        ),
        RunSQL(STAYS, "DROP TRIGGER claims_secondpayment_frozen ON claims_secondpayment"),
        only_moves(
            "claims_secondpayment",
            ["asked>paid", "asked>withdrawn", "listed>asked", "listed>noaccount"],
        ),
        only_moves(
            "claims_secondgrant", ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
        ),
        never_deleted("claims_secondgrant"),
    ]
