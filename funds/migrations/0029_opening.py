"""What a book begins with: agreed to by two, one voucher of the day before its first month, in a month of its own."""

import accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once
from accounts.sql import RunSQL

# Before the book's first month there is what it began with and nothing else, and nowhere else is
# there such a voucher.
PLACE = """
CREATE FUNCTION hezuo_funds_opens() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    first date;
    opens boolean;
BEGIN
    SELECT b.first_month, p.is_opening INTO first, opens
        FROM funds_period p JOIN funds_book b ON b.id = p.book_id WHERE p.id = NEW.period_id;
    IF (NEW.event = 'opening') <> opens
            OR (NEW.occurred_on < first) <> opens
            OR (opens AND NEW.occurred_on <> first - 1) THEN
        RAISE EXCEPTION 'voucher % of % does not belong into this month of a book from % on',
            NEW.key, NEW.occurred_on, first USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_voucher_opens BEFORE INSERT ON funds_voucher
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_opens();

CREATE FUNCTION hezuo_funds_opening_period_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION 'month %-% is of the opening or it is not', OLD.year, OLD.month
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER funds_opening_period_stays BEFORE UPDATE ON funds_period
    FOR EACH ROW WHEN (OLD.is_opening IS DISTINCT FROM NEW.is_opening)
    EXECUTE FUNCTION hezuo_funds_opening_period_stays();
"""
PLACE_BACK = """
DROP TRIGGER funds_opening_period_stays ON funds_period;
DROP TRIGGER funds_voucher_opens ON funds_voucher;
DROP FUNCTION hezuo_funds_opening_period_stays();
DROP FUNCTION hezuo_funds_opens();
"""

AGREED = """
CREATE FUNCTION hezuo_funds_opening_is_agreed() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM funds_opening o
        WHERE o.book_id = NEW.book_id AND o.status = 'approved' AND o.total = abs(NEW.amount)
            AND (o.voucher_id = NEW.id AND NEW.reversal_of_id IS NULL
                 OR o.red_id = NEW.id AND NEW.reversal_of_id = o.voucher_id)
    ) THEN
        RAISE EXCEPTION 'nobody agreed to the opening balances of voucher %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'opening_is_agreed_to';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER funds_voucher_opening_is_agreed AFTER INSERT ON funds_voucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.event = 'opening')
    EXECUTE FUNCTION hezuo_funds_opening_is_agreed();
"""
AGREED_BACK = """
DROP TRIGGER funds_voucher_opening_is_agreed ON funds_voucher;
DROP FUNCTION hezuo_funds_opening_is_agreed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_asked_roles'),
        ('funds', '0028_chart_switch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', '待审批'), ('approved', '已同意'), ('refused', '未同意'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('evidence', models.CharField(max_length=100, verbose_name='证明材料')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('proposed_on', models.DateField(verbose_name='申请日期')),
                ('decided_on', models.DateField(null=True, verbose_name='审批日期')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='审批意见')),
                ('on', models.DateField(verbose_name='启用日')),
                ('total', accounts.fields.MoneyField(decimal_places=2, max_digits=14, verbose_name='借方合计')),
            ],
            options={
                'ordering': ['-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OpeningLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='行号')),
                ('account', models.CharField(max_length=30, verbose_name='科目')),
                ('debit', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name='借方余额')),
                ('credit', accounts.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name='贷方余额')),
                ('tier', models.CharField(blank=True, max_length=20, verbose_name='档次')),
                ('institution_code', models.CharField(blank=True, max_length=12, verbose_name='机构代码')),
                ('funding_level', models.CharField(blank=True, choices=[('personal', '个人'), ('central', '中央'), ('province', '省'), ('city', '市'), ('county', '县'), ('township', '乡镇'), ('civil_affairs', '民政'), ('disabled_federation', '残联'), ('institution', '定点机构'), ('other', '其他')], max_length=20, verbose_name='资金来源')),
                ('policy_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='保险年度')),
            ],
            options={
                'ordering': ['opening', 'line'],
            },
        ),
        migrations.AddField(
            model_name='period',
            name='is_opening',
            field=models.BooleanField(db_default=False, default=False, verbose_name='期初'),
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.UniqueConstraint(condition=models.Q(('is_opening', True)), fields=('book',), name='one_opening_period'),
        ),
        migrations.AddField(
            model_name='opening',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.book', verbose_name='账套'),
        ),
        migrations.AddField(
            model_name='opening',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人'),
        ),
        migrations.AddField(
            model_name='opening',
            name='proposed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddField(
            model_name='opening',
            name='red',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.voucher', verbose_name='红字凭证'),
        ),
        migrations.AddField(
            model_name='opening',
            name='replaces',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.opening', verbose_name='更正的期初余额'),
        ),
        migrations.AddField(
            model_name='opening',
            name='voucher',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opening', to='funds.voucher', verbose_name='凭证'),
        ),
        migrations.AddField(
            model_name='openingline',
            name='opening',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='funds.opening'),
        ),
        migrations.AddField(
            model_name='openingline',
            name='township',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.division', verbose_name='乡镇'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('book',), name='one_open_opening', violation_error_code='lines', violation_error_message='已有一份期初余额待审批，请先办结或撤回'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='opening_is_decided_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), ('decided_by__isnull', False), _connector='OR'), name='decided_opening_says_who'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.UniqueConstraint(condition=models.Q(('red', None), ('status', 'approved')), fields=('book',), name='one_opening_in_force', violation_error_message='期初余额刚由别人登记，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('voucher__isnull', False), _connector='OR'), name='agreed_opening_has_its_voucher'),
        ),
        migrations.AddConstraint(
            model_name='opening',
            constraint=models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='opening_is_more_than_zero'),
        ),
        migrations.AddConstraint(
            model_name='openingline',
            constraint=models.UniqueConstraint(fields=('opening', 'line'), name='opening_line_once'),
        ),
        migrations.AddConstraint(
            model_name='openingline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credit__gt', 0), ('debit', 0)), models.Q(('credit', 0), ('debit__gt', 0)), _connector='OR'), name='opening_line_debit_or_credit'),
        ),
        append_only("funds_openingline"),
        never_deleted("funds_opening"),
        only_moves(
            "funds_opening",
            ["proposed>approved", "proposed>refused", "proposed>withdrawn"],
        ),
        set_once(
            "funds_opening",
            ["book_id", "on", "total", "replaces_id", "evidence", "reason", "proposed_by_id",
             "proposed_on", "decided_by_id", "decided_on", "decision", "voucher_id", "red_id"],
        ),
        RunSQL(PLACE, PLACE_BACK),
        RunSQL(AGREED, AGREED_BACK),
    ]
