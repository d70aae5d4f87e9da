"""A granted refund waits for the cashier; tax money that nobody's enrolment explains is booked.

Refunds granted before were booked on that day, so they count as paid then.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.append_only import set_once
from accounts.sql import RunSQL

TAX_ROW = (
    "file_id",
    "campaign_id",
    "line",
    "resident_id_index",
    "serial",
    "paid_on",
    "amount",
    "enrollment_id",
    "voucher_number",
    "suspense_voucher",
)
REFUND = (
    "enrollment_id",
    "ground",
    "ground_date",
    "amount",
    "sponsor_amount",
    "requested_by_id",
    "requested_on",
    "decided_by_id",
    "decided_on",
    "paid_by_id",
    "paid_on",
    "voucher_number",
)

PAID = """
UPDATE enrollment_refund SET status = 'paid', paid_on = decided_on WHERE status = 'granted';
"""
UNPAID = "UPDATE enrollment_refund SET status = 'granted' WHERE status = 'paid';"
LOOSE = """
DROP TRIGGER enrollment_taxrow_set_once ON enrollment_taxrow;
DROP TRIGGER enrollment_refund_set_once ON enrollment_refund;
"""
FORMER = """
CREATE TRIGGER enrollment_taxrow_set_once BEFORE UPDATE ON enrollment_taxrow
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset(
        'file_id', 'campaign_id', 'line', 'resident_id_index', 'serial', 'paid_on', 'amount',
        'enrollment_id', 'voucher_number');
CREATE TRIGGER enrollment_refund_set_once BEFORE UPDATE ON enrollment_refund
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_reset(
        'enrollment_id', 'ground', 'ground_date', 'amount', 'sponsor_amount', 'requested_by_id',
        'requested_on', 'decided_by_id', 'decided_on', 'voucher_number');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0008_late_entry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="paid_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="付款人",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="paid_on",
            field=models.DateField(null=True, verbose_name="付款日期"),
        ),
        migrations.AddField(
            model_name="taxrow",
            name="suspense_voucher",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=30, verbose_name="待查款凭证号"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="status",
            field=models.CharField(
                choices=[
                    ("requested", "待审批"),
                    ("granted", "待支付"),
                    ("paid", "已退费"),
                    ("refused", "未同意"),
                ],
                default="requested",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        RunSQL(PAID, UNPAID),
        RunSQL(LOOSE, FORMER),
        set_once("enrollment_taxrow", TAX_ROW),
        set_once("enrollment_refund", REFUND),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_by", None),
                    models.Q(
                        models.Q(("paid_by", models.F("requested_by")), _negated=True),
                        models.Q(("paid_by", models.F("decided_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="refund_is_paid_by_a_third_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "paid"), _negated=True),
                    ("paid_on__isnull", False),
                    _connector="OR",
                ),
                name="paid_refund_says_when",
            ),
        ),
    ]
