"""Month reports and what-ifs become jobs of the desk: the same columns, the same words."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

from accounts.sql import RunSQL

STATUS = [("waiting", "等待计算"), ("running", "计算中"), ("done", "已完成"), ("failed", "失败")]


def renamed(table: str) -> RunSQL:
    """Finished rows are documents that no UPDATE may touch; they hold neither of the two words."""
    return RunSQL(
        f"UPDATE {table} SET status = 'running' WHERE status = 'computing'",
        f"UPDATE {table} SET status = 'computing' WHERE status = 'running'",
    )


def says_why(model: str) -> migrations.AddConstraint:
    return migrations.AddConstraint(
        model,
        models.CheckConstraint(
            condition=Q(("status", "failed"), _negated=True) | Q(("failure", ""), _negated=True),
            name=f"failed_{model}_says_why",
        ),
    )


def is_a_percentage(model: str) -> migrations.AddConstraint:
    return migrations.AddConstraint(
        model,
        models.CheckConstraint(
            condition=Q(percent__lte=100), name=f"{model}_percent_is_a_percentage"
        ),
    )


def one_unfinished(*statuses: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        condition=Q(status__in=statuses),
        fields=("area", "year", "month"),
        name="one_unfinished_report_per_month",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0004_simulation_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("monthlyreport", "one_unfinished_report_per_month"),
        migrations.RemoveConstraint("monthlyreport", "failed_report_says_why"),
        migrations.RemoveConstraint("simulation", "failed_simulation_says_why"),
        migrations.RemoveConstraint("simulation", "simulation_progress_is_a_percentage"),
        renamed("reports_monthlyreport"),
        renamed("reports_simulation"),
        migrations.RenameField("monthlyreport", "computed_at", "finished_at"),
        migrations.RenameField("simulation", "computed_at", "finished_at"),
        migrations.RenameField("simulation", "progress", "percent"),
        migrations.AddField(
            "monthlyreport", "percent", models.PositiveSmallIntegerField("进度(%)", default=0)
        ),
        migrations.AddField(
            "monthlyreport", "stage", models.CharField("步骤", max_length=60, blank=True)
        ),
        migrations.AlterField(
            "monthlyreport", "failure", models.TextField("失败原因", blank=True)
        ),
        migrations.AlterField(
            "monthlyreport",
            "status",
            models.CharField("状态", max_length=10, choices=STATUS, default="waiting"),
        ),
        migrations.AlterField(
            "simulation", "stage", models.CharField("步骤", max_length=60, blank=True)
        ),
        migrations.AlterField(
            "simulation",
            "status",
            models.CharField("状态", max_length=10, choices=STATUS, default="waiting"),
        ),
        migrations.AlterField(
            "simulation",
            "requested_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                PROTECT,
                null=True,
                related_name="+",
                verbose_name="申请人",
            ),
        ),
        says_why("monthlyreport"),
        says_why("simulation"),
        is_a_percentage("monthlyreport"),
        is_a_percentage("simulation"),
        migrations.AddConstraint("monthlyreport", one_unfinished("waiting", "running")),
    ]
