"""A register and its job: the uploaded file, what the check found, and how far it is applied."""

import base64
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division, User
from accounts.scoping import ScopedQuerySet
from enrollment.people.models import HOUSEHOLD_PHONE, PERSON_NUMBER
from policies.models import Pack


class RegisterQuerySet(ScopedQuerySet["RegisterImport"]):
    division_path = "township__code"

    def unfinished(self) -> Self:
        """A worker has still to do something, or died while it did."""
        return self.filter(status__in=RegisterImport.WORKING)

    def done_with(self, before: datetime) -> Self:
        """Nobody needs the file and the staged rows any more, but they are still kept."""
        return self.filter(forgotten=False, uploaded_at__lt=before).exclude(
            status__in=RegisterImport.WORKING
        )


class RegisterImport(models.Model):
    """One uploaded register. This row is also the job: a lost broker loses nothing.

    The file is kept sealed until the register is finished or given up; so are the staged rows.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "检查中"
        REFUSED = "refused", "无法读取"
        CHECKED = "checked", "待确认"
        APPLYING = "applying", "导入中"
        DONE = "done", "已导入"
        DISCARDED = "discarded", "已放弃"

    WORKING = (Status.WAITING, Status.APPLYING)

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    campaign = models.ForeignKey("enrollment.Campaign", models.PROTECT, verbose_name="征缴")
    # The measures the rows were judged by; others adopted since ask for a new check.
    pack = models.ForeignKey(Pack, models.PROTECT, null=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.WAITING)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    uploaded_on = models.DateField("上传日期")
    file_name = models.CharField("文件名", max_length=120)
    file_size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("指纹", max_length=64)
    content = SealedField("文件", blank=True, context="enrollment.registerimport.content")  # base64
    failure = models.CharField("原因", max_length=400, blank=True)
    checked_at = models.DateTimeField("检查时间", null=True)
    checked_on = models.DateField("检查日期", null=True)
    row_count = models.PositiveIntegerField("行数", default=0)
    right_count = models.PositiveIntegerField("正确", default=0)
    warning_count = models.PositiveIntegerField("提醒", default=0)
    error_count = models.PositiveIntegerField("错误", default=0)
    household_count = models.PositiveIntegerField("户数", default=0)
    # Households that will be written, and the people who will be enrolled.
    open_households = models.PositiveIntegerField("待导入户数", default=0)
    open_people = models.PositiveIntegerField("待参保人数", default=0)
    open_amount = MoneyField("个人缴费合计", default=0)
    # Amount columns of an Enrollment by number: staged rows name theirs.
    assessments = models.JSONField(default=list)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    confirmed_on = models.DateField("确认日期", null=True)
    applied_through = models.PositiveIntegerField(default=0)  # the last household written
    new_households = models.PositiveIntegerField("新登记户", default=0)
    new_people = models.PositiveIntegerField("新登记人", default=0)
    new_enrollments = models.PositiveIntegerField("新参保人次", default=0)
    held_households = models.PositiveIntegerField("导入时退回户", default=0)
    finished_at = models.DateTimeField("完成时间", null=True)
    forgotten = models.BooleanField("明细已清除", default=False)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["township", "campaign", "sha256"],
                condition=~Q(status__in=["refused", "discarded"]),
                name="register_file_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(failure=""), name="refused_register_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["applying", "done"]) | Q(confirmed_at__isnull=False),
                name="applied_register_was_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def file(self) -> bytes:
        """The uploaded bytes; empty once they are forgotten."""
        return base64.b64decode(self.content)

    @property
    def is_working(self) -> bool:
        return self.status in self.WORKING

    @property
    def may_be_confirmed(self) -> bool:
        return self.status == self.Status.CHECKED and self.open_households > 0

    @property
    def progress(self) -> int:
        """Percent of the households that are written."""
        if self.status == self.Status.DONE:
            return 100
        return 100 * self.applied_through // max(self.household_count, 1)


def _reference(to: Any, **options: Any) -> Any:
    """A staged reference: set by the check from rows that are never deleted, so no constraint."""
    return models.ForeignKey(
        to,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        **options,
    )


class RegisterHousehold(models.Model):
    """A household as the register will write it."""

    register = models.ForeignKey(
        RegisterImport, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    seq = models.PositiveIntegerField()
    # `wrong`: held back as a whole; `idle`: nothing to write.
    wrong = models.BooleanField()
    idle = models.BooleanField()
    household = _reference("enrollment.Household")
    division = _reference(Division)
    tier = models.CharField(max_length=8)
    address = models.CharField(max_length=100)
    phone = SealedField(context=HOUSEHOLD_PHONE)
    receipt_book = _reference("enrollment.ReceiptBook")
    receipt_number = models.PositiveIntegerField(null=True)
    payer_name = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "seq"], name="register_household_once"),
        ]


class RegisterRow(models.Model):
    """A row of the file with its verdict; only right and warned rows are ever applied."""

    class Verdict(models.TextChoices):
        RIGHT = "r", "正确"
        WARNING = "w", "提醒"
        ERROR = "e", "错误"

    register = models.ForeignKey(
        RegisterImport, models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    seq = models.PositiveIntegerField("户次")
    line = models.PositiveIntegerField("行")
    verdict = models.CharField("判定", max_length=1, choices=Verdict.choices)
    # [[level, field, message], …]
    problems = models.JSONField("原因")
    enrolls = models.BooleanField()
    corrects = models.BooleanField()
    person = _reference("enrollment.Person")
    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField(max_length=120)
    initials = models.CharField(max_length=20)
    sex = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    resident_id = SealedField("身份证号", context=PERSON_NUMBER)
    resident_id_index = models.CharField(max_length=32)
    relationship = models.CharField("与户主关系", max_length=1)
    residence = models.CharField("户籍", max_length=12)
    new_statuses = models.CharField(max_length=160)  # codes to add, with commas
    assessment = models.PositiveSmallIntegerField(null=True)
    consecutive_years = models.PositiveSmallIntegerField(default=1)
    # Set where a gap makes the person wait, counted from the day of the check.
    cover_first_day = models.DateField(null=True)
    # The waiting enrolment that this register's receipt pays.
    pays = _reference("enrollment.Enrollment")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "seq", "line"], name="register_row_once"),
        ]
