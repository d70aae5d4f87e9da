"""A bank line names what it settles by a text key: the fund's banking knows no receipt.

`remittance:12`, `receipt:7`, `sponsor:3` stand where three foreign keys were.
"""

from django.db import migrations, models

from accounts.append_only import set_once
from accounts.sql import RunSQL

LINE = ("area_id", "statement_id", "serial", "booked_on", "amount", "summary", "kind")
OLD_LINKS = ("remittance_id", "receipt_id", "sponsor_money_id", "offset_id", "voucher_number")
OLD_GUARD = set_once("enrollment_bankline", LINE + OLD_LINKS)
FILL = """
UPDATE enrollment_bankline SET settles = CASE
    WHEN remittance_id IS NOT NULL THEN 'remittance:' || remittance_id
    WHEN receipt_id IS NOT NULL THEN 'receipt:' || receipt_id
    WHEN sponsor_money_id IS NOT NULL THEN 'sponsor:' || sponsor_money_id
    ELSE '' END
"""
# The checks of foreign keys are due before the table may be altered further.
BACK = [
    "SET CONSTRAINTS ALL IMMEDIATE",
    """
UPDATE enrollment_bankline SET
    remittance_id = CASE WHEN kind = 'remittance' THEN split_part(settles, ':', 2)::bigint END,
    receipt_id = CASE WHEN kind = 'receipt' THEN split_part(settles, ':', 2)::bigint END,
    sponsor_money_id = CASE WHEN kind = 'sponsor' THEN split_part(settles, ':', 2)::bigint END
WHERE settles <> ''
""",
    "SET CONSTRAINTS ALL DEFERRED",
]


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0019_tax_files")]

    operations = [
        migrations.RemoveConstraint(
            model_name="bankline", name="remittance_line_has_remittance"
        ),
        RunSQL(OLD_GUARD.reverse_sql, OLD_GUARD.sql),
        migrations.AddField(
            model_name="bankline",
            name="settles",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="核销对象"
            ),
        ),
        RunSQL(FILL, BACK),
        migrations.RemoveField(model_name="bankline", name="receipt"),
        migrations.RemoveField(model_name="bankline", name="remittance"),
        migrations.RemoveField(model_name="bankline", name="sponsor_money"),
        set_once("enrollment_bankline", (*LINE, "settles", "offset_id", "voucher_number")),
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(
                condition=models.Q(("settles", ""), _negated=True),
                fields=["settles"],
                name="bank_line_settles",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["remittance", "receipt", "sponsor"]), _negated=True),
                    models.Q(("settles", ""), _negated=True),
                    _connector="OR",
                ),
                name="settled_line_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["receipt", "sponsor"])),
                fields=("settles",),
                name="settled_by_one_line",
            ),
        ),
    ]
