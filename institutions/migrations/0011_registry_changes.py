"""Licence and ownership; what is registered of an institution changes by two people, from a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, only_moves

DECIDED = ("status", "decided_by_id", "decided_on", "decision", "applied_on")
PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]


class Migration(migrations.Migration):

    dependencies = [
        ('institutions', '0010_agreement_terms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='institution',
            name='licence',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='执业许可证号'),
        ),
        migrations.AddField(
            model_name='institution',
            name='licence_until',
            field=models.DateField(blank=True, null=True, verbose_name='许可证有效期至'),
        ),
        migrations.AddField(
            model_name='institution',
            name='ownership',
            field=models.CharField(blank=True, choices=[('public', '公立'), ('collective', '集体'), ('private', '民营')], default='', max_length=12, verbose_name='所有制'),
        ),
        migrations.AddField(
            model_name='institution',
            name='verified_until',
            field=models.DateField(blank=True, null=True, verbose_name='校验有效期至'),
        ),
        migrations.CreateModel(
            name='RegistryChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('column', models.CharField(choices=[('level', '级别'), ('kind', '类别'), ('ownership', '所有制'), ('is_active', '执业'), ('beds', '核定床位'), ('licence', '执业许可证号'), ('licence_until', '许可证有效期至'), ('verified_until', '校验有效期至')], max_length=20, verbose_name='变更事项')),
                ('was', models.CharField(blank=True, max_length=60, verbose_name='原登记')),
                ('becomes', models.CharField(blank=True, max_length=60, verbose_name='变更为')),
                ('first_day', models.DateField(verbose_name='自')),
                ('applied_on', models.DateField(null=True, verbose_name='登记日期')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='institutions.institution', verbose_name='机构')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '机构登记变更',
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('institution', 'column'), name='one_open_registry_change', violation_error_code='column', violation_error_message='该机构这一事项已有一份变更待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='registry_change_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_registry_change_says_who')],
            },
        ),
        only_moves("institutions_registrychange", PAIRS),
        append_only_but_sealed("institutions_registrychange", DECIDED),
    ]
