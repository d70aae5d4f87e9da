"""A visit that the patient denies before it is settled is stopped."""

from importlib import import_module

from django.db import migrations, models

from accounts.sql import RunSQL

BEFORE = import_module("claims.migrations.0022_visit_guards").FUNCTION
STAYS = BEFORE.replace("'alike_reason', 'admission_number'", "'alike_reason', 'admission_number',\n                'stopped'")


class Migration(migrations.Migration):
    dependencies = [("claims", "0050_nothing_to_bring")]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="stopped",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="暂停办理"
            ),
        ),
        RunSQL(STAYS, BEFORE),
    ]
