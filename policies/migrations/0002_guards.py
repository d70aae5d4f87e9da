"""The text of a pack never changes: a correction is a new version."""

from django.db import migrations

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [
        set_once(
            "policies_pack",
            ["area_id", "version", "first_day", "last_day", "source", "sha256", "proposed_by_id",
             "adopted_by_id", "adopted_at"],
        ),
        never_deleted("policies_pack"),
    ]
