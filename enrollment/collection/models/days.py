"""The closed days of the clerks who hold receipt books, and what keeps a day open."""

from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.fields import MoneyField
from accounts.models import Division
from accounts.scoping import ScopedQuerySet
from desk.fields import adds_up, hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart


class ReceiptRun(models.Model):
    """Receipts that are still being written on a clerk's name, e.g. by the import of a roster.

    Whoever writes them in batches leaves this row from the first to the last; the clerk's day is
    not closed meanwhile. `key` names the work, such as `roster:12`.
    """

    clerk = hand("经办人")
    key = models.CharField("批量开票", max_length=40, unique=True)
    began_on = models.DateField("开始日期")

    class Meta:
        ordering = ["pk"]


class DayCloseQuerySet(ScopedQuerySet["DayClose"]):
    division_path = "township__code"

    def standing(self) -> Self:
        """Without those that were reopened: what they counted is counted again."""
        return self.exclude(status=DayClose.Status.REOPENED)


class DayClose(models.Model):
    """日结: a clerk's day. `closing` is what should be in the box, `counted` what was.

    Amounts in yuan. `remitted`: paid in since the last close, less what the accountant returned.
    A clerk's last close may be reopened (撤销日结): its figures stay, a later close replaces it.
    """

    class Status(TonedChoices):
        CLOSED = "closed", "good", "已日结"
        ASKED = "asked", "wait", "申请撤销"
        REOPENED = "reopened", "idle", "已撤销"

    township = models.ForeignKey(Division, models.PROTECT, verbose_name="乡镇")
    clerk = hand("经办人")
    day = models.DateField("日期")
    opening = MoneyField("上日结存")
    cash_receipts = models.PositiveIntegerField("现金张数")
    cash = MoneyField("现金收款")
    bank_receipts = models.PositiveIntegerField("转账张数")
    bank = MoneyField("转账收款")
    free_receipts = models.PositiveIntegerField("不收现金张数")
    sponsored = MoneyField("资助金额")
    void_receipts = models.PositiveIntegerField("作废张数")
    voided = MoneyField("退回现金")
    remitted = MoneyField("缴存")
    closing = MoneyField("应有现金")
    counted = MoneyField("实点现金")
    explanation = models.CharField("差额说明", max_length=200, blank=True)
    closed_at = models.DateTimeField("日结时间", auto_now_add=True)
    status = status_column(Status.CLOSED, db_default=True)
    reopen_reason = models.CharField(
        "撤销原因", max_length=200, blank=True, default="", db_default=""
    )
    reopened_by, reopened_at = later_hand("撤销")

    objects = DayCloseQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "clerk"]
        constraints = [
            once(
                "clerk",
                "day",
                name="day_closed_once",
                where=~Q(status="reopened"),
                told="这一天刚在另一窗口日结，请刷新",
                at="day",
            ),
            adds_up(
                "closing = opening + cash - voided - remitted",
                name="day_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(counted=F("closing")) | ~Q(explanation=""),
                name="cash_difference_is_explained",
            ),
            apart("reopened_by", "clerk", name="day_reopened_by_a_second_person"),
            status_says("reopened", column="reopened_by", name="reopened_day_says_who"),
        ]

    @property
    def difference(self) -> Decimal:
        """Counted less expected: more than zero is too much, less is short."""
        gap: Decimal = self.counted - self.closing
        return gap
