"""A portion of usage is written by covers: found by file and cover, without a look at the rest."""

import django.db.models.deletion
from django.db import migrations, models

ONE = {"on_delete": django.db.models.deletion.PROTECT, "null": True, "related_name": "+"}


class Migration(migrations.Migration):
    dependencies = [("claims", "0062_old_claims")]
    operations = [
        migrations.RemoveIndex("carriedrow", "claims_carr_file_id_847796_idx"),
        migrations.AlterField(
            "carriedrow",
            "cover",
            models.ForeignKey("enrollment.enrollment", db_index=False, **ONE),
        ),
        migrations.AlterField(
            "carriedrow",
            "file",
            models.ForeignKey(
                "claims.carriedfile",
                django.db.models.deletion.CASCADE,
                db_index=False,
                related_name="lines",
            ),
        ),
        migrations.AddIndex(
            "carriedrow", models.Index(fields=["file", "cover"], name="carried_row_cover")
        ),
    ]
