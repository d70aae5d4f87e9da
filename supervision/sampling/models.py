"""A month's sample and a quarter's full check, which is a sample of all that is at risk: its seed,
its list, its strata and what was found of each settlement drawn."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from claims.models import Settlement
from desk.decisions import Decision, decided_by_second
from desk.fields import in_order, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from lib.money import to_fen
from lib.periods import Month
from supervision.sampling.draw import MIN_RATE, Rates

# What is checked whole where nothing was decided: 每季度全面检查一次 (a district's review, 2021)
# names no figure.
FULL_FROM, FULL_DOUBTS = Decimal(20_000), 3


def rate(label: str) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(label, max_digits=5, decimal_places=2)


class SamplingRate(Decision):
    """What share of its settlements a county has examined; without a decision `Rates()` holds."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    usual = rate("一般抽查率(%)")
    raised = rate("重点抽查率(%)")
    large_from = MoneyField("单笔基金支付达到此数列为重点")
    full_from = MoneyField("单笔基金支付达到此数季度逐笔核查", default=FULL_FROM)
    full_doubts = models.PositiveSmallIntegerField(
        "机构当季疑点达到此数全部核查", default=FULL_DOUBTS
    )

    objects = ScopedManager("area__code")

    AUDITED = (
        *("status", "usual", "raised", "large_from", "full_from", "full_doubts"),
        *("evidence", "reason"),
    )

    class Meta(Decision.Meta):
        app_label = "supervision"
        constraints = [
            *decided_by_second(
                "sampling_rate", "area", told="已有一份抽查率待审批，请先办结或撤回"
            ),
            models.CheckConstraint(
                condition=Q(usual__gte=MIN_RATE, raised__gte=F("usual"), raised__lte=100),
                name="sampling_rate_is_never_below_ten",
            ),
            models.CheckConstraint(condition=Q(large_from__gt=0), name="large_claim_is_positive"),
            models.CheckConstraint(
                condition=Q(full_from__gt=0, full_doubts__gt=0), name="full_check_begins_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"抽查率 {self.pk} 号"


class SampleQuerySet(ScopedQuerySet["Sample"]):
    division_path = "area__code"

    def to_draw(self, on: date) -> Self:
        """Sealed, and the month or quarter is over."""
        return self.filter(status=Sample.Status.SEALED, last_on__lt=on)

    def with_progress(self) -> Self:
        return self.annotate(
            drawn=models.Count("items"),
            examined=models.Count("items", filter=~Q(items__status=SampleItem.Status.PENDING)),
            wrong=models.Count("items", filter=Q(items__status=SampleItem.Status.WRONG)),
        )


class Sample(models.Model):
    """The sample of a month, or the full check of a quarter: every settlement of the institutions
    that were doubted `full_doubts` times, and every one from `large_from` on. Seed and rates stand
    before the list does; `digest` tells of the seed at once, `seed` with the draw."""

    class Span(models.TextChoices):
        MONTH = "month", "每月抽查"
        QUARTER = "quarter", "季度全面检查"

    class Status(TonedChoices):
        SEALED = "sealed", "wait", "种子已封存"
        DRAWN = "drawn", "wait", "核查中"
        CLOSED = "closed", "good", "已办结"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    span = models.CharField("种类", max_length=7, choices=Span.choices, default=Span.MONTH)
    first_on = models.DateField("结算日期自")
    last_on = models.DateField("结算日期至")
    status = status_column(Status.SEALED)
    digest = models.CharField("种子指纹", max_length=64)
    secret = SealedField("封存的种子", context="supervision.sample.secret")
    seed = models.CharField("种子", max_length=64, blank=True)
    sealed_at = models.DateTimeField("封存时间", auto_now_add=True)
    sealed_on = models.DateField("封存日期")
    usual = rate("一般抽查率(%)")
    raised = rate("重点抽查率(%)")
    large_from = MoneyField("单笔基金支付达到此数列为重点")
    full_doubts = models.PositiveSmallIntegerField("机构当季疑点达到此数全部核查", null=True)
    drawn_by, drawn_at = later_hand("抽取")
    closed_by, closed_at = later_hand("办结")

    objects = SampleQuerySet.as_manager()

    AUDITED = (
        *("status", "span", "digest", "seed", "usual", "raised", "large_from", "full_doubts"),
        *("first_on", "last_on"),
    )

    class Meta:
        app_label = "supervision"
        ordering = ["-first_on", "-id"]
        constraints = [
            once("area", "span", "first_on", name="one_sample_of_a_span"),
            in_order("first_on", "last_on", name="sample_days_in_order"),
            models.CheckConstraint(
                condition=Q(status="sealed", seed="") | ~Q(status="sealed") & ~Q(seed=""),
                name="drawn_sample_shows_its_seed",
            ),
            models.CheckConstraint(
                condition=Q(span="month", usual__gte=MIN_RATE, full_doubts=None)
                & Q(raised__gte=F("usual"), raised__lte=100)
                | Q(span="quarter", usual=0, raised=100, full_doubts__gt=0),
                name="sample_is_never_below_ten",
            ),
            status_says("drawn", "closed", column="drawn_by", name="drawn_sample_says_who"),
            status_says("closed", column="closed_by", name="closed_sample_says_who"),
            apart("closed_by", "drawn_by", name="sample_is_closed_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.period}{self.called}" if self.is_full else f"{self.first_on!s:.7} 抽查"

    @property
    def is_full(self) -> bool:
        return self.span == Sample.Span.QUARTER

    @property
    def called(self) -> str:
        return "全面检查" if self.is_full else "抽查"

    @property
    def period(self) -> str:
        """2026年3月, 2026年第1季度."""
        if self.is_full:
            return f"{self.first_on.year}年第{(self.first_on.month + 2) // 3}季度"
        return Month.of(self.first_on).words

    @property
    def while_on(self) -> str:
        """What its time is called while it goes on."""
        return "本季度" if self.is_full else "本月"

    @property
    def is_late(self) -> bool:
        """The seed was fixed after its time, so that its list was known already."""
        return self.sealed_on > self.last_on

    @property
    def is_amid(self) -> bool:
        """The bounds of a full check were fixed while its quarter went on, so that a part of its
        settlements was known already. A month's seed decides nothing that anybody could see."""
        return self.is_full and self.first_on < self.sealed_on <= self.last_on

    @property
    def rates(self) -> Rates:
        return Rates(Fraction(self.usual), Fraction(self.raised), to_fen(self.large_from))


class SampleList(models.Model):
    """The list that was drawn from, as `draw.spelled` writes it. Numbers and sums, no people."""

    sample = models.OneToOneField(Sample, models.PROTECT, related_name="list")
    text = models.TextField("抽样清单", blank=True)
    sha256 = models.CharField("清单指纹", max_length=64)

    class Meta:
        app_label = "supervision"


class SampleStratum(models.Model):
    """An institution's settlements of one risk: how many there were, and what the fund paid."""

    class Risk(TonedChoices):
        RAISED = "raised", "wait", "重点"
        USUAL = "usual", "idle", "一般"

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="strata")
    institution_code = models.CharField("机构代码", max_length=12, blank=True)
    institution_name = models.CharField("机构", max_length=100)
    risk = models.CharField("风险", max_length=6, choices=Risk.choices)
    size = models.PositiveIntegerField("结算笔数")
    drawn = models.PositiveIntegerField("抽取笔数")
    fund_amount = MoneyField("基金支付")

    class Meta:
        app_label = "supervision"
        ordering = ["institution_code", "risk"]
        constraints = [
            once("sample", "institution_code", "risk", name="stratum_once"),
            models.CheckConstraint(
                # None are drawn of what a full check leaves out.
                condition=Q(size__gt=0, drawn__lte=F("size")),
                name="stratum_is_drawn_from",
            ),
        ]


class SampleItemQuerySet(ScopedQuerySet["SampleItem"]):
    division_path = "sample__area__code"

    def pending(self) -> Self:
        return self.filter(status=SampleItem.Status.PENDING)


class SampleItem(models.Model):
    """One settlement that was drawn, and what its papers say of it."""

    class Status(TonedChoices):
        PENDING = "pending", "wait", "待核查"
        AGREES = "agrees", "good", "相符"
        WRONG = "wrong", "bad", "有差错"

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="items", verbose_name="抽查")
    stratum = models.ForeignKey(
        SampleStratum, models.PROTECT, related_name="items", verbose_name="分层"
    )
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, related_name="+", verbose_name="结算单"
    )
    position = models.PositiveIntegerField("序号")
    # What the fund paid on the day of the draw; what happens to the claim later changes no sample.
    fund_amount = MoneyField("基金支付")
    status = status_column(Status.PENDING)
    # What of it was too much; below zero: too little. None while nobody has found it wrong.
    error_amount = MoneyField("差错金额", null=True)
    note = models.CharField("核查情况", max_length=300, blank=True)
    checked_by, checked_at = later_hand("核查")

    objects = SampleItemQuerySet.as_manager()

    AUDITED = ("status", "error_amount", "note", "checked_by_id")

    class Meta:
        app_label = "supervision"
        ordering = ["sample", "position"]
        constraints = [
            once("sample", "settlement", name="sample_item_once"),
            once("sample", "position", name="sample_position_once"),
            status_says("agrees", "wrong", column="checked_by", name="checked_item_says_who"),
            models.CheckConstraint(
                condition=Q(status="wrong", error_amount__isnull=False) & ~Q(error_amount=0)
                | ~Q(status="wrong") & Q(error_amount=None),
                name="wrong_item_says_how_much",
            ),
            # The fund can have paid no more too much than it paid.
            models.CheckConstraint(
                condition=Q(error_amount=None) | Q(error_amount__lte=F("fund_amount")),
                name="error_within_the_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"抽查 {self.position} 号"

    @property
    def error(self) -> int:
        """Fen that the fund paid too much; 0 where the claim agrees."""
        return to_fen(self.error_amount) if self.error_amount is not None else 0
