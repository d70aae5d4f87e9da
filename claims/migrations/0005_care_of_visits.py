"""What the pack says of the kind of care goes with the visit, and whether consent was signed."""

from django.db import migrations, models
from django.db.models import Value

from policies.loading.format_one import BEDS, STAYS

# Visits are append-only; only this statement may look at them again. Until now the signature was
# known by the class that unsigned items were put into.
FILL = """
UPDATE claims_visit
SET bed = care = ANY(%s),
    counts_as_stay = care = ANY(%s),
    consent_signed = source = 'counter' AND NOT EXISTS (
        SELECT 1 FROM claims_billline
        WHERE visit_id = claims_visit.id AND bill_class = 'off_catalogue_unsigned'
    )
"""


def fill(apps, schema_editor):
    # What was entered so far was entered under measures of format 1.
    schema_editor.execute("ALTER TABLE claims_visit DISABLE TRIGGER claims_visit_rows_stay")
    schema_editor.execute(FILL, [list(BEDS), list(STAYS)])
    schema_editor.execute("ALTER TABLE claims_visit ENABLE TRIGGER claims_visit_rows_stay")


def flag(name, title):
    return migrations.AddField(
        model_name="visit",
        name=name,
        field=models.BooleanField(db_default=False, default=False, verbose_name=title),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_babies_origin_referral"),
        ("policies", "0006_drafts_in_format_two"),
    ]

    operations = [
        flag("bed", "住床"),
        flag("counts_as_stay", "计住院人次"),
        flag("consent_signed", "目录外已签字"),
        migrations.AddField(
            model_name="visit",
            name="answers",
            field=models.JSONField(
                db_default=Value({}, models.JSONField()), default=dict, verbose_name="另填事项"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
