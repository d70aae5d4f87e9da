"""The household register: households, people, their identities, and what happened to them."""

import re
from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse

from accounts.fields import SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, in_order, once
from enrollment.people.numbers import NumberKind, indexes_of, plain
from enrollment.people.trail import PERSONAL
from lib import typed_text

# Sealing contexts that staged rows of a roster share with the register, so that confirming moves
# the ciphertext as it is. Never changed: what is sealed opens with no other.
PERSON_NUMBER = "enrollment.person.resident_id"
HOUSEHOLD_PHONE = "enrollment.household.phone"
HOUSEHOLD_BANK = "enrollment.household.bank_account"


class RegisterEventQuerySet(ScopedQuerySet["RegisterEvent"]):
    division_path = "division__code"

    def of_household(self, household: Any) -> "RegisterEventQuerySet":
        return self.filter(Q(household=household) | Q(other_household=household))


class RegisterEvent(models.Model):
    """A dated change (变动). `before` and `after`: {"person:5": {column: value}}, what changed.

    A row that did not exist before has `before` None. Undone by another event that `undoes` it.
    """

    class Kind(models.TextChoices):
        BIRTH = "birth", "出生"
        ARRIVAL = "arrival", "迁入、婚入（外县）"
        TRANSFER = "transfer", "婚嫁、转户"
        DEATH = "death", "死亡"
        DEPARTURE = "departure", "迁出本县"
        RETURN = "return", "迁回"
        SPLIT = "split", "分户"
        MERGE = "merge", "并户"
        MOVE = "move", "全户迁移"
        SAME = "same", "重复登记合并"
        NUMBER = "number", "换证"
        CORRECTION = "correction", "更正"

    kind = models.CharField("变动", max_length=12, choices=Kind.choices)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="村组")
    household = models.ForeignKey("enrollment.Household", models.PROTECT, related_name="events")
    other_household = models.ForeignKey(
        "enrollment.Household", models.PROTECT, null=True, related_name="other_events"
    )
    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, null=True, related_name="events"
    )
    effective_on = models.DateField("变动日期")
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.CharField("事由", max_length=200, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name="更正的变动"
    )
    recorded_by = hand("经办人")
    recorded_on = models.DateField("登记日期")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = RegisterEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undoes=None) | (Q(kind="correction") & ~Q(reason="")),
                name="correction_event_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"


TAKEN = "这个证件号码是另一人用过的号码，不能再登记，请核对证件"


class FormerNumber(models.Model):
    """A number that somebody bore before. Still found, and never given to anybody else.

    `mistaken`: it was typed wrongly and never was theirs, so its true owner may bear it.
    """

    person = models.ForeignKey("enrollment.Person", models.PROTECT, related_name="former_numbers")
    kind = models.CharField("证件类型", max_length=20, choices=NumberKind.choices)
    number = SealedField("证件号码", context="enrollment.formernumber.number")
    number_index = models.CharField(max_length=32, db_index=True)
    mistaken = models.BooleanField("录入有误")
    last_day = models.DateField("停用日期")
    event = models.ForeignKey(
        RegisterEvent, models.PROTECT, null=True, related_name="former_numbers"
    )

    # Two triggers ask across both tables of numbers and raise under this name.
    TRIGGER_RACES: ClassVar = {"former_number_is_taken": (TAKEN, "")}

    class Meta:
        ordering = ["-id"]
        constraints = [
            once(
                "number_index",
                name="former_number_once",
                where=Q(mistaken=False),
                told="这个证件号码是另一人用过的号码，不能再登记，请核对证件",
            ),
        ]


class FormerCertificate(models.Model):
    """A certificate number (户 16 + 成员 2) that a person bore before a move."""

    person = models.ForeignKey(
        "enrollment.Person", models.PROTECT, related_name="former_certificates"
    )
    number = models.CharField("原医疗证号", max_length=18, db_index=True)
    last_day = models.DateField("停用日期")
    event = models.ForeignKey(RegisterEvent, models.PROTECT, related_name="former_certificates")

    class Meta:
        ordering = ["-id"]


# What covers say of the people whom they point at (keys of Enrollment.Status): the register only
# looks whether something stands on a row before it moves the row. tests/enrollment/people compares.
PENDING_COVER = "pending"
PAID_COVER = "active"
LIVE_COVER = (PENDING_COVER, PAID_COVER)
TRIGRAM = 3  # characters that the trigram index of names needs to find a part


