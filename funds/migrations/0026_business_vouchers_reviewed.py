"""Vouchers of the business are reviewed by another than their maker; what is doubted stands beside."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import append_only, never_deleted, only_moves, set_once
from accounts.sql import RunSQL

FITS = """
CREATE FUNCTION hezuo_funds_reviewed() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM funds_voucher v
        WHERE v.id = NEW.voucher_id AND v.prepared_by_id = NEW.reviewed_by_id
    ) OR EXISTS (
        SELECT 1 FROM funds_voucherdraft d WHERE d.voucher_id = NEW.voucher_id
    ) OR EXISTS (
        SELECT 1 FROM funds_voucherdoubt d
        WHERE d.voucher_id = NEW.voucher_id AND d.status = 'open'
    ) THEN
        RAISE EXCEPTION 'voucher % is not to be reviewed by user %',
            NEW.voucher_id, NEW.reviewed_by_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'voucher_is_reviewed_by_a_second';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER funds_voucherreview_enters BEFORE INSERT ON funds_voucherreview
    FOR EACH ROW EXECUTE FUNCTION hezuo_funds_reviewed();
"""
BACK = """
DROP TRIGGER funds_voucherreview_enters ON funds_voucherreview;
DROP FUNCTION hezuo_funds_reviewed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0025_stands_in_one_look'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VoucherReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reviewed_at', models.DateTimeField(auto_now_add=True, verbose_name='复核时间')),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('voucher', models.OneToOneField(error_messages={'unique': '其中有凭证刚刚已由别人复核，请刷新'}, on_delete=django.db.models.deletion.PROTECT, related_name='review', to='funds.voucher', verbose_name='凭证')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='VoucherDoubt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('open', '有疑问'), ('settled', '已澄清')], default='open', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(max_length=200, verbose_name='疑问')),
                ('raised_at', models.DateTimeField(auto_now_add=True, verbose_name='提出时间')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='澄清时间')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='澄清的情况')),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='澄清人')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doubts', to='funds.voucher', verbose_name='凭证')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('voucher',), name='one_open_doubt', violation_error_message='其中有凭证刚刚已由别人提出疑问，请刷新'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'settled'), _negated=True), ('settled_by__isnull', False), _connector='OR'), name='settled_doubt_says_by_whom')],
            },
        ),
        append_only("funds_voucherreview"),
        never_deleted("funds_voucherdoubt"),
        only_moves("funds_voucherdoubt", ["open>settled"]),
        set_once(
            "funds_voucherdoubt",
            ["voucher_id", "reason", "raised_by_id", "raised_at", "settled_by_id", "settled_at",
             "answer"],
        ),
        RunSQL(FITS, BACK),
    ]
