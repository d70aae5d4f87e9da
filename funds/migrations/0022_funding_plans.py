"""What a month needs in the expenditure account, asked of the finance bureau."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0021_reconciling'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FundingPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='月份')),
                ('status', models.CharField(choices=[('made', '待审核'), ('checked', '待报送'), ('sent', '已报财政'), ('granted', '财政已批'), ('refused', '财政未批'), ('withdrawn', '已撤回')], default='made', max_length=10, verbose_name='状态')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='申请金额')),
                ('granted', accounts.fields.MoneyField(decimal_places=2, max_digits=14, null=True, verbose_name='财政批复金额')),
                ('sent_document', models.CharField(blank=True, max_length=60, verbose_name='报送文号')),
                ('granted_document', models.CharField(blank=True, max_length=60, verbose_name='批复文号')),
                ('made_on', models.DateField(verbose_name='编制日期')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='审核时间')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='报送时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='事由')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='funds.book', verbose_name='账套')),
                ('checked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='编制人')),
                ('sent_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='报送人')),
            ],
            options={
                'ordering': ['-month', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PlanLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('title', models.CharField(max_length=60, verbose_name='项目')),
                ('basis', models.CharField(max_length=200, verbose_name='依据')),
                ('worked_out', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='测算金额')),
                ('amount', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='申请金额')),
                ('note', models.CharField(blank=True, max_length=100, verbose_name='调整说明')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='funds.fundingplan')),
            ],
            options={
                'ordering': ['plan', 'position'],
            },
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['refused', 'withdrawn']), _negated=True), fields=('book', 'month'), name='one_plan_of_a_month', violation_error_code='month', violation_error_message='这个月已有一份用款计划，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='plan_is_of_a_month'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='plan_asks_for_something'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(('granted', None), ('granted__gt', 0), _connector='OR'), name='plan_is_granted_something'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(('checked_by', None), models.Q(('checked_by', models.F('made_by')), _negated=True), _connector='OR'), name='plan_is_checked_by_another'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['checked', 'sent', 'granted']), _negated=True), ('checked_by__isnull', False), _connector='OR'), name='checked_plan_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='fundingplan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'granted'), _negated=True), ('granted__isnull', False), _connector='OR'), name='granted_plan_says_how_much'),
        ),
        migrations.AddConstraint(
            model_name='planline',
            constraint=models.UniqueConstraint(fields=('plan', 'position'), name='plan_line_once'),
        ),
        migrations.AddConstraint(
            model_name='planline',
            constraint=models.CheckConstraint(condition=models.Q(('amount', models.F('worked_out')), models.Q(('note', ''), _negated=True), _connector='OR'), name='plan_line_says_why_it_differs'),
        ),
        never_deleted("funds_fundingplan"),
        only_moves(
            "funds_fundingplan",
            ["checked>made", "checked>sent", "checked>withdrawn", "granted>made", "made>checked",
             "made>withdrawn", "sent>granted", "sent>made", "sent>refused", "sent>withdrawn"],
        ),
        set_once("funds_fundingplan", ["book_id", "month", "made_by_id", "made_on"]),
    ]
