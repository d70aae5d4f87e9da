"""Registers and status lists become uploads of the desk: the same columns, the same words."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, F, Q

from accounts.sql import RunSQL

STATUS = [
    ("waiting", "检查中"), ("checked", "待确认"), ("applying", "导入中"), ("done", "已导入"),
    ("failed", "退回"), ("discarded", "已放弃"),
]  # fmt: skip
LIVE = Q(("status__in", ("failed", "discarded")), _negated=True)
TABLES = {"registerimport": "enrollment_registerimport", "statuslist": "enrollment_statuslist"}


def person(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, PROTECT, null=True, related_name="+", verbose_name=name
    )


def renamed(table: str, before: str, after: str) -> RunSQL:
    return RunSQL(
        f"UPDATE {table} SET status = '{after}' WHERE status = '{before}'",
        f"UPDATE {table} SET status = '{before}' WHERE status = '{after}'",
    )


def as_upload(model: str) -> list[migrations.operations.base.Operation]:
    """The columns of desk.jobs.Job and desk.importing.Upload, where they were called otherwise."""
    return [
        migrations.RenameField(model, "uploaded_by", "requested_by"),
        migrations.RenameField(model, "uploaded_at", "requested_at"),
        migrations.AlterField(model, "requested_by", person("申请人")),
        migrations.AlterField(
            model, "requested_at", models.DateTimeField("申请时间", auto_now_add=True)
        ),
        migrations.AddField(
            model, "percent", models.PositiveSmallIntegerField("进度(%)", default=0)
        ),
        migrations.AddField(model, "stage", models.CharField("步骤", max_length=60, blank=True)),
        migrations.AddField(model, "started_at", models.DateTimeField("开始时间", null=True)),
        migrations.AlterField(model, "failure", models.TextField("失败原因", blank=True)),
        migrations.AlterField(
            model, "file_size", models.PositiveIntegerField("字节数", default=0)
        ),
        migrations.AlterField(
            model,
            "status",
            models.CharField("状态", max_length=10, choices=STATUS, default="waiting"),
        ),
        renamed(TABLES[model], "refused", "failed"),
    ]


def checks(model: str) -> list[migrations.operations.base.Operation]:
    return [
        migrations.AddConstraint(
            model,
            models.CheckConstraint(
                condition=Q(("status", "failed"), _negated=True)
                | Q(("failure", ""), _negated=True),
                name=f"failed_{model}_says_why",
            ),
        ),
        migrations.AddConstraint(
            model,
            models.CheckConstraint(
                condition=Q(percent__lte=100), name=f"{model}_percent_is_a_percentage"
            ),
        ),
    ]


# The lines of a list that is done are the snapshot of what it did.
LINES = """
CREATE OR REPLACE FUNCTION hezuo_keep_applied_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM enrollment_statuslist l WHERE l.id = OLD.list_id AND l.status = '{done}'
    ) THEN
        RAISE EXCEPTION '% on % is refused: the list is applied', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0016_receipt_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("registerimport", "register_file_once"),
        migrations.RemoveConstraint("registerimport", "refused_register_says_why"),
        migrations.RemoveConstraint("statuslist", "list_file_once"),
        migrations.RemoveConstraint("statuslist", "refused_list_says_why"),
        migrations.RemoveConstraint("statuslist", "shrunk_list_released_by_a_second_person"),
        migrations.RemoveConstraint("statuslist", "applied_list_was_confirmed"),
        *as_upload("registerimport"),
        *as_upload("statuslist"),
        renamed("enrollment_statuslist", "applied", "done"),
        RunSQL(LINES.format(done="done"), LINES.format(done="applied")),
        migrations.AlterField(
            "registerimport", "forgotten", models.BooleanField("文件已清除", default=False)
        ),
        migrations.AddField("registerimport", "confirmed_by", person("确认人")),
        # Only who uploaded a register could confirm it.
        RunSQL(
            "UPDATE enrollment_registerimport SET confirmed_by_id = requested_by_id"
            " WHERE confirmed_at IS NOT NULL",
            RunSQL.noop,
        ),
        migrations.RenameField("statuslist", "applied_at", "finished_at"),
        migrations.AlterField(
            "statuslist", "finished_at", models.DateTimeField("完成时间", null=True)
        ),
        migrations.AlterField(
            "statuslist", "checked_at", models.DateTimeField("检查时间", null=True)
        ),
        migrations.AddField("statuslist", "checked_on", models.DateField("检查日期", null=True)),
        migrations.AddField(
            "statuslist", "forgotten", models.BooleanField("文件已清除", default=False)
        ),
        *checks("registerimport"),
        *checks("statuslist"),
        migrations.AddConstraint(
            "registerimport",
            models.UniqueConstraint(
                condition=LIVE,
                fields=("township", "campaign", "sha256"),
                name="register_file_once",
            ),
        ),
        migrations.AddConstraint(
            "statuslist",
            models.UniqueConstraint(
                condition=LIVE,
                fields=("area", "kind", "sha256"),
                name="list_file_once",
                violation_error_code="file",
                violation_error_message="这份名单刚由别人上传，请刷新",
            ),
        ),
        migrations.AddConstraint(
            "statuslist",
            models.CheckConstraint(
                condition=Q(released_by=None)
                | Q(
                    Q(("released_by", F("requested_by")), _negated=True),
                    Q(("release_reason", ""), _negated=True),
                ),
                name="shrunk_list_released_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            "statuslist",
            models.CheckConstraint(
                condition=Q(("status__in", ["applying", "done"]), _negated=True)
                | (
                    Q(confirmed_by__isnull=False)
                    & (Q(shrunk="") | Q(released_by__isnull=False))
                ),
                name="applied_list_was_confirmed",
            ),
        ),
    ]
