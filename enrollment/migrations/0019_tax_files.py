"""Tax files become uploads of the desk: read by a worker, final once they are done."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

import accounts.fields

from accounts.sql import RunSQL

STATUS = [
    ("waiting", "检查中"), ("checked", "待确认"), ("applying", "导入中"), ("done", "已导入"),
    ("failed", "退回"), ("discarded", "已放弃"),
]  # fmt: skip
STAYS = """
CREATE TRIGGER enrollment_taxfile_rows_stay BEFORE {when} ON enrollment_taxfile
    FOR EACH ROW EXECUTE FUNCTION hezuo_refuse_change()
"""
GO = "DROP TRIGGER enrollment_taxfile_rows_stay ON enrollment_taxfile"
FINAL = """
CREATE TRIGGER enrollment_taxfile_final BEFORE UPDATE ON enrollment_taxfile
    FOR EACH ROW WHEN (OLD.status = 'done') EXECUTE FUNCTION hezuo_refuse_change()
"""


def person(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, PROTECT, null=True, related_name="+", verbose_name=name
    )


def column(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField("taxfile", name, field)


def since(name: str, before: models.Field, field: models.Field) -> list:
    """A column that the files which are there have otherwise than those to come."""
    return [column(name, before), migrations.AlterField("taxfile", name, field)]


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0018_cover_pairs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RunSQL(GO, STAYS.format(when="UPDATE OR DELETE")),
        RunSQL(STAYS.format(when="DELETE"), GO),
        migrations.RemoveConstraint("taxfile", "tax_file_once"),
        migrations.RenameField("taxfile", "imported_by", "requested_by"),
        migrations.AlterField("taxfile", "requested_by", person("申请人")),
        migrations.RenameField("taxfile", "imported_on", "uploaded_on"),
        migrations.AlterField("taxfile", "uploaded_on", models.DateField("上传日期")),
        migrations.AlterField("taxfile", "file_name", models.CharField("文件名", max_length=120)),
        migrations.AlterField("taxfile", "sha256", models.CharField("指纹", max_length=64)),
        migrations.AlterField(
            "taxfile", "row_count", models.PositiveIntegerField("笔数", default=0)
        ),
        migrations.AlterField(
            "taxfile", "known_count", models.PositiveIntegerField("此前已导入", default=0)
        ),
        migrations.AlterField("taxfile", "amount", accounts.fields.MoneyField("金额", default=0)),
        *since(
            "status",
            models.CharField("状态", max_length=10, choices=STATUS, default="done"),
            models.CharField("状态", max_length=10, choices=STATUS, default="waiting"),
        ),
        *since(
            "percent",
            models.PositiveSmallIntegerField("进度(%)", default=100),
            models.PositiveSmallIntegerField("进度(%)", default=0),
        ),
        *since(
            "forgotten",
            models.BooleanField("文件已清除", default=True),
            models.BooleanField("文件已清除", default=False),
        ),
        *since(
            "requested_at",
            models.DateTimeField("申请时间", null=True),
            models.DateTimeField("申请时间", null=True, auto_now_add=True),
        ),
        column("stage", models.CharField("步骤", max_length=60, blank=True)),
        column("started_at", models.DateTimeField("开始时间", null=True)),
        column("finished_at", models.DateTimeField("完成时间", null=True)),
        column("failure", models.TextField("失败原因", blank=True)),
        column("file_size", models.PositiveIntegerField("字节数", default=0)),
        column("checked_at", models.DateTimeField("检查时间", null=True)),
        column("checked_on", models.DateField("检查日期", null=True)),
        column("confirmed_by", person("确认人")),
        column("confirmed_at", models.DateTimeField("确认时间", null=True)),
        column("confirmed_on", models.DateField("确认日期", null=True)),
        column(
            "content",
            accounts.fields.SealedField(
                "文件", blank=True, context="enrollment.taxfile.content"
            ),
        ),
        RunSQL(
            "UPDATE enrollment_taxfile SET requested_at ="
            " uploaded_on::timestamp AT TIME ZONE 'Asia/Shanghai'",
            RunSQL.noop,
        ),
        migrations.AlterField(
            "taxfile", "requested_at", models.DateTimeField("申请时间", auto_now_add=True)
        ),
        migrations.AddConstraint(
            "taxfile",
            models.CheckConstraint(
                condition=Q(("status", "failed"), _negated=True)
                | Q(("failure", ""), _negated=True),
                name="failed_taxfile_says_why",
            ),
        ),
        migrations.AddConstraint(
            "taxfile",
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="taxfile_percent_is_a_percentage"
            ),
        ),
        migrations.AddConstraint(
            "taxfile",
            models.UniqueConstraint(
                condition=Q(("status__in", ("failed", "discarded")), _negated=True),
                fields=("campaign", "sha256"),
                name="tax_file_once",
                violation_error_code="file",
                violation_error_message="这份文件刚由别人导入，请刷新",
            ),
        ),
        RunSQL(FINAL, "DROP TRIGGER enrollment_taxfile_final ON enrollment_taxfile"),
    ]
