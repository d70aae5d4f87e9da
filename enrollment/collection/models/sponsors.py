"""Sponsors: other people's premiums paid by a collective or a donor."""

from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, once, positive
from enrollment.collection.models.columns import ZERO


class SponsorFundQuerySet(ScopedQuerySet["SponsorFund"]):
    division_path = "division__code"

    def reaching(self, place: Division, campaigns: Collection[int]) -> Self:
        """Of this village or group, of the township or of the county above it."""
        codes = [place.code[:length] for length in (6, 9, 12, 14)]
        return self.filter(division__code__in=codes, campaign__in=campaigns)

    def with_sums(self) -> Self:
        """`came`: received so far, `went`: used and not given back; in yuan."""
        money = SponsorMoney.objects.filter(fund=OuterRef("pk")).order_by().values("fund")
        of_fund = SponsorUse.objects.filter(fund=OuterRef("pk"), released_on=None)
        uses = of_fund.order_by().values("fund")
        return self.annotate(
            came=Coalesce(Subquery(money.annotate(sum=Sum("amount")).values("sum")), ZERO),
            went=Coalesce(Subquery(uses.annotate(sum=Sum("amount")).values("sum")), ZERO),
        )


class SponsorFund(models.Model):
    """Money of a village collective or donor for other people's premiums, used as it says.

    `division`: where the people enrol; `status`: only people with it; `people`: only these.
    """

    class Kind(models.TextChoices):
        COLLECTIVE = "collective", "村集体"
        DONOR = "donor", "社会捐助"

    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, verbose_name="参保年度")
    name = models.CharField("资助方", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="资助范围")
    status = models.CharField("限定身份", max_length=24, blank=True)
    purpose = models.CharField("资助约定", max_length=200)
    people: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField(
        "enrollment.Person", related_name="+", verbose_name="限定人员"
    )
    recorded_by = hand("登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = SponsorFundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            once(
                "campaign",
                "name",
                "division",
                name="sponsor_fund_once",
                told="这个资助方在该范围的资助资金已经登记",
                at="name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SponsorMoney(models.Model):
    """A sum that arrived in the collection account from a sponsor."""

    fund = models.ForeignKey(SponsorFund, models.PROTECT, related_name="money")
    amount = MoneyField("金额")
    received_on = models.DateField("到账日期")
    reference = models.CharField(
        "银行流水号",
        max_length=40,
        unique=True,
        error_messages={"unique": "这个银行流水号的资助款已经登记"},
    )
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    recorded_by = hand("登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            positive("amount", name="sponsor_money_positive"),
        ]


class SponsorUse(models.Model):
    """A sponsor pays one person's part. Released when the receipt is void or refunded."""

    fund = models.ForeignKey(SponsorFund, models.PROTECT, related_name="uses")
    receipt = models.ForeignKey("enrollment.Receipt", models.PROTECT, related_name="sponsor_uses")
    enrollment = models.ForeignKey("enrollment.Enrollment", models.PROTECT, related_name="+")
    amount = MoneyField("金额")
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    released_on = models.DateField("退回日期", null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            positive("amount", name="sponsor_use_positive"),
            once("receipt", "enrollment", name="sponsor_pays_once"),
        ]
