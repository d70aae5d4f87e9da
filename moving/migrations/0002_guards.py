from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("moving", "0001_initial"), ("accounts", "0002_moves")]

    operations = [append_only("moving_keepingnote")]
