"""Marks of a visit as the hospital sends them, never changed."""

from django.db import models

from accounts.scoping import ScopedManager
from claims.models import Visit
from desk.fields import first_hand


class VisitMark(models.Model):
    """One mark (住院人员特殊标识): its type and value are the sender's codes, for which the
    interface has no dictionary; nothing is computed by them."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="marks_sent", verbose_name="就诊")
    kind = models.CharField("特殊标识类型", max_length=6)
    value = models.CharField("特殊标识", max_length=6)
    note = models.CharField("备注", max_length=500, blank=True, default="")
    sent_by, sent_at = first_hand("上传")

    objects = ScopedManager("visit__division__code", "visit__institution__code")

    class Meta:
        ordering = ["pk"]

    @property
    def number(self) -> str:
        """住院人员特殊标识明细 id."""
        return f"TS{self.pk:020d}"
