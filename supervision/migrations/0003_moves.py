"""An alert moves along its workflow only."""

from django.db import migrations

from accounts.append_only import only_moves


class Migration(migrations.Migration):
    dependencies = [("supervision", "0002_guards"), ("accounts", "0002_moves")]

    operations = [only_moves("supervision_alert", ["open>confirmed", "open>dismissed"])]
