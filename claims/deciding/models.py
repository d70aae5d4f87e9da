"""The county's own rules for reviewing, the approvals of a claim, and refusals of it."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import hand, once


class ReviewRuleQuerySet(ScopedQuerySet["ReviewRule"]):
    division_path = "area__code"

    def in_force(self, area_code: str) -> "ReviewRule | None":
        """The latest that two people decided; None where the county never set any."""
        rows = self.filter(area__code=area_code, status=ReviewRule.Status.APPROVED)
        return rows.order_by("-pk").first()

    def waiting(self) -> Self:
        return self.filter(status=ReviewRule.Status.PROPOSED)


class ReviewRule(Decision):
    """What a county sets for reviewing (经办规程): above which payment a second and a third one
    approve, up to which clean claims pass in a batch, how many of them are drawn to be looked at,
    and how many working days it promises. No law gives the amounts; without rules one approver
    agrees to each claim singly."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    second_above = MoneyField("第二人复核：基金支付超过", null=True, blank=True)
    third_above = MoneyField("第三人复核：基金支付超过", null=True, blank=True)
    batch_up_to = MoneyField("可批量复核：基金支付不超过", null=True, blank=True)
    sample_share = models.PositiveSmallIntegerField("批量抽查比例（%）", default=10)
    promised_days = models.PositiveSmallIntegerField("承诺办结（工作日）", default=20)

    objects = ReviewRuleQuerySet.as_manager()

    AUDITED = (
        "status", "second_above", "third_above", "batch_up_to", "sample_share", "promised_days",
        "evidence", "reason",
    )  # fmt: skip

    class Meta(Decision.Meta):
        constraints = [
            *decided_by_second("review_rule", "area", told="已有一份规程待审批，请先办结或撤回"),
            models.CheckConstraint(
                condition=Q(third_above=None)
                | (Q(second_above__isnull=False) & Q(third_above__gte=F("second_above"))),
                name="third_approval_comes_after_the_second",
            ),
            models.CheckConstraint(
                condition=Q(sample_share__gte=1, sample_share__lte=100),
                name="some_of_a_batch_are_looked_at",
            ),
        ]

    def __str__(self) -> str:
        return f"审核规程 {self.pk} 号"

    def approvals_for(self, amount: Decimal) -> int:
        """How many approve a payment of so much."""
        above = (self.second_above, self.third_above)
        return 1 + len([each for each in above if each is not None and amount > each])


class Approval(models.Model):
    """One approver's agreement (复核). Of a claim that was sent back to review they hold no longer.

    Guards of migration 0017: given only while the claim waits for it, by nobody who entered or
    reviewed it, and as many as the county's rules ask for before it may be paid.
    """

    settlement = models.ForeignKey(
        "claims.Settlement", models.PROTECT, related_name="approvals", verbose_name="结算单"
    )
    rank = models.PositiveSmallIntegerField("第几次")
    by = hand("复核人")
    at = models.DateTimeField("复核时间", auto_now_add=True)
    holds = models.BooleanField(default=True)

    class Meta:
        ordering = ["settlement", "pk"]
        constraints = [
            once(
                "settlement",
                "rank",
                name="approval_of_a_rank_once",
                where=Q(holds=True),
                told="另一位复核人刚办理，请刷新后再看",
            ),
            once(
                "settlement",
                "by",
                name="each_approval_is_anothers",
                where=Q(holds=True),
                told="您已复核过这张结算单，须由另一位复核人办理",
            ),
        ]


class Denial(models.Model):
    """That nothing is paid for a claim at all (不予支付), on which article and why; final unless a
    complaint was right."""

    settlement = models.OneToOneField(
        "claims.Settlement", models.PROTECT, related_name="denial", verbose_name="结算单"
    )
    code = models.CharField("不予支付的情形", max_length=40)
    name = models.CharField("情形", max_length=200)
    article = models.CharField("依据", max_length=200)
    words = models.CharField("查明的事实", max_length=200)
    by = hand("决定人")
    at = models.DateTimeField("决定时间", auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(words=""), name="denial_says_why"),
        ]


class Screened(models.Model):
    """That supervision has looked at a settlement, and what it found that nobody concluded on yet.

    Claims do not know of alerts; the fact flows down (supervision/telling.py writes it): `open` is
    a list of what the rules found, in words. No row: nobody has looked yet.
    """

    settlement = models.OneToOneField(
        "claims.Settlement", models.PROTECT, primary_key=True, related_name="screened"
    )
    open = models.JSONField("未核查的疑点", default=list)


class Batch(models.Model):
    """Clean small claims that one approver lets pass together, less those drawn to be looked at.

    Which are drawn follows from `seed` and the claims' ids alone (services.is_drawn), so that an
    auditor can draw them again; who is drawn once is in no later batch.
    """

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    rule = models.ForeignKey(ReviewRule, models.PROTECT, related_name="+", verbose_name="规程")
    seed = models.CharField("抽查种子", max_length=32)
    drawn_by = hand("复核人")
    drawn_at = models.DateTimeField("抽取时间", auto_now_add=True)
    approved_at = models.DateTimeField("通过时间", null=True)

    objects = ScopedManager("area__code")

    def __str__(self) -> str:
        return f"批量复核 {self.pk} 号"


class BatchClaim(models.Model):
    """A claim of a batch: `drawn` ones are decided singly, the others may pass together."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="claims")
    settlement = models.ForeignKey(
        "claims.Settlement", models.PROTECT, related_name="batches", verbose_name="结算单"
    )
    drawn = models.BooleanField("抽中", default=False)
    passed = models.BooleanField("已通过", default=False)

    class Meta:
        ordering = ["batch", "pk"]
        constraints = [
            once("batch", "settlement", name="claim_in_batch_once"),
            models.CheckConstraint(
                condition=Q(drawn=False) | Q(passed=False), name="drawn_claim_is_decided_singly"
            ),
        ]
