"""What a year is to bring in and to spend, put forward by one and adopted by another."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0023_stands_by_the_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('amounts', models.JSONField(verbose_name='各项预算')),
                ('income', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='收入预算')),
                ('expense', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='支出预算')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.book', verbose_name='账套')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('book', 'year'), name='one_open_budget', violation_error_message='本年度已有一份预算待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='budget_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_budget_says_who'), models.CheckConstraint(condition=models.Q(('expense__gte', 0), ('income__gte', 0)), name='budget_is_not_below_zero')],
            },
        ),
        never_deleted("funds_budget"),
        only_moves(
            "funds_budget", ["proposed>approved", "proposed>refused", "proposed>withdrawn"]
        ),
        set_once(
            "funds_budget",
            ["book_id", "year", "amounts", "income", "expense", "evidence", "reason",
             "proposed_by_id", "proposed_on", "decided_by_id", "decided_on", "decision"],
        ),
    ]
