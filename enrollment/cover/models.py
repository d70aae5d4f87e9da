"""The yearly campaign, covers, and what belongs to one cover: certificates and late entries."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import adds_up, hand, in_order, once, status_column
from desk.tones import TonedChoices
from enrollment.people.models import Household, Person
from policies.models import Pack
from policies.services import terms_of


class CampaignQuerySet(ScopedQuerySet["Campaign"]):
    division_path = "area__code"

    def open_on(self, day: date) -> Self:
        return self.filter(first_day__lte=day, last_day__gte=day)

    def begun(self, area_code: str, day: date) -> Self:
        """The area's campaigns that have started, latest first; townships read them too."""
        return self.filter(area__code=area_code, first_day__lte=day).order_by("-year")


class Campaign(models.Model):
    """The yearly collection of premiums of one pooling area; dates come from the policy pack."""

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    year = models.PositiveSmallIntegerField("参保年度")
    first_day = models.DateField("开始日期")
    last_day = models.DateField("截止日期")
    remit_by = models.DateField("缴存截止日期")
    # 现金不过夜: on which day after taking it cash must be in the collection account.
    cash_days = models.PositiveSmallIntegerField("现金缴存时限（天）", default=1, db_default=1)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]
        constraints = [
            once(
                "area",
                "year",
                name="campaign_once_a_year",
                told="这个年度的征缴已经设立",
                at="year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度"


class EnrollmentQuerySet(ScopedQuerySet["Enrollment"]):
    division_path = "division__code"

    def active(self) -> Self:
        return self.filter(status=Enrollment.Status.ACTIVE)

    def of_year(self, year: int) -> Self:
        return self.filter(year=year)

    def covering(self, day: date) -> Self:
        return self.active().filter(cover_first_day__lte=day, cover_last_day__gte=day)


class Enrollment(models.Model):
    """One person's cover for one year, with what everybody paid for it (参保)."""

    class Status(TonedChoices):
        PENDING = "pending", "wait", "待缴费"
        ACTIVE = "active", "good", "已参保"
        CANCELLED = "cancelled", "idle", "已撤销"

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrollments")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="enrollments", db_index=False
    )
    # The village or group at enrolment: later moves do not rewrite the past.
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments")
    year = models.PositiveSmallIntegerField("参保年度")
    # Nobody looks for the covers of a pack or of a clerk, and neither is ever deleted.
    pack = models.ForeignKey(Pack, models.PROTECT, verbose_name="适用办法", db_index=False)
    tier = models.CharField("档次", max_length=8)
    status = status_column(Status.PENDING)
    # The status that decided the premium, "" for an ordinary resident.
    premium_status = models.CharField("缴费身份", max_length=24, blank=True)
    premium_amount = MoneyField("筹资标准")
    personal_amount = MoneyField("个人缴费")
    central_amount = MoneyField("中央补助", default=0)
    provincial_amount = MoneyField("省级补助", default=0)
    city_amount = MoneyField("市级补助", default=0)
    county_amount = MoneyField("县级补助", default=0)
    # Paid by anybody else: a department's aid, or a subsidy whose sharing the measures leave open.
    other_amount = MoneyField("其他补助", default=0)
    # Special subsidy left over, kept by the centre for this year's own payments (记账余额).
    credit_amount = MoneyField("记账余额", default=0)
    # What this cover adds to the household's outpatient account (门诊统筹账户).
    account_amount = MoneyField("门诊账户划入", default=0)
    consecutive_years = models.PositiveSmallIntegerField("连续参保年数", default=1)
    # Whether the fund paid nothing in this year; unknown until the year is over. Told by claims.
    claim_free = models.BooleanField("零报销", null=True)
    # What stands against giving the premium back: the benefits settled on this cover and not taken
    # back. Written by claims (claims/services/drawn.py) under the lock of this row.
    drawn_claims = models.PositiveSmallIntegerField("已报销笔数", default=0, db_default=0)
    drawn_amount = MoneyField("已报销金额", default=0, db_default=0)
    drawn_first = models.CharField("首张结算单号", max_length=24, default="", db_default="")
    cover_first_day = models.DateField("享受起始日")
    cover_last_day = models.DateField("享受截止日")
    receipt = models.ForeignKey(
        "enrollment.Receipt", models.PROTECT, null=True, related_name="enrollments"
    )
    entered_by = hand(db_index=False)
    entered_at = models.DateTimeField(auto_now_add=True)
    # Taken by the system that the county had before: it counts as any other, and no receipt and no
    # voucher of ours stands behind it. `paid_how` in that system's words.
    carried = models.ForeignKey(
        "enrollment.CarriedTable",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="原系统转入",
    )
    paid_how = models.CharField(
        "原系统缴费方式", max_length=20, blank=True, default="", db_default=""
    )

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["household", "person__member_number"]
        constraints = [
            once(
                "person",
                "year",
                name="one_cover_per_person_and_year",
                where=~Q(status="cancelled"),
                told="成员刚由另一窗口办理了本年度参保，请重新查询后再办",
            ),
            adds_up(
                "premium_amount = personal_amount + central_amount + provincial_amount + "
                "city_amount + county_amount + other_amount - credit_amount",
                name="premium_is_the_sum_of_its_shares",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(receipt__isnull=False) | Q(carried__isnull=False),
                name="active_cover_has_a_receipt",
            ),
            models.CheckConstraint(
                condition=Q(carried=None) | Q(receipt=None, account_amount=0),
                name="carried_cover_has_no_receipt",
            ),
            in_order("cover_first_day", "cover_last_day", name="cover_dates_in_order"),
            models.CheckConstraint(
                condition=Q(drawn_claims=0, drawn_amount=0, drawn_first="")
                | Q(drawn_claims__gt=0, drawn_amount__gt=0) & ~Q(drawn_first=""),
                name="drawn_benefits_are_told_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="active") | Q(drawn_claims=0),
                name="cover_with_drawn_benefits_stays",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "division"]),
            models.Index(fields=["household", "year"]),
        ]

    @property
    def tier_name(self) -> str:
        """As the measures of the year call the tier; wants `pack` loaded (listing.load_packs)."""
        return str(terms_of(self.pack).vocabulary.get("tier", {}).get(self.tier, self.tier))

    @property
    def subsidy_amount(self) -> Decimal:
        """Everything that others pay, also what is kept as credit."""
        above: Decimal = self.central_amount + self.provincial_amount + self.city_amount
        here: Decimal = self.county_amount + self.other_amount
        return above + here


