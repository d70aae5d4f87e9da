"""Who came in on another day is judged by the levels of that day: they may change with it."""

from importlib import import_module

from django.db import migrations

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0051_denied_before_settled").STAYS
FUNCTION = BEFORE.replace("'care', 'bed',", "'care', 'bed', 'level', 'deductible_level', 'price_level',")


class Migration(migrations.Migration):
    dependencies = [("claims", "0070_visit_levels")]

    operations = [RunSQL(FUNCTION, BEFORE)]
