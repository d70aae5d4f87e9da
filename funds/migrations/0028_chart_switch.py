"""A book goes on with another chart by the decision of two; no month changes its chart otherwise."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import never_deleted, only_moves, set_once
from accounts.sql import RunSQL

DECIDED = """
CREATE FUNCTION hezuo_funds_chart_is_decided() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM funds_chartswitch s
        WHERE s.book_id = NEW.book_id AND s.status = 'approved'
            AND s.year <= NEW.year AND s.after = NEW.chart
    ) THEN
        RAISE EXCEPTION 'nobody decided that month %-% keeps the chart %',
            NEW.year, NEW.month, NEW.chart USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_chart_is_decided BEFORE UPDATE ON funds_period
    FOR EACH ROW WHEN (OLD.chart IS DISTINCT FROM NEW.chart)
    EXECUTE FUNCTION hezuo_funds_chart_is_decided();
"""
BACK = """
DROP TRIGGER funds_chart_is_decided ON funds_period;
DROP FUNCTION hezuo_funds_chart_is_decided();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0027_charts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChartSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('year', models.PositiveSmallIntegerField(verbose_name='自哪年年初')),
                ('before', models.CharField(choices=[('2008', '财会〔2008〕1号（新农合）'), ('2017', '财会〔2017〕28号'), ('2026', '财会〔2017〕28号及 2026 年补充规定')], max_length=4, verbose_name='原科目表')),
                ('after', models.CharField(choices=[('2008', '财会〔2008〕1号（新农合）'), ('2017', '财会〔2017〕28号'), ('2026', '财会〔2017〕28号及 2026 年补充规定')], max_length=4, verbose_name='新科目表')),
                ('book', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.book', verbose_name='账套')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('book',), name='one_open_chart', violation_error_message='已有一份科目表改用待审批，请先办结或撤回'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='chart_is_decided_by_a_second_person'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_chart_says_who'), models.UniqueConstraint(condition=models.Q(('status', 'approved')), fields=('book', 'year'), name='one_chart_of_a_year', violation_error_message='这一年已改用过科目表'), models.CheckConstraint(condition=models.Q(('after__gt', models.F('before'))), name='chart_is_a_later_one')],
            },
        ),
        never_deleted("funds_chartswitch"),
        only_moves(
            "funds_chartswitch",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        set_once(
            "funds_chartswitch",
            ["book_id", "year", "before", "after", "evidence", "reason", "proposed_by_id",
             "proposed_on", "decided_by_id", "decided_on", "decision"],
        ),
        RunSQL(DECIDED, BACK),
    ]