class AccountOpeningQuerySet(ScopedQuerySet["AccountOpening"]):
    division_path = "division__code"


class AccountOpening(models.Model):
    """What a household's outpatient account held when the county came (期初转入). Only ever added:
    a correction by two (`mending`) adds the difference, which may be below zero.

    It grants as covers do, in the household's name and for `year`, the year before the day on which
    it stood: so it is brought into the year in which the county came.
    """

    household = models.ForeignKey(
        Household, models.PROTECT, related_name="account_openings", verbose_name="户"
    )
    # The village or group at that time, as a cover has it.
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    year = models.PositiveSmallIntegerField("年度")
    amount = MoneyField("期初转入")
    opened_on = models.DateField("余额日期")
    carried = models.ForeignKey(
        "enrollment.CarriedTable", models.PROTECT, related_name="+", db_index=False
    )
    mending = models.OneToOneField(
        "enrollment.CarriedMending", models.PROTECT, null=True, related_name="+",
        verbose_name="更正",
    )  # fmt: skip

    objects = AccountOpeningQuerySet.as_manager()

    class Meta:
        constraints = [
            once("household", name="account_opens_once", where=Q(mending=None)),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(mending__isnull=False),
                name="account_opens_with_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} 期初转入"


class CertificateQuerySet(ScopedQuerySet["Certificate"]):
    division_path = "household__division__code"

    def in_force(self) -> Self:
        """The certificate that counts of each household: no later issue exists."""
        later = Certificate.objects.filter(
            household=OuterRef("household"), issue__gt=OuterRef("issue")
        )
        return self.exclude(Exists(later))

    def waiting(self) -> Self:
        """Printed but not yet handed out."""
        return self.filter(handed_on=None)


class Certificate(models.Model):
    """A household's medical certificate (医疗证). `issue` 1 is the first one, then reissues."""

    household = models.ForeignKey(
        "enrollment.Household", models.PROTECT, related_name="certificates"
    )
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    issue = models.PositiveSmallIntegerField("第几次发证")
    reason = models.CharField("补发原因", max_length=200, blank=True)
    issued_by = hand("制证人")
    issued_on = models.DateField("制证日期")
    handed_on = models.DateField("发放日期", null=True)
    handed_by = hand("发放登记人", null=True)
    receiver = models.CharField("领取人", max_length=40, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["household__number", "issue"]
        constraints = [
            once("household", "issue", name="certificate_issue_once"),
            models.CheckConstraint(
                condition=Q(issue=1, reason="") | (Q(issue__gt=1) & ~Q(reason="")),
                name="reissued_certificate_says_why",
            ),
            models.CheckConstraint(
                condition=Q(handed_on=None, handed_by=None)
                | Q(handed_on__gte=F("issued_on"), handed_by__isnull=False),
                name="handed_certificate_says_when_and_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} 第 {self.issue} 次"


class NewbornRule(models.Model):
    """A rule beside the measures that lets newborns in outside the window; it names its source."""

    campaign = models.OneToOneField(
        "enrollment.Campaign", models.PROTECT, related_name="newborn_rule"
    )
    days = models.PositiveSmallIntegerField("出生后天数")
    source = models.CharField("依据", max_length=100)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=366) & ~Q(source=""),
                name="newborn_rule_names_its_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}：{self.days} 日内"


class ExpectedChildQuerySet(ScopedQuerySet["ExpectedChild"]):
    division_path = "household__division__code"

    def waiting(self) -> Self:
        return self.filter(child=None, dropped_on=None)


class ExpectedChild(models.Model):
    """An unborn child that a household enters under a working name (孕妇可先取名参合)."""

    household = models.ForeignKey(
        "enrollment.Household", models.PROTECT, related_name="expected_children"
    )
    mother = models.ForeignKey("enrollment.Person", models.PROTECT, related_name="+")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, related_name="+")
    working_name = models.CharField("暂用名", max_length=40)
    permit_number = models.CharField("准生证（生育登记）号", max_length=40)
    due_on = models.DateField("预产期")
    entered_by = hand()
    entered_on = models.DateField("登记日期")
    child = models.OneToOneField(
        "enrollment.Person", models.PROTECT, null=True, related_name="expected_as"
    )
    dropped_on = models.DateField("撤销日期", null=True)

    objects = ExpectedChildQuerySet.as_manager()

    AUDITED = ("child_id", "dropped_on")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            once(
                "mother",
                "working_name",
                name="expected_child_once",
                where=Q(dropped_on=None),
                told="这个孩子刚由别人登记过，请刷新",
                at="working_name",
            ),
            models.CheckConstraint(
                condition=Q(child=None) | Q(dropped_on=None), name="expected_child_born_or_dropped"
            ),
        ]

    def __str__(self) -> str:
        return self.working_name


class LateEntry(models.Model):
    """Why somebody was enrolled after the window, by which rule. Only ever added."""

    class Ground(models.TextChoices):
        NEWBORN = "newborn", "新生儿"
        EXPECTED = "expected", "出生前已登记"
        LATE = "late", "错过缴费期或断保"

    enrollment = models.OneToOneField(
        "enrollment.Enrollment", models.PROTECT, related_name="late_entry"
    )
    ground = models.CharField("事由", max_length=8, choices=Ground.choices)
    source = models.CharField("依据", max_length=200)
    waiting_until = models.DateField("等待期至", null=True)

    class Meta:
        ordering = ["pk"]


def all_late(enrollments: Collection[int]) -> bool:
    """Whether each of these enrolments (ids) was let in after the window by a rule."""
    found = LateEntry.objects.filter(enrollment__in=list(enrollments)).count()
    return bool(enrollments) and found == len(enrollments)


class SchoolClass(models.Model):
    """A class that its school enrols: students from elsewhere, who pay for themselves.

    Its collective household carries the certificate numbers (大足办法第十六条(二)).
    """

    household = models.OneToOneField(
        "enrollment.Household", models.PROTECT, related_name="school_class"
    )
    school = models.CharField("学校", max_length=60)
    name = models.CharField("班级", max_length=40)
    contact = models.CharField("经办老师", max_length=40)

    objects = ScopedManager("household__division__code")

    class Meta:
        ordering = ["school", "name"]
        constraints = [
            once("school", "name", name="school_class_once"),
        ]

    def __str__(self) -> str:
        return f"{self.school} {self.name}"
