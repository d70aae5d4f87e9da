"""Households and people, the yearly campaign, cover, receipts and remittances."""

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
from enrollment.people.numbers import NumberKind, indexes_of
from lib.resident_id import FULL_WIDTH
from policies.models import Pack
from policies.services import terms_of

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

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
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
            models.UniqueConstraint(fields=["area", "year"], name="campaign_once_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年度"


class ReceiptBookQuerySet(ScopedQuerySet["ReceiptBook"]):
    division_path = "township__code"


class ReceiptBook(models.Model):
    """A range of pre-numbered receipts (收据) of one clerk; `next_number` runs under lock."""

    class Status(models.TextChoices):
        IN_USE = "in_use", "使用中"
        RETURNED = "returned", "已交回"
        CHECKED_OFF = "checked_off", "已核销"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    clerk = models.ForeignKey(User, models.PROTECT, verbose_name="领用人")
    year = models.PositiveSmallIntegerField("参保年度")
    code = models.CharField("票据本号", max_length=20, unique=True)
    first_number = models.PositiveIntegerField("起号")
    last_number = models.PositiveIntegerField("止号")
    next_number = models.PositiveIntegerField("下一号")
    issued_at = models.DateTimeField("领用时间", auto_now_add=True)
    status = models.CharField(
        "状态",
        max_length=12,
        choices=Status.choices,
        default=Status.IN_USE,
        db_default=Status.IN_USE.value,
    )

    objects = ReceiptBookQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_number__gte=F("first_number"))
                & Q(next_number__gte=F("first_number"))
                & Q(next_number__lte=F("last_number") + 1),
                name="receipt_numbers_in_order",
            ),
        ]

    @property
    def used(self) -> int:
        """Numbers written on, void ones too."""
        return self.next_number - self.first_number


class RemittanceQuerySet(ScopedQuerySet["Remittance"]):
    division_path = "township__code"

    def awaiting_confirmation(self) -> Self:
        return self.filter(status=Remittance.Status.SUBMITTED)


class Remittance(models.Model):
    """A clerk's takings paid into the collection account; an accountant confirms the bank slip."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "待确认"
        CONFIRMED = "confirmed", "已入账"
        RETURNED = "returned", "已退回"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    campaign = models.ForeignKey(Campaign, models.PROTECT)
    clerk = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="缴存人")
    slip_number = models.CharField("缴款单号", max_length=40)
    slip_date = models.DateField("缴款日期")
    receipt_count = models.PositiveIntegerField("收据张数")
    amount = MoneyField("金额")
    status = models.CharField(
        "状态", max_length=10, choices=Status.choices, default=Status.SUBMITTED
    )
    submitted_at = models.DateTimeField("缴存时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    return_reason = models.CharField("退回原因", max_length=200, blank=True)

    objects = RemittanceQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="remittance_positive"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("clerk")),
                name="remittance_confirmed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_by__isnull=False),
                name="confirmed_remittance_has_confirmer",
            ),
            models.UniqueConstraint(
                fields=["slip_number"], condition=~Q(status="returned"), name="slip_number_once"
            ),
        ]


class ReceiptQuerySet(ScopedQuerySet["Receipt"]):
    division_path = "division__code"

    def valid(self) -> Self:
        return self.filter(voided_at=None)

    def unremitted(self) -> Self:
        return self.valid().filter(remittance=None, channel=Receipt.Channel.CASH)


class Receipt(models.Model):
    """One receipt for one household, naming every member it covers. Void, never deleted."""

    class Channel(models.TextChoices):
        CASH = "cash", "现金"
        AID = "aid", "资助(不收现金)"
        BANK = "bank", "银行转账"
        TAX = "tax", "税务征收"
        SPONSOR = "sponsor", "集体或社会资助"

    book = models.ForeignKey(ReceiptBook, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField("票号")
    household = models.ForeignKey(Household, models.PROTECT, related_name="receipts")
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    campaign = models.ForeignKey(Campaign, models.PROTECT)
    channel = models.CharField("收款方式", max_length=8, choices=Channel.choices)
    # What the household pays through the channel; what a sponsor pays for it stands beside.
    amount = MoneyField("金额")
    sponsored_amount = MoneyField("资助金额", default=Decimal(0), db_default=Decimal(0))
    reference = models.CharField("转账流水号", max_length=40, blank=True, default="", db_default="")
    payer_name = models.CharField("交款人", max_length=40)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="开票人")
    issued_on = models.DateField("开票日期")
    issued_at = models.DateTimeField("开票时间", auto_now_add=True)
    remittance = models.ForeignKey(Remittance, models.PROTECT, null=True, related_name="receipts")
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField("作废时间", null=True)
    voided_on = models.DateField("作废日期", null=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["book", "number"]
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="receipt_number_once"),
            models.CheckConstraint(
                condition=Q(channel="aid", amount=0, sponsored_amount=0)
                | Q(channel="sponsor", amount=0, sponsored_amount__gt=0)
                | Q(channel__in=["cash", "bank", "tax"], amount__gt=0, sponsored_amount__gte=0),
                name="receipt_amount_fits_channel",
            ),
            models.UniqueConstraint(
                fields=["campaign", "reference"],
                condition=~Q(reference="") & Q(channel="bank", voided_at=None),
                name="transfer_receipted_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | Q(remittance=None),
                name="void_receipt_is_not_remitted",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | Q(voided_at__isnull=False, voided_by__isnull=False),
                name="void_receipt_says_who",
            ),
        ]
        indexes = [models.Index(fields=["division", "issued_on"])]

    @property
    def full_number(self) -> str:
        return f"{self.book.code}-{self.number:08d}"


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
    household = models.ForeignKey(Household, models.PROTECT, related_name="enrollments")
    # The village or group at enrolment: later moves do not rewrite the past.
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="村组")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrollments")
    year = models.PositiveSmallIntegerField("参保年度")
    pack = models.ForeignKey(Pack, models.PROTECT, verbose_name="适用办法")
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
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
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
