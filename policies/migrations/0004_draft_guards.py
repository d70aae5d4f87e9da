"""A draft keeps what it was made from and what became of it."""

from django.db import migrations

from accounts.append_only import never_deleted, set_once


class Migration(migrations.Migration):
    dependencies = [("policies", "0003_drafts")]

    operations = [
        set_once(
            "policies_draft",
            ["area_id", "base_id", "created_by_id", "created_at", "proposed_id", "discarded_at"],
        ),
        never_deleted("policies_draft"),
    ]
