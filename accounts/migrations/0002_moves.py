"""The function behind every workflow's guard: a status moves along its table's pairs only."""

from django.db import migrations

from accounts.append_only import move_function


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [move_function()]
