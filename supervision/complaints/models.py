"""A complaint, and the reward that it may earn."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.fields import MoneyField, SealedField
from accounts.models import Division
from accounts.scoping import ScopedManager, ScopedQuerySet
from desk.decisions import Decision, decided_by_second
from desk.fields import first_hand, later_hand, once, status_column
from desk.tones import TonedChoices
from supervision.cases.models import Case


class ComplaintQuerySet(ScopedQuerySet["Complaint"]):
    division_path = "area__code"

    def unfinished(self) -> Self:
        """Not rejected or answered yet, or with a reward that is not decided."""
        asked = Reward.objects.filter(complaint=OuterRef("pk"), status=Reward.Status.PROPOSED)
        return self.filter(Q(status__in=Complaint.OPEN) | Exists(asked.order_by()))


class Complaint(models.Model):
    """What somebody told. Who told it lies sealed, and is read with a right and a reason."""

    class Channel(models.TextChoices):
        PHONE = "phone", "电话"
        LETTER = "letter", "来信"
        VISIT = "visit", "来访"
        ONLINE = "online", "网络"
        HANDED = "handed", "部门转办"

    class Status(TonedChoices):
        RECEIVED = "received", "wait", "待受理"
        ACCEPTED = "accepted", "wait", "待答复"
        REJECTED = "rejected", "idle", "不予受理"
        ANSWERED = "answered", "good", "已答复"

    OPEN = (Status.RECEIVED, Status.ACCEPTED)

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="统筹区")
    number = models.CharField("编号", max_length=40)
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    about = models.CharField("被投诉举报人", max_length=100)
    told = models.CharField("内容", max_length=500)
    # Empty: anonymous.
    informant = SealedField(
        "投诉举报人姓名、联系方式", blank=True, context="supervision.complaint.informant"
    )
    received_on = models.DateField("收到日期")
    due_on = models.DateField("期限", null=True)
    status = status_column(Status.RECEIVED)
    # Why it is not accepted, or what was answered.
    answer = models.CharField("答复", max_length=300, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="complaints", verbose_name="案件"
    )
    received_by, received_at = first_hand("登记")
    accepted_by, accepted_at = later_hand("受理")
    answered_by, answered_at = later_hand("答复")

    objects = ComplaintQuerySet.as_manager()

    AUDITED = ("number", "channel", "status", "due_on", "case_id")

    class Meta:
        app_label = "supervision"
        verbose_name = "投诉举报"
        ordering = ["-id"]
        constraints = [
            once("area", "number", name="complaint_number_once"),
            models.CheckConstraint(
                condition=~Q(status__in=["rejected", "answered"]) | ~Q(answer=""),
                name="ended_complaint_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_named(self) -> bool:
        return bool(self.informant)


class Reward(Decision):
    """What whoever told gets (举报奖励), put forward by one and decided by another. The money comes
    from the budget of the office, never from a fund: a register entry."""

    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="rewards", verbose_name="投诉举报"
    )
    found_amount = MoneyField("查实金额")
    percent = models.PositiveIntegerField("奖励比例（%）")
    amount = MoneyField("奖励金额")

    objects = ScopedManager("complaint__area__code")

    AUDITED = ("complaint_id", "found_amount", "percent", "amount", "status", "evidence")

    class Meta(Decision.Meta):
        app_label = "supervision"
        verbose_name = "举报奖励"
        constraints = [
            *decided_by_second("reward", "complaint", told="这件举报已有一份奖励待审批"),
            once(
                "complaint",
                name="one_reward_of_a_complaint",
                where=Q(status="approved"),
                told="这件举报已经奖励过",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=200, amount__lte=200_000) & Q(found_amount__gt=0),
                name="reward_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100),
                name="reward_has_its_share",
            ),
        ]

    def __str__(self) -> str:
        return f"举报奖励 {self.pk} 号"
