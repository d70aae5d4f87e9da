"""Taxes into the treasury account, and a sponsor's money: owed until a premium is paid with it."""

from django.db import migrations

from funds.chart import sync_accounts


class Migration(migrations.Migration):
    dependencies = [("funds", "0002_guards")]

    operations = [sync_accounts()]
