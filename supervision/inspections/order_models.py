"""What an inspection found and what became of it: the order, the answer to it, the hand-over."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.fields import first_hand, later_hand, once, status_column
from desk.tones import TonedChoices
from desk.workflow import apart
from institutions.models import Institution
from supervision.inspections.models import Inspection


class OrderQuerySet(ScopedQuerySet["Order"]):
    division_path = "inspection__place__institution__division__code"
    institution_path = "inspection__place__institution__code"

    def unfinished(self) -> Self:
        return self.exclude(status=Order.Status.VERIFIED)


class Order(models.Model):
    """A rectification order (整改通知书): what has to be put right by when."""

    class Status(TonedChoices):
        ISSUED = "issued", "bad", "待整改"
        ANSWERED = "answered", "wait", "待核验"
        VERIFIED = "verified", "good", "已销号"

    inspection = models.OneToOneField(
        Inspection, models.PROTECT, related_name="order", verbose_name="检查"
    )
    number = models.CharField("文号", max_length=40)
    due_on = models.DateField("整改期限")
    words = models.CharField("整改要求", max_length=300, blank=True)
    status = status_column(Status.ISSUED)
    issued_by, issued_at = first_hand("下达")
    verified_by, verified_at = later_hand("核验")

    objects = OrderQuerySet.as_manager()

    AUDITED = ("number", "due_on", "status", "verified_by_id")

    class Meta:
        verbose_name = "整改通知书"
        ordering = ["-pk"]
        constraints = [
            apart("verified_by", "issued_by", name="order_is_verified_by_another"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status", "due_on"])]

    def __str__(self) -> str:
        return self.number

    @property
    def institution(self) -> Institution:
        return self.inspection.place.institution

    @property
    def asks_second_look(self) -> bool:
        """Whether a paper does not do: something grave was found."""
        return any(line.grave for line in self.lines.all())


class OrderLine(models.Model):
    """One thing to be put right, in the words of the checklist of then."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", verbose_name="整改通知书"
    )
    item = models.CharField("项目", max_length=30)
    words = models.CharField("应当", max_length=300)
    found = models.CharField("发现", max_length=330)
    requires = models.CharField("整改要求", max_length=300)
    source = models.CharField("依据", max_length=300)
    grave = models.BooleanField("须现场复查")

    objects = ScopedManager(
        "order__inspection__place__institution__division__code",
        "order__inspection__place__institution__code",
    )

    class Meta:
        verbose_name = "整改事项"
        ordering = ["pk"]
        constraints = [once("order", "item", name="order_line_once")]


class Reply(models.Model):
    """What the institution says it has done, and what another found of that."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="replies", verbose_name="整改通知书"
    )
    text = models.CharField("整改情况", max_length=1000)
    replied_by, replied_at = first_hand("回复")
    checked_by, checked_at = later_hand("核验")
    is_good = models.BooleanField("整改到位", null=True)
    verdict = models.CharField("核验意见", max_length=300, blank=True)

    objects = ScopedManager(
        "order__inspection__place__institution__division__code",
        "order__inspection__place__institution__code",
    )

    AUDITED = ("order_id", "is_good", "checked_by_id")

    class Meta:
        verbose_name = "整改回复"
        ordering = ["pk"]
        constraints = [
            once(
                "order",
                name="one_reply_waits",
                where=Q(checked_at=None),
                told="这份通知书的回复正在核验",
            ),
            models.CheckConstraint(
                condition=Q(checked_at=None, is_good=None)
                | Q(checked_at__isnull=False, is_good__isnull=False) & ~Q(verdict=""),
                name="checked_reply_says_what",
            ),
            # Whoever entered it on behalf of a clinic that has no login does not check it.
            apart("checked_by", "replied_by", name="reply_is_checked_by_another"),
        ]


class HandOver(models.Model):
    """What was found goes on to another authority, or becomes a case of our own (移送)."""

    class To(models.TextChoices):
        CASE = "case", "本局立案"
        HEALTH = "health", "卫生健康部门"
        MARKET = "market", "市场监督管理部门"
        POLICE = "police", "公安机关"
        DISCIPLINE = "discipline", "纪检监察机关"

    inspection = models.ForeignKey(
        Inspection, models.PROTECT, related_name="handovers", verbose_name="检查"
    )
    to = models.CharField("移送", max_length=12, choices=To.choices)
    number = models.CharField("文号", max_length=40)
    reason = models.CharField("事由和依据", max_length=300)
    handed_by, handed_at = first_hand("移送")
    result = models.CharField("办理结果", max_length=300, blank=True)
    told_by, told_at = later_hand("登记结果")

    objects = ScopedManager("inspection__place__institution__division__code")

    AUDITED = ("number", "to", "result")

    class Meta:
        verbose_name = "移送"
        ordering = ["-pk"]
        constraints = [
            once("inspection", "to", name="handed_over_once", told="已经移送过这个部门", at="to"),
            models.CheckConstraint(
                condition=Q(told_at=None, result="") | Q(told_at__isnull=False) & ~Q(result=""),
                name="handover_answered_says_what",
            ),
        ]

    def __str__(self) -> str:
        return self.number
