"""2001-deposit: what is kept back of institutions until their assessment."""

from django.db import migrations

from funds.chart import sync_accounts


class Migration(migrations.Migration):

    dependencies = [("funds", "0007_payment_guards")]

    operations = [sync_accounts()]
