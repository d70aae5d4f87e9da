"""Quantity and price of a bill's line as exact as the national interface has them.

The columns lose their scale in the catalogue of the database instead of getting a wider one: no row
is rewritten, and what was written with fewer decimals stays as it is. The portal writes four and six.
"""

from django.db import migrations, models

from accounts.sql import RunSQL

FINER = {
    "quantity": models.DecimalField(decimal_places=4, max_digits=12, verbose_name="数量"),
    "unit_price": models.DecimalField(decimal_places=6, max_digits=14, verbose_name="单价"),
}


class Migration(migrations.Migration):
    dependencies = [("claims", "0067_line_refunds")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                RunSQL(
                    "ALTER TABLE claims_billline"
                    " ALTER COLUMN quantity TYPE numeric, ALTER COLUMN unit_price TYPE numeric",
                    "ALTER TABLE claims_billline ALTER COLUMN quantity TYPE numeric(10,2),"
                    " ALTER COLUMN unit_price TYPE numeric(12,4)",
                )
            ],
            state_operations=[
                migrations.AlterField(model_name="billline", name=name, field=field)
                for name, field in FINER.items()
            ],
        ),
        migrations.AlterField(
            model_name="linerefund",
            name="quantity",
            field=models.DecimalField(decimal_places=4, max_digits=12, verbose_name="退费数量"),
        ),
    ]
