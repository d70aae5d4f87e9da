"""Statements of bank accounts, what of them and of the books belongs together, and the table."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, later_hand, once, status_column, status_says
from desk.importing import Upload, file_once
from desk.jobs import JobManager
from desk.tones import TonedChoices
from desk.workflow import apart
from funds.banking.models import StatementLine
from funds.months import OfMonth


class AccountStatement(Upload):
    """A statement of the fiscal account, the expenditure account or the treasury, and its job. The
    collection account's are `BankStatement` (funds/banking/), as collecting explains its lines."""

    SERVICES = "funds.reconciling.statements.STATEMENTS"

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    account = models.ForeignKey(
        "funds.Account", models.PROTECT, related_name="+", verbose_name="银行账户"
    )
    content = SealedField("文件", blank=True, context="funds.accountstatement.content")  # base64
    line_count = models.PositiveIntegerField("笔数", default=0)
    known_count = models.PositiveIntegerField("此前已导入", default=0)
    # Rows that were not taken since they say of themselves that they do not hold: line, said.
    void_rows = models.JSONField("未成交的行", default=list)

    objects = JobManager("area__code")

    AUDITED = ("status", "account_id", "file_name", "sha256", "line_count", "known_count")

    class Meta(Upload.Meta):
        app_label = "funds"
        ordering = ["-pk"]
        constraints = file_once(
            "account", name="account_statement_once", told="这份对账单刚由别人导入，请刷新"
        )


class AccountLine(StatementLine):
    """One movement of the account."""

    account = models.ForeignKey("funds.Account", models.PROTECT, related_name="bank_lines")
    statement = models.ForeignKey(AccountStatement, models.PROTECT, related_name="lines")

    objects = ScopedManager("account__book__area__code")

    class Meta(StatementLine.Meta):
        app_label = "funds"
        constraints = [
            once(
                "account", "booked_on", "serial",
                name="account_serial_once_a_day",
                told="这份对账单中有刚导入的流水号，请刷新后重新导入",
                at="file",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="account_line_moves_money"),
        ]  # fmt: skip


class LineMatchQuerySet(ScopedQuerySet["LineMatch"]):
    division_path = "account__book__area__code"

    def standing(self) -> Self:
        return self.filter(status=LineMatch.Status.STANDING)


class LineMatch(models.Model):
    """Lines of a statement and vouchers that are the same money; both sides sum to `amount`."""

    class Status(TonedChoices):
        STANDING = "standing", "good", "已勾对"
        UNDONE = "undone", "idle", "已取消"

    class How(models.TextChoices):
        RULE = "rule", "自动"
        HAND = "hand", "手工"

    account = models.ForeignKey(
        "funds.Account", models.PROTECT, related_name="+", verbose_name="银行账户"
    )
    status = status_column(Status.STANDING)
    how = models.CharField("方式", max_length=4, choices=How.choices)
    amount = MoneyField("金额")
    matched_by, matched_at = first_hand("勾对")
    undone_by, undone_at = later_hand("取消")
    reason = models.CharField("取消原因", max_length=200, blank=True)

    objects = LineMatchQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "account_id", "how", "amount", "matched_by_id", "undone_by_id",
                         "reason")  # fmt: skip

    class Meta:
        app_label = "funds"
        ordering = ["-id"]
        constraints = [status_says("undone", column="undone_by", name="undone_match_says_by_whom")]

    def __str__(self) -> str:
        return f"勾对 {self.pk} 号"


class MatchedItem(models.Model):
    """A line or a voucher of a match. `is_live`: the match stands; then it is in no other."""

    match = models.ForeignKey(LineMatch, models.PROTECT, related_name="items")
    account = models.ForeignKey("funds.Account", models.PROTECT, related_name="+")
    line = models.ForeignKey(AccountLine, models.PROTECT, null=True, related_name="matched")
    voucher = models.ForeignKey("funds.Voucher", models.PROTECT, null=True, related_name="matched")
    is_live = models.BooleanField(default=True)

    class Meta:
        app_label = "funds"
        ordering = ["match", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(line=None, voucher__isnull=False) | Q(line__isnull=False, voucher=None),
                name="matched_item_is_one_thing",
            ),
            once("line", name="line_is_matched_once", where=Q(is_live=True),
                 told="所选流水刚由别人勾对，请刷新", at="lines"),
            once("account", "voucher", name="voucher_is_matched_once", where=Q(is_live=True),
                 told="所选凭证刚由别人勾对，请刷新", at="vouchers"),
        ]  # fmt: skip


class Adjustment(OfMonth):
    """The table of one account and month: made with the balance that the bank's paper says, then
    reviewed by another. `table`: what it said when it was reviewed (`Table.as_json`)."""

    class Status(TonedChoices):
        MADE = "made", "wait", "待复核"
        REVIEWED = "reviewed", "good", "已复核"

    account = models.ForeignKey(
        "funds.Account", models.PROTECT, related_name="adjustments", verbose_name="银行账户"
    )
    status = status_column(Status.MADE)
    balance = MoneyField("对账单余额")
    table: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(
        "调节表", null=True
    )
    made_by, made_at = first_hand("编制")
    reviewed_by, reviewed_at = later_hand("复核")
    reason = models.CharField("退回原因", max_length=200, blank=True)

    objects = ScopedManager("account__book__area__code")

    AUDITED: ClassVar = ("status", "account_id", "month", "balance", "made_by_id",
                         "reviewed_by_id", "reason")  # fmt: skip

    class Meta:
        app_label = "funds"
        ordering = ["-month", "account"]
        constraints = [
            once("account", "month", name="one_adjustment_of_an_account_and_month",
                 told="这个月的调节表刚由别人编制，请刷新"),
            models.CheckConstraint(condition=Q(month__day=1), name="adjustment_is_of_a_month"),
            apart("reviewed_by", "made_by", name="adjustment_is_reviewed_by_another"),
            status_says("reviewed", column="reviewed_by", name="reviewed_adjustment_says_by_whom"),
            status_says("reviewed", column="table", name="reviewed_adjustment_keeps_its_table"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account.name} {self.as_month.words}余额调节表"
