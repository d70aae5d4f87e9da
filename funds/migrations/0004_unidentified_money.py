"""Money that nobody's enrolment explains yet is owed (暂收款) until somebody's does."""

from django.db import migrations

from funds.chart import sync_accounts


class Migration(migrations.Migration):
    dependencies = [("funds", "0003_sponsors")]

    operations = [sync_accounts()]
