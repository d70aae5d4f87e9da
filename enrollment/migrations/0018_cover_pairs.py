"""A cover moves along its workflow only; the guards of 0010 say on the strength of what."""

from django.db import migrations

from accounts.append_only import only_moves


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0017_uploads")]

    operations = [
        only_moves(
            "enrollment_enrollment",
            ["active>cancelled", "active>pending", "pending>active", "pending>cancelled"],
        )
    ]
