"""What the households keep on their outpatient accounts stands apart from the pool, and what others
are to bear of an overspend stands in the books until it is paid."""

from django.db import migrations

from funds.chart import sync_accounts


class Migration(migrations.Migration):
    dependencies = [("funds", "0016_by_law")]

    operations = [sync_accounts()]
