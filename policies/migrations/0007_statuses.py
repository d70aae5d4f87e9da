"""A draft says what became of it; versions and drafts move along their workflows only."""

from django.db import migrations, models
from django.db.models import Q

from accounts.append_only import only_moves
from accounts.sql import RunSQL


class Migration(migrations.Migration):
    dependencies = [("policies", "0006_drafts_in_format_two"), ("accounts", "0002_moves")]

    operations = [
        migrations.AlterField(
            "pack",
            "status",
            models.CharField(
                choices=[
                    ("proposed", "待采用"),
                    ("adopted", "已采用"),
                    ("replaced", "已被新版本取代"),
                ],
                default="proposed",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        only_moves("policies_pack", ["adopted>replaced", "proposed>adopted"]),
        migrations.AddField(
            "draft",
            "status",
            models.CharField(
                choices=[
                    ("edited", "修改中"),
                    ("proposed", "已经提出"),
                    ("discarded", "已经作废"),
                ],
                db_default="edited",
                default="edited",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        RunSQL(
            """
            UPDATE policies_draft SET status =
                CASE WHEN proposed_id IS NOT NULL THEN 'proposed' ELSE 'discarded' END
            WHERE proposed_id IS NOT NULL OR discarded_at IS NOT NULL
            """,
            RunSQL.noop,
        ),
        migrations.RemoveConstraint("draft", "draft_is_proposed_or_discarded"),
        migrations.AddConstraint(
            "draft",
            models.CheckConstraint(
                condition=Q(status="edited", proposed=None, discarded_at=None)
                | Q(status="proposed", proposed__isnull=False, discarded_at=None)
                | Q(status="discarded", proposed=None, discarded_at__isnull=False),
                name="draft_is_what_its_status_says",
            ),
        ),
        only_moves("policies_draft", ["edited>discarded", "edited>proposed"]),
    ]
