"""Targets and cadres, kept progress sheets, and lists checked in the village."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division, User
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, hand, once


class VillageTarget(models.Model):
    """What a village (or one of its groups) is to reach in a campaign, and who answers for it."""

    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    # None: only cadres are named; the measures' rate is then the target.
    people = models.PositiveIntegerField("任务数", null=True)
    stationed_cadre = models.CharField("驻村干部", max_length=40, blank=True)
    village_cadre = models.CharField("村责任人", max_length=40, blank=True)
    phone = SealedField("联系电话", blank=True, context="enrollment.villagetarget.phone")

    objects = ScopedManager("division__code")

    class Meta:
        ordering = ["division__code"]
        constraints = [
            once("campaign", "division", name="village_target_once_a_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign}"

    @property
    def cadres(self) -> str:
        """Both cadres as a list shows them."""
        return "、".join(name for name in (self.stationed_cadre, self.village_cadre) if name)


class SpecialTarget(models.Model):
    """A group of people (五保, 低保, …) that a campaign watches, and the rate it must reach."""

    campaign = models.ForeignKey(
        "enrollment.Campaign", models.PROTECT, related_name="special_targets"
    )
    # A code of IdentityStatus.
    code = models.CharField("身份", max_length=24)
    ratio = models.PositiveSmallIntegerField("目标参保率")  # 1/10000

    class Meta:
        ordering = ["campaign", "pk"]
        constraints = [
            once("campaign", "code", name="special_target_once_a_campaign"),
            models.CheckConstraint(
                condition=Q(ratio__gte=1, ratio__lte=10_000), name="special_target_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.ratio / 100:g}%"


class ProgressSheetQuerySet(ScopedQuerySet["ProgressSheet"]):
    division_path = "area__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """Also who sees a line of it: townships and villages read their part of the sheet."""
        lines = ProgressLine.objects.visible_to(user).order_by().values("sheet")
        return super().scope(user) | Q(pk__in=lines)


class ProgressSheet(models.Model):
    """The county's progress on one day, kept as it was reported (周一、周四进度表)."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    day = models.DateField("报表日期")
    taken_by = hand(null=True)
    taken_at = models.DateTimeField("生成时间", auto_now_add=True)

    objects = ProgressSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            once("campaign", "day", name="progress_sheet_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.day}"


class ProgressLine(models.Model):
    """One village (or what stands directly under a township) on a sheet. Only ever added."""

    sheet = models.ForeignKey(ProgressSheet, models.PROTECT, related_name="lines")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村")
    cadres = models.CharField("责任干部", max_length=90, blank=True)
    target = models.PositiveIntegerField("任务数", null=True)
    households = models.PositiveIntegerField("户数")
    enrolled_households = models.PositiveIntegerField("已参保户数")
    people = models.PositiveIntegerField("应参保人数")
    enrolled = models.PositiveIntegerField("已参保人数")
    special_people = models.PositiveIntegerField("特殊人群应参保")
    special_enrolled = models.PositiveIntegerField("特殊人群已参保")
    aided = models.PositiveIntegerField("资助人数")
    receipts = models.PositiveIntegerField("使用收据张数")
    personal = MoneyField("个人缴费")
    cash = MoneyField("现金")
    aid = MoneyField("代缴")
    remitted = MoneyField("已缴存")
    confirmed = MoneyField("已入账")

    objects = ScopedManager("division__code")

    class Meta:
        ordering = ["division__code"]
        constraints = [
            once("sheet", "division", name="progress_line_once"),
        ]


class CheckListQuerySet(ScopedQuerySet["CheckList"]):
    division_path = "division__code"

    def out(self) -> Self:
        return self.filter(returned_on=None)


class CheckList(models.Model):
    """A printed list of what was entered, on its way to the village and back (核对表)."""

    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    printed_by = hand("打印人")
    printed_on = models.DateField("打印日期")
    returned_on = models.DateField("交回日期", null=True)
    returned_by = hand("收表人", null=True)
    checked_by = models.CharField("村核对人", max_length=40, blank=True)

    objects = CheckListQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_on=None, returned_by=None, checked_by="")
                | (
                    Q(returned_on__gte=F("printed_on"), returned_by__isnull=False)
                    & ~Q(checked_by="")
                ),
                name="returned_check_list_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"核对表 {self.pk}"


class CheckLine(models.Model):
    """A numbered row of the list, so that a correction can say which row it came from."""

    check_list = models.ForeignKey(CheckList, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField("行号")
    person = models.ForeignKey("enrollment.Person", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["check_list", "line"]
        constraints = [
            once("check_list", "line", name="check_line_once"),
            once("check_list", "person", name="check_line_person_once"),
        ]


class Correction(models.Model):
    """One fact that the village marked as wrong and the office mended. Only ever added."""

    line = models.ForeignKey(CheckLine, models.PROTECT, related_name="corrections")
    field = models.CharField("项目", max_length=24)
    # As shown on the list: numbers are masked.
    before = models.CharField("原登记", max_length=120)
    after = models.CharField("更正为", max_length=120)
    corrected_by, corrected_at = first_hand("更正")

    class Meta:
        ordering = ["pk"]


class PlaceTally(models.Model):
    """A division's own figures of a year, as they were when it last changed. Amounts in yuan.

    `year` 0: the register's (households, people), which no year has. Who is counted lives there
    now; receipts stay where they were written. Written by enrollment/progress/tallies.py alone.
    """

    division = models.ForeignKey(Division, models.CASCADE, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField("年度")
    households = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    enrolled_households = models.IntegerField(default=0)
    enrolled = models.IntegerField(default=0)
    aided = models.IntegerField(default=0)
    other = MoneyField(default=0)
    receipts = models.IntegerField(default=0)
    personal = MoneyField(default=0)
    sponsored = MoneyField(default=0)
    cash = MoneyField(default=0)
    remitted = MoneyField(default=0)
    confirmed = MoneyField(default=0)

    class Meta:
        constraints = [once("division", "year", name="one_tally_a_place_and_year")]


class PlaceWatched(models.Model):
    """People of a division with the same statuses on the day of `WatchedOn`, and of these enrolled.

    `codes`: their statuses, sorted, with commas; `year` 0: how many they are.
    """

    division = models.ForeignKey(Division, models.CASCADE, related_name="+")
    codes = models.TextField()
    year = models.PositiveSmallIntegerField("年度")
    people = models.IntegerField()


class WatchedOn(models.Model):
    """The one day for which statuses are counted in `PlaceWatched`: they begin and end by date."""

    day = models.DateField(unique=True)


class PlaceChange(models.Model):
    """Something that the tallies count has changed: at a division, in a household, of a person.

    Written by triggers in the transaction of the change, and without foreign keys: it locks
    nothing, so windows of one village do not wait for each other.
    """

    division_id = models.BigIntegerField(null=True)
    household_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
