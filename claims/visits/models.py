"""The bill of a visit arrives in batches."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedQuerySet
from claims.models import Visit
from desk.fields import first_hand, later_hand, once


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
