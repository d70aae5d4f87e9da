"""Households, people and their cover. What else the room holds stands beside what it is about."""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Reverse

from accounts.fields import MoneyField, SealedField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from enrollment.collection import Campaign, Receipt, ReceiptBook, Remittance
from enrollment.people.numbers import NumberKind, indexes_of
from lib.resident_id import FULL_WIDTH
from policies.models import Pack
from policies.services import terms_of

__all__ = [
    "Campaign",
    "Enrollment",
    "EnrollmentQuerySet",
    "Household",
    "HouseholdQuerySet",
    "IdentityStatus",
    "Person",
    "PersonQuerySet",
    "Receipt",
    "ReceiptBook",
    "Remittance",
]

TRIGRAM = 3  # characters that the trigram index of names needs to find a part


class HouseholdQuerySet(ScopedQuerySet["Household"]):
    division_path = "division__code"

    def within(self, code: str) -> Self:
        return self.filter(division__code__startswith=code)

    def enrolled(self, year: int) -> Self:
        """At least one member has paid-up cover."""
        return self.filter(self._with(year, Enrollment.Status.ACTIVE))

    def awaiting_payment(self, year: int) -> Self:
        return self.filter(self._with(year, Enrollment.Status.PENDING))

    def standing(self) -> Self:
        """Not dissolved by a merger."""
        return self.filter(closed_on=None)

    def missing(self, year: int) -> Self:
        """Somebody lives here and nobody is enrolled, paid or not (村不漏户)."""
        live = (Enrollment.Status.ACTIVE, Enrollment.Status.PENDING)
        present = Person.objects.present().filter(household=OuterRef("pk"))
        return self.standing().filter(Exists(present)).exclude(self._with(year, *live))

    @staticmethod
    def _with(year: int, *statuses: str) -> Exists:
        # By the person: who has moved in since is covered all the same.
        rows = Enrollment.objects.filter(
            person__household=OuterRef("pk"), year=year, status__in=statuses
        )
        return Exists(rows)


class Household(models.Model):
    """A household (户). The 16-digit number shows on certificates; it is never a key elsewhere."""

    number = models.CharField(
        "户编号",
        max_length=16,
        unique=True,
        validators=[RegexValidator(r"^\d{16}$", "户编号应为 16 位数字")],
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    address = models.CharField("住址", max_length=100, blank=True)
    phone = SealedField("电话", blank=True)
    bank_account = SealedField("银行账号", blank=True)
    bank_account_name = models.CharField("开户人", max_length=40, blank=True)
    closed_on = models.DateField("销户日期", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["division", "number"])]

    def __str__(self) -> str:
        return self.number


class PersonQuerySet(ScopedQuerySet["Person"]):
    division_path = "household__division__code"

    def living(self) -> Self:
        return self.filter(death_date=None)

    def present(self) -> Self:
        """Who should be enrolled (应参): living and not gone for good."""
        return self.filter(death_date=None, departure_date=None)

    def with_resident_id(self, index: str) -> Self:
        """By the blind index of the whole number (accounts.fields.blind_index)."""
        return self.filter(resident_id_index=index)

    def named(self, text: str) -> Self:
        """By part of the name; letters also find pinyin and initials from the start.

        One or two characters are looked for at either end of the name, where an index finds them:
        trigrams need three. A name of three characters has no other pair of neighbours.
        """
        text = unicodedata.normalize("NFKC", "".join(text.split()))
        part = Q(name__contains=text)
        if len(text) < TRIGRAM:
            part = Q(name__startswith=text) | Q(backwards__startswith=text[::-1])
        if text.isascii():
            part |= Q(initials__startswith=text.lower()) | Q(pinyin__startswith=text.lower())
        return self.alias(backwards=Reverse("name")).filter(part)

    def ways(self, text: str) -> list[Self]:
        """What a clerk types: document, household or certificate number, name or its sound.

        A certificate number (16 + 2 digits) looks like a resident id, so both are tried, each by
        its own index; numbers of former days count too.
        """
        number = "".join(text.split()).translate(FULL_WIDTH).upper()
        ways = []
        if re.fullmatch(r"\d{14,17}[\dX]", number):
            now = self.filter(household__number=number[:16])
            if len(number) == 18 and number.isdecimal():
                now = now.filter(member_number=int(number[16:]))
            ways += [now, self.filter(former_certificates__number__startswith=number)]
        if indexes := indexes_of(number):
            ways.append(self.filter(resident_id_index__in=indexes))
            ways.append(self.filter(former_numbers__number_index__in=indexes))
        return ways or [self.named(text)]

    def search(self, text: str) -> Self:
        """Everybody whom one of the `ways` finds."""
        first, *others = self.ways(text)
        if not others:
            return first
        found = (way.order_by().values("pk") for way in (first, *others))
        return self.filter(pk__in=next(found).union(*found))