class HouseholdQuerySet(ScopedQuerySet["Household"]):
    division_path = "division__code"

    def with_place(self) -> Self:
        """With the group, village and township that pages name."""
        return self.select_related("division__parent__parent")

    def within(self, code: str) -> Self:
        return self.filter(division__code__startswith=code)

    def standing(self) -> Self:
        """Not dissolved by a merger."""
        return self.filter(closed_on=None)

    def sharing_account_with(self, household: "Household") -> Self:
        """The households whose outpatient accounts are one account: what each was granted and what
        each has used count together."""
        return self.of_account(household.account_root)

    def of_account(self, root: int) -> Self:
        """The same, by the household that has the account."""
        return self.filter(Q(pk=root) | Q(account_into=root))

    def entered(self) -> Self:
        """Somebody was enrolled from here, paid or not: covers name the household they began in."""
        return self.filter(enrollments__status__in=LIVE_COVER)


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
    phone = SealedField("电话", blank=True, context=HOUSEHOLD_PHONE)
    bank_account = SealedField("银行账号", blank=True, context=HOUSEHOLD_BANK)
    bank_account_name = models.CharField("开户人", max_length=40, blank=True)
    closed_on = models.DateField("销户日期", null=True, blank=True)
    # Where the outpatient account (家庭账户) went with the people when the household ended: the
    # household that has it now, never one that passed it on. Covers that were taken here still
    # grant and use in this household's name; the balance is one (HouseholdQuerySet).
    account_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="家庭账户并入"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HouseholdQuerySet.as_manager()

    MASKS = PERSONAL

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["division", "number"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(account_into=None)
                | Q(closed_on__isnull=False) & ~Q(account_into=F("id")),
                name="only_a_closed_household_passes_its_account_on",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def account_root(self) -> int:
        """The household that has its outpatient account: itself, unless a merger passed it on."""
        return self.account_into_id or self.pk

    @property
    def called(self) -> str:
        """How a page speaks of it: by its head, 王建国户; by its number where it has none."""
        heads = self.members.present().filter(relationship=Person.Relationship.HEAD)
        name = heads.values_list("name", flat=True).first()
        return f"{name}户" if name else f"户 {self.number}"

    @property
    def usual_residence(self) -> str:
        """The 户籍 of its first member: what a newcomer most likely has."""
        members = self.members.present().order_by("member_number")
        first = members.values_list("residence", flat=True).first()
        return first or Person.Residence.RURAL


class PersonQuerySet(ScopedQuerySet["Person"]):
    division_path = "household__division__code"

    def with_place(self) -> Self:
        """With the household and the group, village and township that pages name."""
        return self.select_related("household__division__parent__parent")

    def living(self) -> Self:
        return self.filter(death_date=None)

    def present(self) -> Self:
        """Who should be enrolled (应参): living and not gone for good."""
        return self.filter(death_date=None, departure_date=None)

    def entered(self) -> Self:
        """Enrolled for some year, paid or not."""
        return self.filter(enrollments__status__in=LIVE_COVER)

    def awaiting_payment(self) -> Self:
        """Enrolled and not yet paid."""
        return self.filter(enrollments__status=PENDING_COVER)

    def with_number(self, text: str) -> Self:
        """Who bears or bore a document with this number; nobody where it is no number."""
        indexes = indexes_of(text)
        now = self.filter(resident_id_index__in=indexes).order_by().values("pk")
        former = FormerNumber.objects.filter(number_index__in=indexes).order_by().values("person")
        return self.filter(pk__in=now.union(former))

    def named(self, text: str) -> Self:
        """By part of the name; letters also find pinyin and initials from the start.

        One or two characters are looked for at either end of the name, where an index finds them:
        trigrams need three. A name of three characters has no other pair of neighbours.
        """
        text, sound = typed_text.name(text), typed_text.plain(text)
        part = Q(name__contains=text)
        if len(text) < TRIGRAM:
            part = Q(name__startswith=text) | Q(backwards__startswith=text[::-1])
        if sound.isascii():
            part |= Q(initials__startswith=sound) | Q(pinyin__startswith=sound)
        return self.alias(backwards=Reverse("name")).filter(part)

    def ways(self, text: str) -> list[Self]:
        """What a clerk types: document, household or certificate number, name or its sound.

        A certificate number (16 + 2 digits) looks like a resident id, so both are tried, each by
        its own index; numbers of former days count too. Only what holds a digit is a number.
        """
        number = plain(text)
        people = self.filter(same_as=None)  # the numbers of a record given up find the other one
        if not any(letter.isdecimal() for letter in number):
            return [people.named(text)]
        ways = []
        if re.fullmatch(r"[0-9]{14,17}[0-9X]", number):
            now = people.filter(household__number=number[:16])
            if len(number) == 18 and number.isdecimal():
                now = now.filter(member_number=int(number[16:]))
            ways += [now, people.filter(former_certificates__number__startswith=number)]
        if indexes := indexes_of(number):
            ways.append(people.filter(resident_id_index__in=indexes))
            ways.append(people.filter(former_numbers__number_index__in=indexes))
        # The old system's numbers have any shape; so much as a digit may also stand in a name.
        ways = ways or [people.named(text)]
        ways.append(people.filter(household__old_numbers__number=number))
        ways.append(people.filter(old_numbers__number=number))
        return ways

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
    resident_id = SealedField("证件号码", context=PERSON_NUMBER)
    resident_id_index = models.CharField(
        max_length=32,
        unique=True,
        error_messages={"unique": "这个身份证号刚由另一窗口登记，请重新查询后再办"},
    )
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
    phone = SealedField("电话", blank=True, context="enrollment.person.phone")
    # Where the person really lives when that is not the household's address.
    actual_residence = models.CharField(
        "实际居住地", max_length=100, blank=True, default="", db_default=""
    )
    death_date = models.DateField("死亡日期", null=True, blank=True)
    # Left the area for good (迁出、出嫁到外县): no longer counted as somebody to enrol.
    departure_date = models.DateField("迁出日期", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # This record was a second one of the same person and has ended (people/same.py).
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name="并入的登记",
    )  # fmt: skip

    objects = PersonQuerySet.as_manager()

    MASKS = PERSONAL

    class Meta:
        ordering = ["household", "member_number"]
        constraints = [
            once("household", "member_number", name="member_number_once"),
            in_order("birth_date", "death_date", name="death_after_birth", open_end=True),
            models.CheckConstraint(
                condition=Q(same_as=None)
                | Q(number_kind="none")
                & (Q(death_date__isnull=False) | Q(departure_date__isnull=False)),
                name="record_given_up_bears_nothing",
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
            models.Index(fields=["same_as"], condition=~Q(same_as=None), name="person_same_as"),
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


class FromList(models.Model):
    """What a department's list says of somebody, since when."""

    first_day = models.DateField("起始日期")
    # The code that medical insurance gives the category (identity_mapping.csv), e.g. 7019.
    category = models.CharField("身份码", max_length=8, blank=True, default="", db_default="")
    source = models.CharField("来源部门", max_length=40)
    batch = models.CharField("批次", max_length=40, blank=True)

    class Meta:
        abstract = True


class IdentityStatus(FromList):
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

    # Counted together: receipts without cash (乡镇筹资方案), and R02 of the month report.
    WUBAO_DIBAO = (Code.WUBAO, Code.DIBAO)

    person = models.ForeignKey(Person, models.PROTECT, related_name="statuses")
    code = models.CharField("身份", max_length=24, choices=Code.choices)
    last_day = models.DateField("截止日期", null=True, blank=True)

    class Meta:
        ordering = ["person", "first_day"]
        constraints = [
            once("person", "code", "first_day", name="identity_status_once"),
        ]

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or self.last_day >= day)


class OtherCoverQuerySet(models.QuerySet["OtherCover"]):
    def on(self, day: date) -> Self:
        return self.filter(first_day__lte=day).filter(Q(last_day=None) | Q(last_day__gte=day))


class OtherCover(models.Model):
    """Somebody's cover by another insurance, as its list says; known by number, registered or not.

    The check for double enrolment reads it across all areas.
    """

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    number_index = models.CharField(max_length=32, db_index=True)
    insurance = models.CharField("险种", max_length=40)
    place = models.CharField("参保地", max_length=60)
    first_day = models.DateField("起始日期")
    last_day = models.DateField("截止日期", null=True)
    source = models.ForeignKey("enrollment.StatusList", models.PROTECT, related_name="+")

    objects = OtherCoverQuerySet.as_manager()

    class Meta:
        constraints = [
            once("area", "number_index", name="one_open_other_cover", where=Q(last_day=None)),
        ]
