"""Levels for deductible and price limit, accounts of institutions, licences and other places of
practice of their practitioners."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


from accounts.append_only import append_only_but_sealed, only_moves

DECIDED = ("status", "decided_by_id", "decided_on", "decision")
PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0011_registry_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='institution',
            name='deductible_level',
            field=models.CharField(blank=True, choices=[('village', '村卫生室'), ('township', '乡镇(社区)卫生院'), ('central', '中心卫生院'), ('county', '县级医院'), ('city', '市级医院'), ('province', '省级医院')], db_default='', default='', max_length=20, verbose_name='起付线级别'),
        ),
        migrations.AddField(
            model_name='institution',
            name='price_level',
            field=models.CharField(blank=True, choices=[('village', '村卫生室'), ('township', '乡镇(社区)卫生院'), ('central', '中心卫生院'), ('county', '县级医院'), ('city', '市级医院'), ('province', '省级医院')], db_default='', default='', max_length=20, verbose_name='限价级别'),
        ),
        migrations.AddField(
            model_name='practitioner',
            name='licence',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='执业证书编码'),
        ),
        migrations.AddField(
            model_name='practitioner',
            name='licence_from',
            field=models.DateField(blank=True, null=True, verbose_name='执业注册自'),
        ),
        migrations.AddField(
            model_name='practitioner',
            name='licence_until',
            field=models.DateField(blank=True, null=True, verbose_name='执业注册至'),
        ),
        migrations.AddField(
            model_name='practitioner',
            name='qualification',
            field=models.CharField(blank=True, db_default='', default='', max_length=30, verbose_name='资格证书编码'),
        ),
        migrations.AlterField(
            model_name='registrychange',
            name='column',
            field=models.CharField(choices=[('level', '级别'), ('deductible_level', '起付线级别'), ('price_level', '限价级别'), ('kind', '类别'), ('ownership', '所有制'), ('is_active', '执业'), ('beds', '核定床位'), ('licence', '执业许可证号'), ('licence_until', '许可证有效期至'), ('verified_until', '校验有效期至')], max_length=20, verbose_name='变更事项'),
        ),
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('holder', models.CharField(max_length=100, verbose_name='户名')),
                ('bank', models.CharField(max_length=60, verbose_name='开户行')),
                ('account', accounts.fields.SealedField(context='institutions.bankaccount.account', verbose_name='账号')),
                ('account_index', models.CharField(editable=False, max_length=32, verbose_name='账号索引')),
                ('first_day', models.DateField(verbose_name='自')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='定点机构')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '收款账户',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('institution',), name='one_open_bank_account', violation_error_code='institution', violation_error_message='该机构已有一个收款账户待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='bank_account_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_bank_account_says_who')],
            },
        ),
        migrations.CreateModel(
            name='PracticePlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('first_day', models.DateField(verbose_name='自')),
                ('last_day', models.DateField(verbose_name='至')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='执业机构')),
                ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='institutions.practitioner', verbose_name='医师')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '多点执业',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('practitioner', 'institution'), name='one_open_practice_place', violation_error_code='code', violation_error_message='这位医师在该机构的执业已有一份待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='practice_place_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_practice_place_says_who'), models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='practice_place_in_order')],
            },
        ),
        only_moves("institutions_bankaccount", PAIRS),
        append_only_but_sealed("institutions_bankaccount", (*DECIDED, "account")),
        only_moves("institutions_practiceplace", PAIRS),
        append_only_but_sealed("institutions_practiceplace", DECIDED),
    ]