class Person(models.Model):
    class Sex(models.TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"

    class Relationship(models.TextChoices):
        """GB/T 4761, one digit."""

        HEAD = "0", "户主"
        SPOUSE = "1", "配偶"
        SON = "2", "子"
        DAUGHTER = "3", "女"
        GRANDCHILD = "4", "孙辈"
        PARENT = "5", "父母"
        GRANDPARENT = "6", "祖父母"
        SIBLING = "7", "兄弟姐妹"
        OTHER = "8", "其他"

    class Residence(models.TextChoices):
        """Keys are those of policy packs."""

        RURAL = "rural", "农村户籍"
        URBAN = "urban", "城镇户籍"
        OUTSIDE = "outside", "外县籍(持居住证)"

    # Found by the unique index on household and number.
    household = models.ForeignKey(Household, models.PROTECT, related_name="members", db_index=False)
    member_number = models.PositiveSmallIntegerField("成员序号")
    relationship = models.CharField("与户主关系", max_length=1, choices=Relationship.choices)
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField("姓名拼音", max_length=120)
    initials = models.CharField("拼音首字母", max_length=20)
    sex = models.CharField("性别", max_length=1, choices=Sex.choices)
    birth_date = models.DateField("出生日期")
    # Most people bear a resident id; `number_kind` says what else it is, e.g. of a newborn.
    resident_id = SealedField("证件号码")
    resident_id_index = models.CharField(max_length=32, unique=True)
    number_kind = models.CharField(
        "证件类型",
        max_length=20,
        choices=NumberKind.choices,
        default=NumberKind.RESIDENT_ID,
        db_default=NumberKind.RESIDENT_ID.value,
    )
    ethnicity = models.CharField("民族", max_length=2, default="01")
    residence = models.CharField(
        "户籍", max_length=12, choices=Residence.choices, default=Residence.RURAL
    )
    phone = SealedField("电话", blank=True)
    # Where the person really lives when that is not the household's address.
    actual_residence = models.CharField(
        "实际居住地", max_length=100, blank=True, default="", db_default=""
    )
    death_date = models.DateField("死亡日期", null=True, blank=True)
    # Left the area for good (迁出、出嫁到外县): no longer counted as somebody to enrol.
    departure_date = models.DateField("迁出日期", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["household", "member_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "member_number"], name="member_number_once"
            ),
            models.CheckConstraint(
                condition=Q(death_date=None) | Q(death_date__gte=F("birth_date")),
                name="death_after_birth",
            ),
        ]
        indexes = [
            models.Index(
                fields=["initials"], opclasses=["text_pattern_ops"], name="person_initials"
            ),
            models.Index(fields=["pinyin"], opclasses=["text_pattern_ops"], name="person_pinyin"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="person_name_trigrams"),
            models.Index(fields=["name"], opclasses=["text_pattern_ops"], name="person_name_start"),
            models.Index(OpClass(Reverse("name"), name="text_pattern_ops"), name="person_name_end"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_present(self) -> bool:
        """Neither dead nor gone for good."""
        return self.death_date is None and self.departure_date is None

    @property
    def certificate_number(self) -> str:
        """医疗证号: the household's 16 digits and the member's two. Changes with a move."""
        return f"{self.household.number}{self.member_number:02d}"


class IdentityStatus(models.Model):
    """A status with benefits (五保, 低保, …) from a department's list, dated."""

    class Code(models.TextChoices):
        """Keys are those of policy packs."""

        WUBAO = "wubao", "农村五保"
        DIBAO = "dibao", "低保"
        PREFERENTIAL = "preferential", "重点优抚"
        SEVERE_DISABILITY = "severe_disability", "重度残疾(一、二级)"
        FAMILY_PLANNING = "family_planning", "农村计生奖扶"
        LOW_INCOME_ELDERLY = "low_income_elderly", "低收入老年人"
        STUDENT = "student", "在校学生"
        POVERTY_MONITORING = "poverty_monitoring", "防止返贫监测对象"

    person = models.ForeignKey(Person, models.PROTECT, related_name="statuses")
    code = models.CharField("身份", max_length=24, choices=Code.choices)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期", null=True, blank=True)
    # The code that medical insurance gives the category (identity_mapping.csv), e.g. 7019.
    category = models.CharField("身份码", max_length=8, blank=True, default="", db_default="")
    source = models.CharField("来源部门", max_length=40)
    batch = models.CharField("批次", max_length=40, blank=True)

    class Meta:
        ordering = ["person", "first_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "code", "first_day"], name="identity_status_once"
            ),
        ]

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or self.last_day >= day)


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

    class Status(models.TextChoices):
        PENDING = "pending", "待缴费"
        ACTIVE = "active", "已参保"
        CANCELLED = "cancelled", "已撤销"

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
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
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
    cover_first_day = models.DateField("享受起始日")
    cover_last_day = models.DateField("享受截止日")
    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, related_name="enrollments")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        ordering = ["household", "person__member_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "year"],
                condition=~Q(status="cancelled"),
                name="one_cover_per_person_and_year",
            ),
            models.CheckConstraint(
                condition=Q(
                    premium_amount=F("personal_amount")
                    + F("central_amount")
                    + F("provincial_amount")
                    + F("city_amount")
                    + F("county_amount")
                    + F("other_amount")
                    - F("credit_amount")
                ),
                name="premium_is_the_sum_of_its_shares",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(receipt__isnull=False),
                name="active_cover_has_a_receipt",
            ),
            models.CheckConstraint(
                condition=Q(cover_last_day__gte=F("cover_first_day")),
                name="cover_dates_in_order",
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


from enrollment.lists.models import ListLine, OtherCover, StatusList  # noqa: E402, F401
from enrollment.people.models import (  # noqa: E402, F401
    FormerCertificate,
    FormerNumber,
    RegisterEvent,
)
from enrollment.registers.models import (  # noqa: E402, F401 - one app, models by what they hold
    RegisterHousehold,
    RegisterImport,
    RegisterRow,
)
from enrollment.treasury.models import (  # noqa: E402, F401
    BankLine,
    BankStatement,
    BookCheckOff,
    BookEvent,
    DayClose,
    Refund,
    SponsorFund,
    SponsorMoney,
    SponsorUse,
    TaxFile,
    TaxRow,
)
from enrollment.watch.models import (  # noqa: E402, F401
    Certificate,
    CheckLine,
    CheckList,
    Correction,
    ExpectedChild,
    LateEntry,
    NewbornRule,
    ProgressLine,
    ProgressSheet,
    SchoolClass,
    SpecialTarget,
    VillageTarget,
)
