"""Registers: waiting periods and payment of what waits; indexes that others cover go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.sql import RunSQL

# Django makes this one for LIKE beside the unique index; a blind index has no beginning to seek.
LIKE = "enrollment_person_resident_id_index_ec952225_like"


def _without_index(model: str, name: str, to: str, **options: str) -> migrations.AlterField:
    key = models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, to=to, **options
    )
    return migrations.AlterField(model, name, key)


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0011_lost_books_by_village"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "registerimport", "checked_on", models.DateField(null=True, verbose_name="检查日期")
        ),
        migrations.AddField("registerrow", "cover_first_day", models.DateField(null=True)),
        migrations.AddField(
            "registerrow",
            "pays",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="enrollment.enrollment",
            ),
        ),
        _without_index("person", "household", "enrollment.household", related_name="members"),
        _without_index(
            "enrollment", "household", "enrollment.household", related_name="enrollments"
        ),
        _without_index("enrollment", "pack", "policies.pack", verbose_name="适用办法"),
        _without_index("enrollment", "entered_by", settings.AUTH_USER_MODEL, related_name="+"),
        RunSQL(
            f"DROP INDEX IF EXISTS {LIKE}",
            f"CREATE INDEX IF NOT EXISTS {LIKE} ON enrollment_person"
            " (resident_id_index varchar_pattern_ops)",
        ),
    ]
