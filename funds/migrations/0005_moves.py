"""A month of a book moves along its workflow only."""

from django.db import migrations

from accounts.append_only import only_moves


class Migration(migrations.Migration):
    dependencies = [("funds", "0004_unidentified_money"), ("accounts", "0002_moves")]

    operations = [only_moves("funds_period", ["open>closed"])]
