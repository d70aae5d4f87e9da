"""That a hospital asked, what was found, and why it went on nevertheless."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedManager
from claims.models import Visit
from gateway.clients.models import Client
from institutions.models import Institution


class PreCheck(models.Model):
    """One question (3101 事前, 3102 事中).

    Of what was asked no more than its fingerprint is kept, of what was found the rule, how certain
    and how much: the words are about a person, and stand on the alert that the same bill raises
    once it is settled. `reason`: why the hospital settled all the same, as whoever settled wrote it
    (2207, 2304).
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    infno = models.CharField("交易编号", max_length=8)
    # As it was sent; of a visit that is registered here, that one.
    mdtrt_id = models.CharField("就诊ID", max_length=50)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", db_index=False)
    digest = models.CharField("内容指纹", max_length=64)
    # [{"rule": "A08", "certainty": "suspect", "amount": "12.00"}, …]
    hits: Any = models.JSONField("提示", default=list)
    asked_at = models.DateTimeField("审核时间")
    reason = models.CharField("继续结算的理由", max_length=200, blank=True, default="")
    reasoned_by = models.CharField("写明理由的操作员", max_length=60, blank=True, default="")
    reasoned_at = models.DateTimeField("写明理由的时间", null=True)

    objects = ScopedManager("institution__division__code", "institution__code")

    class Meta:
        verbose_name = "事前事中审核"
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="", reasoned_by="", reasoned_at=None)
                | ~Q(reason="") & Q(reasoned_at__isnull=False),
                name="precheck_reason_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["visit"],
                condition=Q(visit__isnull=False),
                name="gateway_precheck_of_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.infno} {self.pk}"
