"""Rules of a county for reviewing, approvals as rows, refusals; the guards follow in 0017."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('claims', '0015_intended_findings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='settlement',
            name='status',
            field=models.CharField(choices=[('draft', '草稿'), ('submitted', '待初审'), ('reviewed', '待复核'), ('approved', '待支付'), ('paid', '已支付'), ('refused', '不予支付'), ('withdrawn', '已撤回')], default='draft', max_length=10, verbose_name='状态'),
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveSmallIntegerField(verbose_name='第几次')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='复核时间')),
                ('holds', models.BooleanField(default=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'ordering': ['settlement', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('holds', True)), fields=('settlement', 'rank'), name='approval_of_a_rank_once', violation_error_message='另一位复核人刚办理，请刷新后再看'), models.UniqueConstraint(condition=models.Q(('holds', True)), fields=('settlement', 'by'), name='each_approval_is_anothers', violation_error_message='您已复核过这张结算单，须由另一位复核人办理')],
            },
        ),
        migrations.CreateModel(
            name='Denial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='不予支付的情形')),
                ('name', models.CharField(max_length=200, verbose_name='情形')),
                ('article', models.CharField(max_length=200, verbose_name='依据')),
                ('words', models.CharField(max_length=200, verbose_name='查明的事实')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='决定时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('settlement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='denial', to='claims.settlement', verbose_name='结算单')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('words', ''), _negated=True)), name='denial_says_why')],
            },
        ),
        migrations.CreateModel(
            name='ReviewRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('second_above', accounts.fields.MoneyField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='第二人复核：基金支付超过')),
                ('third_above', accounts.fields.MoneyField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='第三人复核：基金支付超过')),
                ('batch_up_to', accounts.fields.MoneyField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='可批量复核：基金支付不超过')),
                ('sample_share', models.PositiveSmallIntegerField(default=10, verbose_name='批量抽查比例（%）')),
                ('promised_days', models.PositiveSmallIntegerField(default=20, verbose_name='承诺办结（工作日）')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='统筹区')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('area',), name='one_open_review_rule', violation_error_message='已有一份规程待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='review_rule_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_review_rule_says_who'), models.CheckConstraint(condition=models.Q(('third_above', None), models.Q(('second_above__isnull', False), ('third_above__gte', models.F('second_above'))), _connector='OR'), name='third_approval_comes_after_the_second'), models.CheckConstraint(condition=models.Q(('sample_share__gte', 1), ('sample_share__lte', 100)), name='some_of_a_batch_are_looked_at')],
            },
        ),
    ]
