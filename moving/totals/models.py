"""The old system's totals of one kind beside ours."""

from typing import Any, ClassVar, Self

from django.db import models

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once


class ComparisonQuerySet(ScopedQuerySet["Comparison"]):
    division_path = "area__code"

    def of_area(self, area: Division) -> Self:
        return self.filter(area=area).select_related("area", "proposed_by", "decided_by")


class Comparison(Decision):
    """One kind (`moving.totals.kinds`) on the day it was counted, place by place."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    kind = models.CharField("内容", max_length=20)
    theirs = models.PositiveIntegerField("原系统数量")
    ours = models.PositiveIntegerField("本系统数量")
    their_amount = MoneyField("原系统金额", null=True)
    our_amount = MoneyField("本系统金额", null=True)
    differing = models.PositiveIntegerField("有差异的地方")

    objects = ComparisonQuerySet.as_manager()

    AUDITED: ClassVar = (
        "status", "kind", "theirs", "ours", "their_amount", "our_amount", "differing", "evidence",
        "reason",
    )  # fmt: skip

    class Meta(Decision.Meta):
        app_label = "moving"
        constraints: ClassVar[list[Any]] = decided_by_second(
            "comparison", "area", "kind", told="这项内容已有一份核对表待签认，请先办结或撤回"
        )

    def __str__(self) -> str:
        return f"移交核对 {self.pk} 号"


class ComparisonLine(models.Model):
    """One place. `note` says why both differ."""

    comparison = models.ForeignKey(Comparison, models.PROTECT, related_name="lines")
    place = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="村、乡镇")
    theirs = models.PositiveIntegerField("原系统数量", default=0)
    ours = models.PositiveIntegerField("本系统数量", default=0)
    their_amount = MoneyField("原系统金额", null=True, blank=True)
    our_amount = MoneyField("本系统金额", null=True)
    note = models.CharField("差异说明", max_length=100, blank=True)

    place_name = ""  # with the township, for a table that people read

    class Meta:
        app_label = "moving"
        ordering = ["comparison", "place__code"]
        constraints = [
            once("comparison", "place", name="compared_place_once"),
        ]

    def __str__(self) -> str:
        return self.place.name

    @property
    def differs(self) -> bool:
        return self.theirs != self.ours or (self.their_amount or 0) != (self.our_amount or 0)
