"""What was wrong with messages that came no further than the check of their fields."""

from django.db import models

from accounts.fields import SealedField
from accounts.scoping import ScopedManager
from desk.fields import once
from gateway.clients.models import Client


class Fault(models.Model):
    """Of each transaction the last message of a client that was refused before anything was asked
    of the database: a programmer reads here what to mend. One row each, so that no program fills
    the table with them."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="faults", db_index=False)
    infno = models.CharField("交易编号", max_length=8)
    # It may repeat what was sent.
    told = SealedField("错误信息", context="gateway.fault.told")
    at = models.DateTimeField("时间")
    number = models.PositiveIntegerField("次数", default=1)

    objects = ScopedManager("client__institution__division__code", "client__institution__code")

    class Meta:
        constraints = [
            once("client", "infno", name="fault_once"),
        ]
