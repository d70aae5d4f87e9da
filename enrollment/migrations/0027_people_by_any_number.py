"""Documents as wide as they are, tax payments matched by number, changes decided by two people."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import only_moves


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0026_what_was_read'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name='taxrow',
            name='resident_id_index',
        ),
        migrations.AlterField(
            model_name='formernumber',
            name='kind',
            field=models.CharField(choices=[('resident_id', '居民身份证'), ('birth_certificate', '出生医学证明'), ('hmt_residence', '港澳台居民居住证'), ('foreign_residence', '外国人永久居留身份证'), ('passport', '护照'), ('hk_macau_permit', '港澳居民来往内地通行证'), ('taiwan_permit', '台湾居民来往大陆通行证'), ('officer', '军官证（警官证）'), ('soldier', '士兵证'), ('none', '无（登记已注销）')], max_length=20, verbose_name='证件类型'),
        ),
        migrations.AlterField(
            model_name='person',
            name='number_kind',
            field=models.CharField(choices=[('resident_id', '居民身份证'), ('birth_certificate', '出生医学证明'), ('hmt_residence', '港澳台居民居住证'), ('foreign_residence', '外国人永久居留身份证'), ('passport', '护照'), ('hk_macau_permit', '港澳居民来往内地通行证'), ('taiwan_permit', '台湾居民来往大陆通行证'), ('officer', '军官证（警官证）'), ('soldier', '士兵证'), ('none', '无（登记已注销）')], db_default='resident_id', default='resident_id', max_length=20, verbose_name='证件类型'),
        ),
        migrations.AlterField(
            model_name='taxrow',
            name='resident_id',
            field=accounts.fields.SealedField(context='enrollment.taxrow.resident_id', verbose_name='证件号码'),
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('identity', '更正姓名、证件'), ('status', '认定身份')], max_length=10, verbose_name='申请事项')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='新姓名')),
                ('number_kind', models.CharField(blank=True, choices=[('resident_id', '居民身份证'), ('birth_certificate', '出生医学证明'), ('hmt_residence', '港澳台居民居住证'), ('foreign_residence', '外国人永久居留身份证'), ('passport', '护照'), ('hk_macau_permit', '港澳居民来往内地通行证'), ('taiwan_permit', '台湾居民来往大陆通行证'), ('officer', '军官证（警官证）'), ('soldier', '士兵证'), ('none', '无（登记已注销）')], max_length=20, verbose_name='新证件类型')),
                ('number', accounts.fields.SealedField(blank=True, context='enrollment.proposal.number', verbose_name='新证件号码')),
                ('sex', models.CharField(blank=True, choices=[('1', '男'), ('2', '女')], max_length=1, verbose_name='新性别')),
                ('birth_date', models.DateField(null=True, verbose_name='新出生日期')),
                ('code', models.CharField(blank=True, choices=[('wubao', '农村五保'), ('dibao', '低保'), ('preferential', '重点优抚'), ('severe_disability', '重度残疾(一、二级)'), ('family_planning', '农村计生奖扶'), ('low_income_elderly', '低收入老年人'), ('student', '在校学生'), ('poverty_monitoring', '防止返贫监测对象')], max_length=24, verbose_name='身份')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('difference', models.JSONField(default=list, verbose_name='保费差额')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='enrollment.person', verbose_name='成员')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('person', 'kind', 'code'), name='one_open_proposal', violation_error_code='person', violation_error_message='此人已有同样的申请待审批，请勿重复'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='proposal_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_proposal_says_who'), models.CheckConstraint(condition=models.Q(models.Q(('evidence', ''), _negated=True), models.Q(models.Q(('kind', 'status'), _negated=True), models.Q(('code', ''), _negated=True), _connector='OR')), name='proposal_says_what_and_why')],
            },
        ),
        only_moves(
            "enrollment_proposal",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
    ]
