"""The archived file of a case (卷宗): its number, how long it is kept, and what lies in it."""

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedManager
from desk.fields import first_hand, later_hand, once, positive
from supervision.cases.models import Case, OfCase


class CaseArchive(OfCase):
    """A case that is over was put away; from then on nothing is added to it. A decision that is
    revoked afterwards opens the file again, and the case is archived anew under another number:
    what was put away before stays as it was."""

    class Retention(models.TextChoices):
        # 机关文件材料归档范围和文书档案保管期限规定 (国家档案局令第8号): 永久、30 年、10 年.
        FOREVER = "forever", "永久"
        LONG = "30", "30 年"
        SHORT = "10", "10 年"

    case = models.ForeignKey(Case, models.PROTECT, related_name="archives", verbose_name="案件")
    number = models.CharField("卷宗号", max_length=40)
    retention = models.CharField("保管期限", max_length=8, choices=Retention.choices)
    keep_until = models.DateField("保管至", null=True)
    archived_on = models.DateField("归档日期")
    # By which list of columns its digests were made (`archiving.COLUMNS`).
    scheme = models.PositiveSmallIntegerField("指纹版式", default=1, db_default=1)
    archived_by, archived_at = first_hand("归档")
    opened_by, opened_at = later_hand("重新开卷")
    opened_why = models.CharField("重新开卷的原因", max_length=300, blank=True)

    AUDITED = ("case_id", "number", "retention", "keep_until", "archived_on", "opened_why")

    class Meta(OfCase.Meta):
        app_label = "supervision"
        verbose_name = "案件卷宗"
        constraints = [
            once(
                "case",
                name="one_standing_archive_of_a_case",
                where=Q(opened_at=None),
                told="这个案件刚由别人归档，请刷新后再看",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_why="")
                | Q(opened_at__isnull=False) & ~Q(opened_why=""),
                name="opened_archive_says_why",
            ),
            models.CheckConstraint(
                condition=Q(retention="forever", keep_until=None)
                | ~Q(retention="forever") & Q(keep_until__isnull=False),
                name="archive_is_kept_until",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ArchiveLine(models.Model):
    """A line of the index (卷内目录). `source`: the row it stands for; `digest`: its fingerprint on
    the day, by which it is compared ever after."""

    archive = models.ForeignKey(
        CaseArchive, models.PROTECT, related_name="lines", verbose_name="案件卷宗"
    )
    place = models.PositiveSmallIntegerField("序号")
    source = models.CharField("来源", max_length=40)
    title = models.CharField("文书材料名称", max_length=200)
    number = models.CharField("文号", max_length=60, blank=True)
    dated_on = models.DateField("日期")
    pages = models.PositiveSmallIntegerField("页数")
    digest = models.CharField("指纹", max_length=64)

    objects = ScopedManager("archive__case__area__code")

    class Meta:
        app_label = "supervision"
        verbose_name = "卷内目录"
        ordering = ["archive", "place"]
        constraints = [
            once("archive", "place", name="archive_place_once"),
            once("archive", "source", name="archive_source_once"),
            positive("pages", name="archive_line_has_pages"),
        ]
