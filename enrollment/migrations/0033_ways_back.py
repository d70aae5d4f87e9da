"""A closed day may be reopened and lost numbers may be found again, each by two people.

What a close counted stays as it was; only where it stands changes. Of each number the last event of
its book counts.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only_but_sealed, never_deleted, only_moves, set_once
from accounts.sql import RunSQL

ROWS_STAY = """
CREATE TRIGGER enrollment_dayclose_rows_stay BEFORE UPDATE OR DELETE ON enrollment_dayclose
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change();
CREATE TRIGGER enrollment_dayclose_table_stays BEFORE TRUNCATE ON enrollment_dayclose
    FOR EACH STATEMENT EXECUTE FUNCTION hezuo_refuse_change();
"""
NO_ROWS_STAY = """
DROP TRIGGER enrollment_dayclose_rows_stay ON enrollment_dayclose;
DROP TRIGGER enrollment_dayclose_table_stays ON enrollment_dayclose;
"""
REOPENING = ("status", "reopen_reason", "reopened_by_id", "reopened_at")
FOUND = (
    "book_id", "first_number", "last_number", "found_on", "reason", "asked_by_id", "decided_by_id",
)


def numbers(but_found: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION enrollment_receipt_number_is_free() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM enrollment_receiptbook book
        WHERE book.id = NEW.book_id AND book.status = 'in_use'
            AND NEW.number BETWEEN book.first_number AND book.last_number
    ) THEN
        RAISE EXCEPTION 'receipt number % does not belong to a book in use', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM enrollment_bookevent lost
        WHERE lost.book_id = NEW.book_id AND lost.kind = 'loss'
            AND NEW.number BETWEEN lost.first_number AND lost.last_number{but_found}
    ) THEN
        RAISE EXCEPTION 'receipt number % was reported lost', NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


BUT_FOUND = """
            AND NOT EXISTS (
                SELECT 1 FROM enrollment_bookevent found
                WHERE found.book_id = NEW.book_id AND found.kind = 'found' AND found.id > lost.id
                    AND NEW.number BETWEEN found.first_number AND found.last_number)"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_doors'),
        ('desk', '0001_papers'),
        ('enrollment', '0032_accounts_go_along'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FoundNumbers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_number', models.PositiveIntegerField(verbose_name='起号')),
                ('last_number', models.PositiveIntegerField(verbose_name='止号')),
                ('found_on', models.DateField(verbose_name='找回日期')),
                ('reason', models.CharField(max_length=200, verbose_name='找回经过')),
                ('status', models.CharField(choices=[('asked', '待确认'), ('confirmed', '已恢复'), ('refused', '未同意')], default='asked', max_length=10, verbose_name='状态')),
                ('asked_at', models.DateTimeField(auto_now_add=True, verbose_name='申请时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('decision', models.CharField(blank=True, max_length=200, verbose_name='不同意的原因')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='dayclose',
            name='day_closed_once',
        ),
        migrations.AddField(
            model_name='dayclose',
            name='reopen_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='撤销原因'),
        ),
        migrations.AddField(
            model_name='dayclose',
            name='reopened_at',
            field=models.DateTimeField(null=True, verbose_name='撤销时间'),
        ),
        migrations.AddField(
            model_name='dayclose',
            name='reopened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤销人'),
        ),
        migrations.AddField(
            model_name='dayclose',
            name='status',
            field=models.CharField(choices=[('closed', '已日结'), ('asked', '申请撤销'), ('reopened', '已撤销')], db_default='closed', default='closed', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='bookevent',
            name='kind',
            field=models.CharField(choices=[('transfer', '转交'), ('hand_back', '交回'), ('loss', '挂失'), ('found', '找回')], max_length=10, verbose_name='事项'),
        ),
        migrations.AddConstraint(
            model_name='dayclose',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'reopened'), _negated=True), fields=('clerk', 'day'), name='day_closed_once', violation_error_code='day', violation_error_message='这一天刚在另一窗口日结，请刷新'),
        ),
        migrations.AddConstraint(
            model_name='dayclose',
            constraint=models.CheckConstraint(condition=models.Q(('reopened_by', None), models.Q(('reopened_by', models.F('clerk')), _negated=True), _connector='OR'), name='day_reopened_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='dayclose',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'reopened'), _negated=True), ('reopened_by__isnull', False), _connector='OR'), name='reopened_day_says_who'),
        ),
        migrations.AddField(
            model_name='foundnumbers',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请人'),
        ),
        migrations.AddField(
            model_name='foundnumbers',
            name='book',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='finds', to='enrollment.receiptbook'),
        ),
        migrations.AddField(
            model_name='foundnumbers',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人'),
        ),
        migrations.AddConstraint(
            model_name='foundnumbers',
            constraint=models.CheckConstraint(condition=models.Q(('last_number__gte', models.F('first_number'))), name='found_numbers_in_order'),
        ),
        migrations.AddConstraint(
            model_name='foundnumbers',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('asked_by')), _negated=True), _connector='OR'), name='found_numbers_confirmed_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='foundnumbers',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'refused']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='decided_find_says_who'),
        ),
        RunSQL(NO_ROWS_STAY, ROWS_STAY),
        append_only_but_sealed("enrollment_dayclose", REOPENING),
        only_moves("enrollment_dayclose", ["asked>closed", "asked>reopened", "closed>asked"]),
        never_deleted("enrollment_foundnumbers"),
        set_once("enrollment_foundnumbers", FOUND),
        only_moves("enrollment_foundnumbers", ["asked>confirmed", "asked>refused"]),
        RunSQL(numbers(BUT_FOUND), numbers("")),
    ]
