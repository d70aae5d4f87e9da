"""Statements of the collection account, line by line.

The tables were made by the app `enrollment`: its label stays theirs, in the audit trail too.
"""

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, once
from desk.importing import Upload, file_once
from desk.jobs import JobManager


class StatementLine(models.Model):
    """A line of a statement: `amount` in yuan, out of the account negative."""

    serial = models.CharField("流水号", max_length=40)
    booked_on = models.DateField("入账日期")
    amount = MoneyField("金额")
    summary = models.CharField("摘要", max_length=120, blank=True)

    class Meta:
        abstract = True
        ordering = ["booked_on", "serial"]


class BankStatement(Upload):
    """A statement of the collection account (收入户) as the bank gave it, and its job."""

    SERVICES = "funds.banking.statements.STATEMENTS"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    content = SealedField("文件", blank=True, context="enrollment.bankstatement.content")  # base64
    line_count = models.PositiveIntegerField("笔数", default=0)
    known_count = models.PositiveIntegerField("此前已导入", default=0)
    # Rows that were not taken since they say of themselves that they do not hold: line, said.
    void_rows = models.JSONField("未成交的行", default=list, db_default=[])

    objects = JobManager("area__code")

    AUDITED = ("status", "file_name", "sha256", "line_count", "known_count")

    class Meta(Upload.Meta):
        app_label = "enrollment"
        ordering = ["-pk"]
        constraints = file_once(
            "area", name="bank_statement_once", told="这份流水刚由别人导入，请刷新"
        )


class BankLineQuerySet(ScopedQuerySet["BankLine"]):
    division_path = "area__code"

    def open(self) -> "BankLineQuerySet":
        """Not yet known what for."""
        return self.filter(kind="")


class BankLine(StatementLine):
    """One movement of the collection account, and what it is for."""

    class Kind(models.TextChoices):
        REMITTANCE = "remittance", "缴存"
        RECEIPT = "receipt", "转账缴费"
        SPONSOR = "sponsor", "资助款"
        INTEREST = "interest", "利息"
        TRANSFER = "transfer", "划入财政专户"
        OFFSET = "offset", "退回冲抵"

    area = models.ForeignKey(Division, models.PROTECT, verbose_name="统筹区")
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    kind = models.CharField("用途", max_length=10, choices=Kind.choices, blank=True)
    # What the line settles, as the room that knows it calls it: `remittance:12`.
    settles = models.CharField("核销对象", max_length=40, blank=True, default="", db_default="")
    offset = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    voucher_number = models.CharField("凭证号", max_length=30, blank=True)
    settled_by = hand("核对人", null=True)
    settled_on = models.DateField("核对日期", null=True)

    objects = BankLineQuerySet.as_manager()

    class Meta(StatementLine.Meta):
        app_label = "enrollment"
        indexes = [
            models.Index(fields=["settles"], condition=~Q(settles=""), name="bank_line_settles"),
        ]
        constraints = [
            models.UniqueConstraint(
                # Some banks count their serials anew each day.
                fields=["area", "booked_on", "serial"],
                name="bank_serial_once_a_day",
                violation_error_message="这份流水中有刚导入的流水号，请刷新后重新导入",
                violation_error_code="file",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_moves_money"),
            models.CheckConstraint(
                condition=Q(kind="", settled_by=None) | (~Q(kind="") & Q(settled_by__isnull=False)),
                name="settled_line_says_who",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["remittance", "receipt", "sponsor"]) | ~Q(settles=""),
                name="settled_line_says_what",
            ),
            # A slip may come in parts; a transfer and a sponsor's money are one line each.
            once("settles", name="settled_by_one_line", where=Q(kind__in=["receipt", "sponsor"])),
        ]
