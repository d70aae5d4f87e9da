"""Registers and departments' lists move along their workflows only."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT

from accounts.append_only import only_moves

UPLOAD = [
    "applying>done",
    "applying>failed",
    "checked>applying",
    "checked>discarded",
    "checked>waiting",
    "waiting>checked",
    "waiting>discarded",
    "waiting>failed",
]


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0020_bank_lines_by_key")]

    operations = [
        *(
            migrations.AlterField(
                model,
                "requested_by",
                models.ForeignKey(
                    null=True,
                    on_delete=PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="上传人",
                ),
            )
            for model in ("registerimport", "statuslist", "taxfile")
        ),
        only_moves("enrollment_registerimport", UPLOAD),
        only_moves("enrollment_statuslist", [*UPLOAD, "applying>waiting"]),
        only_moves("enrollment_taxfile", ["waiting>done", "waiting>failed"]),
    ]
