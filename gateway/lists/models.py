"""The list of one settlement (医疗保障基金结算清单) as the hospital sent it last."""

from typing import Any

from django.db import models

from accounts.fields import SealedField
from accounts.scoping import ScopedManager
from claims.models import Settlement
from gateway.clients.models import Client


class SettlementList(models.Model):
    """One a settlement, sent anew until its month is cleared or it is paid.

    `content`: the message's nodes as JSON; it names the patient, kin and addresses, so it lies
    sealed. What is asked of it beside stands in columns.
    """

    settlement = models.OneToOneField(
        Settlement, models.PROTECT, related_name="settlement_list", verbose_name="结算单"
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", db_index=False)
    content: Any = SealedField("清单内容", context="gateway.settlementlist.content")
    digest = models.CharField("内容指纹", max_length=64)
    diagnoses = models.PositiveSmallIntegerField("诊断数")
    operations = models.PositiveSmallIntegerField("手术操作数")
    first_sent_at = models.DateTimeField("首次上传时间")
    sent_at = models.DateTimeField("上传时间")
    times = models.PositiveIntegerField("上传次数", default=1)

    objects = ScopedManager("settlement__division__code", "settlement__visit__institution__code")

    AUDITED = ("settlement_id", "digest", "diagnoses", "operations", "times")

    class Meta:
        verbose_name = "结算清单"

    def __str__(self) -> str:
        return f"结算清单 {self.number}"

    @property
    def number(self) -> str:
        """清单流水号, 9 characters."""
        return f"{self.pk:09d}"
