"""Versions of a county's rules, and the trials that come before one is released."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from claims.models import Settlement
from desk.decisions import Decision, decided_by_second
from desk.fields import once
from desk.jobs import Job, JobManager, Tell
from lib.periods import Month
from supervision.rules import RULES
from supervision.thresholds.cards import InForce


class RuleVersion(Decision):
    """Everything that a county screens by from a day on: whole, so that an alert which names its
    version says by what it was found. Without one `Bounds()` holds and every rule is on."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    first_day = models.DateField("生效日期")
    # Name of the card → whole number in its unit.
    content = models.JSONField("阈值和期限")
    off = models.JSONField("停用的规则", default=list)

    objects = ScopedManager("area__code")

    AUDITED = ("status", "first_day", "content", "off", "evidence", "reason")

    class Meta(Decision.Meta):
        app_label = "supervision"
        constraints = [
            *decided_by_second(
                "rule_version", "area", told="已有一份规则版本待审批，请先办结或撤回"
            )
        ]

    def __str__(self) -> str:
        return f"规则版本 {self.pk} 号"

    @property
    def says(self) -> InForce:
        return InForce.of(self.pk, self.content, self.off)


class RuleTrial(Job):
    """A version tried on the settlements of months that are over, beside what holds today. Writes
    no alert. `month` and `upto`: how far it is, so that it goes on where a worker died."""

    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="trials")
    first_month = models.DateField("首月")
    last_month = models.DateField("末月")
    month = models.DateField("正在试运行的月份")
    upto = models.BigIntegerField("已查到的结算单", default=0)
    looked_at = models.PositiveIntegerField("结算单数", default=0)

    objects = JobManager("version__area__code")

    class Meta(Job.Meta):
        app_label = "supervision"
        verbose_name = "规则试运行"
        ordering = ["-id"]
        constraints = [
            *Job.Meta.constraints,
            once(
                "version",
                name="one_unfinished_trial_of_a_version",
                where=Q(status__in=Job.UNFINISHED),
                told="这个版本正在试运行，请等它完成",
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1, month__day=1)
                & Q(last_month__gte=F("first_month")),
                name="trial_is_of_whole_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_month:%Y-%m} 至 {self.last_month:%Y-%m} 试运行"

    @property
    def area_code(self) -> str:
        return str(self.version.area.code)

    @property
    def months(self) -> list[Month]:
        """Those still to do, the one in work first."""
        found = [Month.of(self.month)]
        while found[-1] < Month.of(self.last_month):
            found.append(found[-1].next())
        return found

    def begin(self) -> dict[str, Any]:
        if self.looked_at:
            return {"status": self.Status.RUNNING, "stage": "继续试运行"}
        return super().begin()

    def work(self, tell: Tell, *, on: date) -> Mapping[str, Any] | None:
        from supervision.thresholds.trying import try_out  # reads what this module defines

        return try_out(self, tell, on=on)


class TrialHitQuerySet(ScopedQuerySet["TrialHit"]):
    division_path = "settlement__division__code"

    def new(self) -> Self:
        return self.filter(is_now=False)

    def gone(self) -> Self:
        return self.filter(is_proposed=False)


class TrialHit(models.Model):
    """What a trial found on a settlement: by what holds today, by the version, or by both."""

    trial = models.ForeignKey(
        RuleTrial, models.PROTECT, related_name="hits", verbose_name="试运行", db_index=False
    )
    rule = models.CharField("规则", max_length=10)
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="+", verbose_name="结算单", db_index=False
    )
    finding = models.CharField("发现", max_length=300)
    is_now = models.BooleanField("现行规则命中")
    is_proposed = models.BooleanField("拟定规则命中")

    objects = TrialHitQuerySet.as_manager()

    class Meta:
        app_label = "supervision"
        verbose_name = "规则试运行的命中"
        ordering = ["rule", "settlement"]
        constraints = [
            once("trial", "rule", "settlement", name="trial_hit_once"),
            models.CheckConstraint(
                condition=Q(is_now=True) | Q(is_proposed=True), name="trial_hit_is_of_one"
            ),
        ]

    @property
    def rule_title(self) -> str:
        return RULES[self.rule].title

    @property
    def difference(self) -> str:
        if self.is_now and self.is_proposed:
            return "不变"
        return "减少" if self.is_now else "新增"
