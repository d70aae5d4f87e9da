"""The bill of a visit arrives in batches."""

from copy import copy
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.scoping import ScopedManager, ScopedQuerySet
from claims.models import BillLine, Visit
from desk.fields import first_hand, later_hand, once, positive


class BillBatchQuerySet(ScopedQuerySet["BillBatch"]):
    division_path = "visit__division__code"
    institution_path = "visit__institution__code"

    def live(self) -> Self:
        return self.filter(withdrawn_at=None)


class BillBatch(models.Model):
    """Lines of a bill that arrived together and are withdrawn together (费用明细上传、撤销).

    `number` is the sender's (接口 chrg_bchno), or ours where it gives none. A number that was
    withdrawn may come again: as another batch.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="batches", verbose_name="就诊")
    number = models.CharField("批次号", max_length=30)
    received_by, received_at = first_hand("上传")
    withdrawn_by, withdrawn_at = later_hand("撤销")
    withdrawn_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects = BillBatchQuerySet.as_manager()

    AUDITED = ("visit_id", "number", "received_by_id", "withdrawn_by_id", "withdrawn_reason")

    class Meta:
        ordering = ["visit", "id"]
        constraints = [
            once(
                "visit",
                "number",
                name="live_batch_once",
                where=Q(withdrawn_at=None),
                told="这个批次刚由另一次上传写入，请查询后再办",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_reason=""),
                name="withdrawn_batch_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 批"


class LineRefund(models.Model):
    """Part of a charge that was taken back before it was settled (退费). It stands with its batch.

    `line`: as it was charged; what is left of it is another line with the same sender's number.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="refunds", verbose_name="就诊")
    batch = models.ForeignKey(BillBatch, models.PROTECT, related_name="refunds")
    line = models.ForeignKey(BillLine, models.PROTECT, related_name="refunds")
    sender_number = models.CharField("发送方明细号", max_length=30)
    charged_on = models.DateField("计费日期", null=True)
    quantity = models.DecimalField("退费数量", max_digits=12, decimal_places=4)
    amount = MoneyField("退费金额")

    objects = ScopedManager("visit__division__code", "visit__institution__code")

    class Meta:
        ordering = ["visit", "id"]
        constraints = [
            positive("quantity", name="refunded_quantity_positive"),
            positive("amount", name="refunded_amount_positive"),
            once("batch", "sender_number", name="line_refund_once"),
        ]

    def as_line(self) -> BillLine:
        """What is taken back as a line of its own, unsaved: how it counts is computed like one."""
        row = copy(self.line)
        row.sender_number, row.charged_on = self.sender_number, self.charged_on
        row.quantity, row.amount, row.approved_amount = self.quantity, self.amount, self.amount
        if row.item is not None and row.item.price_limit is not None:
            row.limit_amount = row.item.price_limit * self.quantity
        return row
