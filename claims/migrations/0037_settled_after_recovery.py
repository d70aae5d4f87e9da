"""The bill of a registered visit goes back to it, too, when all that was paid on it is back."""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

STANDS = import_module("claims.migrations.0022_visit_guards").STANDS
BACK = STANDS.replace("claims_settlement WHERE", "claims_settlement s WHERE").replace(
    "'withdrawn'))",
    """'withdrawn')
               AND NOT EXISTS (SELECT 1 FROM claims_recovery r WHERE r.settlement_id = s.id
                   AND r.is_whole AND r.status = 'received'))""",
)


class Migration(migrations.Migration):
    dependencies = [("claims", "0036_payee_s_hand")]

    operations = [RunSQL(BACK, STANDS)]
