"""The kept papers, the counters that number things without gaps, the forms just sent, and which
day's work has been done."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.fields import SealedField
from accounts.models import User
from accounts.scoping import ScopedManager
from desk.fields import hand, once


class Counter(models.Model):
    """The last number given in a series of one area and year (`desk.numbers`)."""

    series = models.CharField(max_length=40)
    area_code = models.CharField(max_length=6)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            once("series", "area_code", "year", name="counter_once"),
        ]


class Paper(models.Model):
    """One print of a paper that is kept as issued. Rows are only ever added.

    The original (copy 0) holds what stood on the paper; a copy says only that it was made. The
    fingerprint is keyed (`accounts.fields.blind_index`): without the key nobody can try names and
    amounts against it.
    """

    kind = models.CharField("单据", max_length=40)
    # Whose paper it is: rows of upper rooms, named as in the audit trail.
    subject_type = models.CharField("对象", max_length=60)
    subject_id = models.CharField("对象编号", max_length=60)
    # Which of the subject's papers: a settlement sheet is issued anew at every step of the claim.
    edition = models.CharField("版次", max_length=60, blank=True)
    copy = models.PositiveSmallIntegerField("第几次补打", default=0)
    number = models.CharField("文号", max_length=40, blank=True)
    division_code = models.CharField("区划代码", max_length=14)
    facts = SealedField("票面内容", context="desk.paper.facts", blank=True)
    fingerprint = models.CharField("内容指纹", max_length=64)
    # Of an original, where the county is connected to somebody who signs (desk/plugins.py): value,
    # algorithm, signer. A paper that was printed before has none for ever.
    signature = models.JSONField("电子签名", null=True, blank=True)
    printed_by = hand("打印人")
    printed_at = models.DateTimeField("打印时间")
    reason = models.CharField("补打事由", max_length=200, blank=True)

    objects = ScopedManager("division_code")

    class Meta:
        ordering = ["id"]
        constraints = [
            once("kind", "subject_type", "subject_id", "edition", "copy", name="paper_once"),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.number or self.subject_id}"


class MasterFile(models.Model):
    """A file of master data between its preview and its confirmation (`desk.masterdata`).

    Nobody but who sent it sees it; one of a kind for each user, so a new file takes the place of
    the one before. Gone once it is confirmed or given up; what remains is the audit line.
    """

    kind = models.CharField("种类", max_length=40)
    uploaded_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("指纹", max_length=64)
    # base64; names and phones may stand in it
    content = SealedField("文件", context="desk.masterfile.content")
    # What was asked beside the file, as texts: {"first_day": "2026-01-01"}.
    options = models.JSONField("选项", default=dict)

    class Meta:
        constraints = [
            once(
                "kind",
                "uploaded_by",
                name="master_file_once_a_user",
                told="另一个窗口刚上传了一份，请刷新页面核对",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class Submission(models.Model):
    """A form that was sent and the answer it got, for who sends it twice (`desk.submissions`)."""

    key = models.CharField(max_length=64, primary_key=True)
    sent_at = models.DateTimeField(db_index=True)
    # JSON; empty while the first is under way. Names and amounts may stand in it.
    answer = SealedField(context="desk.submission.answer", blank=True)


class DailyRun(models.Model):
    """The last day on which a job of `settings.DAILY` ran to its end (`desk.daily`)."""

    name = models.CharField(max_length=100, primary_key=True)
    day = models.DateField()


class SpecialDayQuerySet(models.QuerySet["SpecialDay"]):
    def since(self, day: date) -> "SpecialDayQuerySet":
        return self.filter(day__gte=day)


class SpecialDay(models.Model):
    """A day on which offices are closed although it is none of a weekend, or open although it is:
    the State Council's yearly announcement (节假日安排), which no rule gives."""

    class Kind(models.TextChoices):
        OFF = "off", "放假"
        WORK = "work", "调休上班"

    day = models.DateField("日期", unique=True)
    kind = models.CharField("安排", max_length=4, choices=Kind.choices)
    name = models.CharField("名称", max_length=20)

    objects = SpecialDayQuerySet.as_manager()

    AUDITED = ("day", "kind", "name")

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class RowSeal(models.Model):
    """A link of the chain over rows that never change again (`desk.row_seals`): for some rows of
    one table the digests of what they say. Rows are only ever added."""

    sequence = models.PositiveBigIntegerField(unique=True)
    table = models.CharField(max_length=63)
    # After which step of its rows (`accounts.rights.Seal`); "" for their first seal.
    step = models.CharField(max_length=20, blank=True, default="", db_default="")
    # As they were called then: a column that comes later is no change of what was sealed.
    columns = ArrayField(models.CharField(max_length=63))
    # The rows looked at: with a higher key than `after`, up to `upto`; of these `waiting` were not
    # final yet.
    after = models.BigIntegerField()
    upto = models.BigIntegerField()
    ids = ArrayField(models.BigIntegerField())
    waiting = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    sealed_at = models.DateTimeField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["table", "sequence"])]

    def __str__(self) -> str:
        return f"{self.table} {self.after}…{self.upto}"


class RowSealMark(models.Model):
    """The highest key of a table at a moment, and the transaction that was next: once all older
    ones have ended, no row up to the key is still to come."""

    table = models.CharField(max_length=63, primary_key=True)
    upto = models.BigIntegerField()
    next_transaction = models.BigIntegerField()
    noted_at = models.DateTimeField()


# Models of sub-rooms, which are one application with this one.
from desk.administration.models import AccessCheck  # noqa: E402, F401
