"""The number of an electronic invoice is given once in the country: so it is paid once.

What was paid twice before this was known stays as it is: the earliest row keeps the number, the
later ones hold it no more (`is_live`).
"""

from django.db import migrations, models

from accounts.sql import RunSQL

PAID_TWICE = """
UPDATE claims_invoice SET is_live = false
 WHERE is_live AND number ~ '^[0-9]{20}$' AND EXISTS (
    SELECT 1 FROM claims_invoice earlier
     WHERE earlier.number = claims_invoice.number
       AND earlier.is_live AND earlier.id < claims_invoice.id)
"""


class Migration(migrations.Migration):

    dependencies = [('claims', '0009_fund_guards')]

    operations = [
        RunSQL(PAID_TWICE, RunSQL.noop),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('is_live', True), ('number__regex', '^[0-9]{20}$')), fields=('number',), name='electronic_invoice_once', violation_error_message='发票刚由另一窗口录入，不能重复报销，请查询后再办'),
        ),
    ]
