"""2001-unpaid: benefits that the old system had decided and not paid."""

from django.db import migrations

from funds.chart import sync_accounts


class Migration(migrations.Migration):
    dependencies = [("funds", "0030_earlier_years")]

    operations = [sync_accounts()]
