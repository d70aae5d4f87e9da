"""A bulletin: what one drafted of a month or quarter and another agreed to, kept as it was."""

from django.db import models
from django.db.models import Q

from accounts.models import Division
from accounts.scoping import ScopedManager
from desk.fields import first_hand, in_order, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart


class Bulletin(models.Model):
    """简报. Its figures are read once, when it is drafted; its number comes with the agreement."""

    class Status(TonedChoices):
        DRAFT = "draft", "wait", "待审签"
        ISSUED = "issued", "good", "已发"
        DROPPED = "dropped", "idle", "未发"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    period = models.CharField("期间", max_length=20)
    first_on = models.DateField("期间自")
    last_on = models.DateField("期间至")
    words = models.CharField("编者按", max_length=300, blank=True)
    facts = models.JSONField("内容")
    status = status_column(Status.DRAFT)
    number = models.CharField("编号", max_length=40, blank=True)
    issued_on = models.DateField("签发日期", null=True)
    reason = models.CharField("不发的原因", max_length=200, blank=True)
    drafted_by, drafted_at = first_hand("拟稿")
    issued_by, issued_at = later_hand("签发")
    dropped_by, dropped_at = later_hand("不发")

    objects = ScopedManager("area__code")

    AUDITED = ("status", "period", "number", "issued_on")

    class Meta:
        verbose_name = "简报"
        ordering = ["-pk"]
        constraints = [
            once(
                *("area", "first_on", "last_on"),
                name="one_bulletin_of_a_period",
                where=~Q(status="dropped"),
                told="这一期间已有简报，请先看列表",
            ),
            in_order("first_on", "last_on", name="bulletin_days_in_order"),
            status_says("issued", column="issued_on", name="issued_bulletin_says_when"),
            models.CheckConstraint(
                condition=Q(status="issued") & ~Q(number="") | ~Q(status="issued") & Q(number=""),
                name="issued_bulletin_has_its_number",
            ),
            apart("issued_by", "drafted_by", name="bulletin_is_issued_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.period}简报"
