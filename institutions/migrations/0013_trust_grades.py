"""Grades of trust of institutions and practitioners, and the bands by which a county gives them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


from accounts.append_only import append_only_but_sealed, only_moves

DECIDED = ("status", "decided_by_id", "decided_on", "decision")
PAIRS = ["proposed>approved", "proposed>refused", "proposed>withdrawn"]


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_programs'),
        ('institutions', '0012_accounts_and_practice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrustBands',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('first_year', models.PositiveSmallIntegerField(verbose_name='自年度')),
                ('a_from', models.PositiveSmallIntegerField(verbose_name='A 级自（分）')),
                ('b_from', models.PositiveSmallIntegerField(verbose_name='B 级自（分）')),
                ('c_from', models.PositiveSmallIntegerField(verbose_name='C 级自（分）')),
                ('a_most', models.PositiveSmallIntegerField(verbose_name='A 级记分至多')),
                ('b_most', models.PositiveSmallIntegerField(verbose_name='B 级记分至多')),
                ('c_most', models.PositiveSmallIntegerField(verbose_name='C 级记分至多')),
                ('prepaid_a', models.PositiveSmallIntegerField(verbose_name='A 级预付（%）')),
                ('prepaid_b', models.PositiveSmallIntegerField(verbose_name='B 级预付（%）')),
                ('prepaid_c', models.PositiveSmallIntegerField(verbose_name='C 级预付（%）')),
                ('prepaid_d', models.PositiveSmallIntegerField(verbose_name='D 级预付（%）')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '信用等级办法',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TrustGrade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('year', models.PositiveSmallIntegerField(verbose_name='评定年度')),
                ('score', models.PositiveSmallIntegerField(verbose_name='得分（记分）')),
                ('grade', models.CharField(choices=[('A', 'A 级'), ('B', 'B 级'), ('C', 'C 级'), ('D', 'D 级')], max_length=1, verbose_name='信用等级')),
                ('bands', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.trustbands', verbose_name='信用等级办法')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('institution', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='institutions.institution', verbose_name='机构')),
                ('practitioner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='institutions.practitioner', verbose_name='医师')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'verbose_name': '信用等级',
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='trustbands',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area',), name='one_open_trust_bands', violation_error_message='已有一份信用等级办法待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='trustbands',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='trust_bands_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='trustbands',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_trust_bands_says_who'),
        ),
        migrations.AddConstraint(
            model_name='trustbands',
            constraint=models.CheckConstraint(condition=models.Q(('a_from__lte', 100), ('b_from__lt', models.F('a_from')), ('b_most__gt', models.F('a_most')), ('c_from__lt', models.F('b_from')), ('c_most__gt', models.F('b_most')), ('c_most__lt', 12)), name='trust_bands_in_order'),
        ),
        migrations.AddConstraint(
            model_name='trustbands',
            constraint=models.CheckConstraint(condition=models.Q(('prepaid_a__lte', 100), ('prepaid_b__lte', models.F('prepaid_a')), ('prepaid_c__lte', models.F('prepaid_b')), ('prepaid_d__lte', models.F('prepaid_c'))), name='less_trust_is_prepaid_no_more'),
        ),
        migrations.AddConstraint(
            model_name='trustgrade',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='trust_grade_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='trustgrade',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_trust_grade_says_who'),
        ),
        migrations.AddConstraint(
            model_name='trustgrade',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('institution', 'practitioner', 'year'), name='one_open_trust_grade', nulls_distinct=False, violation_error_message='这一年度已有一份信用等级待审批，请先办结或撤回'),
        ),
        only_moves("institutions_trustbands", PAIRS),
        append_only_but_sealed("institutions_trustbands", DECIDED),
        only_moves("institutions_trustgrade", PAIRS),
        append_only_but_sealed("institutions_trustgrade", DECIDED),
    ]
