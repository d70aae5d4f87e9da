"""Allotments of the year's fund to townships, proposed by one and agreed to by another."""

from typing import ClassVar

from django.db import models

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import once, positive


class AllotmentQuerySet(ScopedQuerySet["Allotment"]):
    division_path = "area__code"

    def in_force(self, area: Division, year: int) -> "Allotment | None":
        """The latest that two people decided; a later one takes the place of those before."""
        rows = self.filter(area=area, year=year, status=Allotment.Status.APPROVED)
        return rows.order_by("-pk").first()

    def open(self, area: Division, year: int) -> "Allotment | None":
        rows = self.filter(area=area, year=year, status=Allotment.Status.PROPOSED)
        return rows.select_related("proposed_by").first()


class Allotment(Decision):
    """The pool of a year's fund, shared out by insured people of a day (第二十六条(三)).

    `raised` less `reserved` (what the reserves take) less `accounts` (what households were granted
    for outpatient care) is `pool`; its quotas sum to it.
    """

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("保险年度")
    counted_on = models.DateField("参保人数截至")
    raised = MoneyField("筹资")
    reserved = MoneyField("提取风险基金")
    accounts = MoneyField("划入门诊账户")
    pool = MoneyField("统筹额度")
    law = models.CharField("依据条文", max_length=120)

    objects = AllotmentQuerySet.as_manager()

    AUDITED: ClassVar = (
        "status", "year", "counted_on", "raised", "reserved", "accounts", "pool", "evidence",
    )  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second(
                "allotment", "area", "year", told="本年度已有一份额度分配待审批，请先办结或撤回"
            ),
            positive("pool", name="allotment_has_a_pool"),
        ]

    def __str__(self) -> str:
        return f"额度分配 {self.pk} 号"


class TownshipQuota(models.Model):
    """What one township was given."""

    allotment = models.ForeignKey(Allotment, models.PROTECT, related_name="quotas")
    township = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="街镇")
    insured = models.PositiveIntegerField("参保人数")
    amount = MoneyField("额度")

    class Meta:
        ordering = ["allotment", "township__code"]
        constraints = [once("allotment", "township", name="township_gets_one_quota")]
