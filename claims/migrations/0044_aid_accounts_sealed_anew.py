"""The sealed account of assistance that was approved may be sealed with another key."""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

APPROVED = import_module("claims.migrations.0034_assistance").APPROVED
WAS = APPROVED[: APPROVED.index("CREATE TRIGGER")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
NOW = WAS.replace("NEW.payee, NEW.account,", "NEW.payee, NEW.bank,").replace(
    "OLD.payee, OLD.account,", "OLD.payee, OLD.bank,"
)


class Migration(migrations.Migration):
    dependencies = [("claims", "0043_payee_of_aid")]

    operations = [RunSQL(NOW, WAS)]
