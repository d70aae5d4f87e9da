"""Adopted measures: which policy pack is in force in an area on a day."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q, Value

from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from desk.fields import first_hand, in_order, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class PackQuerySet(ScopedQuerySet["Pack"]):
    division_path = "area__code"

    def adopted(self) -> Self:
        return self.filter(status=Pack.Status.ADOPTED)

    def readable_by(self, user: User) -> Self:
        """Everybody who works in an area reads its measures, wherever in it they work."""
        return self.filter(area__code=user.county_code) if user.county_code else self.none()

    def in_force(self, area_code: str, day: date) -> Self:
        return self.adopted().filter(area__code=area_code, first_day__lte=day, last_day__gte=day)


class Pack(models.Model):
    """One version of an area's measures. Its text never changes; a correction is a new version."""

    class Status(TonedChoices):
        PROPOSED = "proposed", "wait", "待采用"
        ADOPTED = "adopted", "good", "已采用"
        REPLACED = "replaced", "idle", "已被新版本取代"
        REFUSED = "refused", "bad", "不予采用"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    name = models.CharField("名称", max_length=100)
    version = models.PositiveIntegerField("版本")
    first_day = models.DateField("生效日期")
    last_day = models.DateField("失效日期")
    source = models.TextField("文本")
    sha256 = models.CharField("指纹", max_length=64)
    status = status_column(Status.PROPOSED)
    proposed_by, proposed_at = first_hand("提出")
    adopted_by, adopted_at = later_hand("采用")
    # What the government's paper is called that puts it in force; "" before it was asked for.
    approval = models.CharField("批准文号", max_length=60, blank=True, default="", db_default="")
    refused_by, refused_at = later_hand("退回")
    refused_because = models.CharField(
        "不予采用的原因", max_length=200, blank=True, default="", db_default=""
    )

    objects = PackQuerySet.as_manager()

    # Not the text: its fingerprint says which it is.
    AUDITED = (
        "id",
        "area_id",
        "name",
        "version",
        "first_day",
        "last_day",
        "sha256",
        "status",
        "proposed_by_id",
        "adopted_by_id",
        "approval",
        "refused_by_id",
        "refused_because",
    )

    class Meta:
        ordering = ["area", "-first_day", "-version"]
        constraints = [
            once("area", "first_day", "version", name="pack_version_once"),
            in_order("first_day", "last_day", name="pack_dates_in_order"),
            apart("adopted_by", "proposed_by", name="pack_adopted_by_a_second_person"),
            status_says("adopted", column="adopted_by", name="adopted_pack_has_adopter"),
            apart(
                "refused_by",
                "proposed_by",
                "adopted_by",
                name="pack_refused_by_a_second_person",
            ),
            status_says("refused", column="refused_by", name="refused_pack_has_refuser"),
            ExclusionConstraint(
                name="adopted_packs_do_not_overlap",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    (DateRange("first_day", "last_day", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(status="adopted"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.version}版"


class DraftQuerySet(ScopedQuerySet["Draft"]):
    division_path = "area__code"

    def being_edited(self) -> Self:
        """Neither proposed nor discarded."""
        return self.filter(status=Draft.Status.EDITED)


class Draft(models.Model):
    """A copy of a version whose numbers are being changed (办法草稿); only its text changes."""

    class Status(TonedChoices):
        EDITED = "edited", "wait", "修改中"
        PROPOSED = "proposed", "good", "已经提出"
        DISCARDED = "discarded", "idle", "已经作废"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    base = models.ForeignKey(Pack, models.PROTECT, related_name="drafts", verbose_name="原办法")
    source = models.TextField("文本")
    status = status_column(Status.EDITED, db_default=True)
    created_by, created_at = first_hand("建立")
    changed_by, changed_at = first_hand("修改")
    proposed = models.OneToOneField(Pack, models.PROTECT, null=True, verbose_name="提出的版本")
    discarded_at = models.DateTimeField("作废时间", null=True)

    objects = DraftQuerySet.as_manager()

    AUDITED = ("base_id", "status", "proposed_id")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="edited", proposed=None, discarded_at=None)
                | Q(status="proposed", proposed__isnull=False, discarded_at=None)
                | Q(status="discarded", proposed=None, discarded_at__isnull=False),
                name="draft_is_what_its_status_says",
            ),
        ]

    def __str__(self) -> str:
        return f"草稿{self.pk}（据{self.base}）"


class TrialQuerySet(ScopedQuerySet["Trial"]):
    division_path = "area__code"

    def of_text(self, pack: Pack) -> Self:
        """Those of exactly this text in its area, the latest first."""
        return self.filter(area=pack.area_id, sha256=pack.sha256)


class Trial(models.Model):
    """What a text would have made of a year's claims (试算结论), for two people to read and sign.

    Written by the what-if that computed it; amounts are yuan. `differences` holds what the signers
    read: rows of {name, claims, before, after} in fen by kind, and the claims that differ most.
    """

    class Status(TonedChoices):
        COMPUTED = "computed", "wait", "待签字"
        READ = "read", "wait", "一人已签"
        SIGNED = "signed", "good", "两人已签"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    sha256 = models.CharField("文本指纹", max_length=64)
    year = models.PositiveSmallIntegerField("试算年度")
    simulation = models.PositiveBigIntegerField("试算", unique=True)
    claims = models.PositiveIntegerField("结算笔数")
    changed = models.PositiveIntegerField("基金支付不同的笔数")
    # Computed anew under the measures that were in force and not equal to what was settled.
    unequal = models.PositiveIntegerField("核对不一致的笔数")
    before = models.DecimalField("实际支出", max_digits=14, decimal_places=2)
    after = models.DecimalField("试算支出", max_digits=14, decimal_places=2)
    better = models.PositiveIntegerField("个人负担减少的人数")
    worse = models.PositiveIntegerField("个人负担增加的人数")
    differences = models.JSONField("差异")
    computed_at = models.DateTimeField("算完时间", auto_now_add=True)
    status = status_column(Status.COMPUTED)
    read_by, read_at = later_hand("第一签字")
    signed_by, signed_at = later_hand("第二签字")

    objects = TrialQuerySet.as_manager()

    AUDITED = (
        "sha256",
        "year",
        "simulation",
        "claims",
        "before",
        "after",
        "status",
        "read_by_id",
        "signed_by_id",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            apart("signed_by", "read_by", name="trial_signed_by_two_people"),
            status_says("read", "signed", column="read_by", name="read_trial_has_reader"),
            status_says("signed", column="signed_by", name="signed_trial_has_signer"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度试算结论"

    @property
    def change(self) -> Decimal:
        """Yuan that the fund would have paid more."""
        return self.after - self.before
