"""A file of the old system and its rows."""

from django.db import models

from accounts.fields import SealedField
from desk.carrying import CarriedLine, CarriedUpload
from desk.importing import file_once
from desk.jobs import JobManager
from desk.workflow import apart


class CarriedTable(CarriedUpload):
    SERVICES = "enrollment.carried.services.CARRIED"

    class Kind(models.TextChoices):
        COVERS = "covers", "历年参保"
        STATUSES = "statuses", "人员身份"
        ACCOUNTS = "accounts", "家庭账户余额"

    kind = models.CharField("内容", max_length=12, choices=Kind.choices)
    content = SealedField("文件", blank=True, context="enrollment.carriedtable.content")  # base64

    objects = JobManager("area__code")

    class Meta(CarriedUpload.Meta):
        constraints = [
            *file_once(
                "area", "kind", name="carried_table_once", told="这份文件刚由别人上传，请刷新"
            ),
            apart("confirmed_by", "requested_by", name="carried_table_is_confirmed_by_another"),
        ]


class CarriedRow(CarriedLine):
    upload = models.ForeignKey(
        CarriedTable, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["upload", "line"], name="carried_row_line")]
