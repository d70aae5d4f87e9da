"""What each layer pays stands in rows: a pack may have any number of layers under any names.

The four columns go. What the rows say of them is what packs of format 1 left to the program
(policies/loading/format_one.py), written out because a migration never changes with the code;
tests/claims/test_old_layers.py compares the two. Both ways are one statement over all settlements,
without a queue of foreign key checks: the key is added after the rows are there.
"""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models
from accounts.sql import RunSQL
from django.db.models import F, Q

import accounts.fields

FILL = """
INSERT INTO claims_settlementfund
    (settlement_id, layer, fund_pay_type, book, booked_as, amount)
SELECT s.id, paid.layer, paid.fund_pay_type, 'resident', paid.booked_as, paid.amount
FROM claims_settlement s CROSS JOIN LATERAL (VALUES
    (1, 'basic', '390100', '', s.basic_amount),
    (2, 'serious', '390200', 'serious', s.serious_amount),
    (3, 'assistance', '610100', '', s.assistance_amount),
    (4, 'further', '610100', '', s.further_amount)
) paid (place, layer, fund_pay_type, booked_as, amount)
WHERE paid.amount <> 0 ORDER BY s.id, paid.place
"""
# The way back. The columns have no room for other layers; what those paid of a claim, which would
# break the sum, stops it by the CHECK that comes next. The guard that keeps amounts is not asked,
# because amounts do not change.
REFILL = """
ALTER TABLE claims_settlement DISABLE TRIGGER claims_settlement_moves;
UPDATE claims_settlement s SET basic_amount = paid.basic, serious_amount = paid.serious,
    assistance_amount = paid.assistance, further_amount = paid.further
FROM (
    SELECT settlement_id,
        coalesce(sum(amount) FILTER (WHERE layer = 'basic'), 0) AS basic,
        coalesce(sum(amount) FILTER (WHERE layer = 'serious'), 0) AS serious,
        coalesce(sum(amount) FILTER (WHERE layer = 'assistance'), 0) AS assistance,
        coalesce(sum(amount) FILTER (WHERE layer = 'further'), 0) AS further
    FROM claims_settlementfund GROUP BY settlement_id
) paid WHERE paid.settlement_id = s.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE claims_settlement ENABLE TRIGGER claims_settlement_moves;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0007_drawn_benefits")]

    operations = [
        # First, so that it comes last on the way back: it rewrites the table, and an update of rows
        # written in the same transaction would queue a check of every foreign key.
        migrations.AlterField(
            model_name="settlement",
            name="voucher_number",
            field=models.CharField(blank=True, max_length=80, verbose_name="凭证号"),
        ),
        migrations.CreateModel(
            name="SettlementFund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("layer", models.CharField(max_length=40, verbose_name="支付层次")),
                ("fund_pay_type", models.CharField(max_length=8, verbose_name="基金支付类型")),
                ("book", models.CharField(max_length=12, verbose_name="账套")),
                (
                    "booked_as",
                    models.CharField(blank=True, max_length=12, verbose_name="支出类别"),
                ),
                (
                    "amount",
                    accounts.fields.MoneyField(
                        decimal_places=2, max_digits=14, verbose_name="金额"
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="claims.settlement",
                        verbose_name="结算单",
                    ),
                ),
            ],
            options={"ordering": ["settlement", "id"]},
        ),
        RunSQL(FILL, RunSQL.noop),
        migrations.AddConstraint(
            model_name="settlementfund",
            constraint=models.UniqueConstraint(
                fields=("settlement", "layer"), name="layer_pays_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementfund",
            constraint=models.CheckConstraint(
                condition=Q(("amount__gt", 0)), name="layer_pays_something"
            ),
        ),
        migrations.RemoveConstraint(model_name="settlement", name="layers_sum_to_fund"),
        RunSQL(RunSQL.noop, REFILL),
        migrations.RemoveField(model_name="settlement", name="basic_amount"),
        migrations.RemoveField(model_name="settlement", name="serious_amount"),
        migrations.RemoveField(model_name="settlement", name="assistance_amount"),
        migrations.RemoveField(model_name="settlement", name="further_amount"),
    ]
