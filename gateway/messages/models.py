"""What came in through the interface, and what was answered."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.fields import SealedField
from accounts.scoping import ScopedQuerySet
from claims.models import Settlement, Visit
from desk.fields import once
from gateway.clients.models import Client
from institutions.models import Institution

if TYPE_CHECKING:
    from collections.abc import Collection


class MessageQuerySet(ScopedQuerySet["Message"]):
    division_path = "institution__division__code"
    institution_path = "institution__code"

    def that_made(self, settlements: "Collection[Settlement]") -> "MessageQuerySet":
        """The messages by which these settlements were made."""
        return self.filter(settlement__in=settlements, infno__in=Message.SETTLES)


class Message(models.Model):
    """One message (报文), known by its sender's number: the same one again gets the same answer.

    Kept with its answer where it changed something; of one that only read, or was refused before
    anything was asked of the database, no more than that it came.
    """

    SETTLES = ("2207", "2304")
    # How long one that changed nothing is kept; nobody sends it again after that.
    KEPT = timedelta(days=30)

    client = models.ForeignKey(Client, models.PROTECT, related_name="messages", db_index=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    infno = models.CharField("交易编号", max_length=8)
    msgid = models.CharField("发送方报文ID", max_length=30)
    # SHA-256 of what it asks, "" for one that was reversed before it came.
    digest = models.CharField("内容指纹", max_length=64)
    is_done = models.BooleanField("成功")
    # The whole answer: it names people.
    answer = SealedField("应答", context="gateway.message.answer", blank=True)
    received_at = models.DateTimeField("接收时间")
    writes = models.BooleanField("办理业务")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+", db_index=False)
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="messages", verbose_name="结算单"
    )
    # The correction (2601) that took its effect back, or forbade it before it came.
    reversed_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reverses", verbose_name="冲正报文"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            once("institution", "msgid", name="message_once"),
        ]
        indexes = [
            models.Index(fields=["client", "received_at"]),
            models.Index(
                fields=["received_at"], condition=Q(writes=False), name="message_to_forget"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.infno} {self.msgid}"


class SignIn(models.Model):
    """An operator's session at a hospital's terminal (签到), until it is ended (签退)."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="sign_ins")
    number = models.CharField("签到编号", max_length=30, unique=True)
    operator = models.CharField("操作员", max_length=30)
    address = models.CharField("操作员地址", max_length=60, blank=True)
    signed_in_at = models.DateTimeField("签到时间")
    signed_out_at = models.DateTimeField("签退时间", null=True)

    def __str__(self) -> str:
        return self.number
