"""A register and its job: the uploaded file, what the check found, and how far it is applied."""

from typing import Any

from django.db import models

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from desk.fields import once, status_says
from desk.importing import Upload, file_once
from desk.jobs import JobManager
from desk.tones import TonedChoices
from enrollment.people.models import HOUSEHOLD_BANK, HOUSEHOLD_PHONE, PERSON_NUMBER
from enrollment.people.old_numbers import MAX_OLD_NUMBER
from policies.models import Pack


class RegisterImport(Upload):
    """One uploaded register, and its job; with its file the staged rows are kept and forgotten."""

    SERVICES = "enrollment.rosters.services.REGISTERS"
    PLACE = "township"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    # None: it registers households and people of an old system (原系统转入) and enrols nobody.
    campaign = models.ForeignKey(
        "enrollment.Campaign", models.PROTECT, null=True, verbose_name="征缴"
    )
    # The measures the rows were judged by; others adopted since ask for a new check.
    pack = models.ForeignKey(Pack, models.PROTECT, null=True)
    content = SealedField("文件", blank=True, context="enrollment.registerimport.content")  # base64
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
    applied_through = models.PositiveIntegerField(default=0)  # the last household written
    new_households = models.PositiveIntegerField("新登记户", default=0)
    new_people = models.PositiveIntegerField("新登记人", default=0)
    new_enrollments = models.PositiveIntegerField("新参保人次", default=0)
    held_households = models.PositiveIntegerField("导入时退回户", default=0)

    objects = JobManager("township__code")

    AUDITED = (
        "township_id",
        "campaign_id",
        "status",
        "file_name",
        "file_size",
        "sha256",
        "row_count",
        "error_count",
        "open_households",
        "open_people",
        "open_amount",
    )

    class Meta(Upload.Meta):
        ordering = ["-id"]
        constraints = [
            *file_once(
                "township",
                "campaign",
                name="register_file_once",
                told="这份名册刚由别人上传，请刷新",
            ),
            status_says(
                "applying", "done", column="confirmed_at", name="applied_register_was_confirmed"
            ),
        ]

    @property
    def is_carried(self) -> bool:
        """Whether it registers whom an old system knew, and enrols nobody."""
        return self.campaign_id is None

    def give_up(self) -> dict[str, Any]:
        from enrollment.collection.guards import end_run
        from enrollment.rosters.confirming import run_key

        end_run(run_key(self.pk))
        return super().give_up()

    @property
    def may_be_confirmed(self) -> bool:
        return super().may_be_confirmed and self.open_households > 0


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
    old_number = models.CharField(max_length=MAX_OLD_NUMBER, default="")
    bank_account = SealedField(context=HOUSEHOLD_BANK, default="")
    bank_account_name = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            once("register", "seq", name="register_household_once"),
        ]


class RegisterRow(models.Model):
    """A row of the file with its verdict; only right and warned rows are ever applied."""

    class Verdict(TonedChoices):
        RIGHT = "r", "good", "正确"
        WARNING = "w", "wait", "提醒"
        ERROR = "e", "bad", "错误"

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
    statuses = models.CharField(max_length=160)  # the codes it was judged by, sorted, with commas
    assessment = models.PositiveSmallIntegerField(null=True)
    consecutive_years = models.PositiveSmallIntegerField(default=1)
    # Set where a gap makes the person wait, counted from the day of the check.
    cover_first_day = models.DateField(null=True)
    # The waiting enrolment that this register's receipt pays.
    pays = _reference("enrollment.Enrollment")
    old_number = models.CharField(max_length=MAX_OLD_NUMBER, default="")

    class Meta:
        constraints = [
            once("register", "seq", "line", name="register_row_once"),
        ]
