"""The plan of a month (用款计划) with its lines."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, later_hand, once, positive, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from funds.months import OfMonth


class FundingPlanQuerySet(ScopedQuerySet["FundingPlan"]):
    division_path = "book__area__code"

    def alive(self) -> Self:
        return self.exclude(status__in=FundingPlan.DEAD)


class FundingPlan(OfMonth):
    """What a book asks of the finance bureau for a month (财社〔2017〕144号): made by one, checked
    by another, sent, and answered by the bureau, which may give less. What arrives is booked by
    E06 and compared. `amount`: the sum of its lines; `granted`: what the bureau agreed to.
    """

    class Status(TonedChoices):
        MADE = "made", "wait", "待审核"
        CHECKED = "checked", "wait", "待报送"
        SENT = "sent", "wait", "已报财政"
        GRANTED = "granted", "good", "财政已批"
        REFUSED = "refused", "bad", "财政未批"
        WITHDRAWN = "withdrawn", "idle", "已撤回"

    DEAD: ClassVar = (Status.REFUSED, Status.WITHDRAWN)

    book = models.ForeignKey(
        "funds.Book", models.PROTECT, related_name="plans", verbose_name="账套"
    )
    status = status_column(Status.MADE)
    amount = MoneyField("申请金额")
    granted = MoneyField("财政批复金额", null=True)
    sent_document = models.CharField("报送文号", max_length=60, blank=True)
    granted_document = models.CharField("批复文号", max_length=60, blank=True)
    made_by = hand("编制人")
    made_on = models.DateField("编制日期")
    checked_by, checked_at = later_hand("审核")
    sent_by, sent_at = later_hand("报送")
    reason = models.CharField("事由", max_length=200, blank=True)

    objects = FundingPlanQuerySet.as_manager()

    AUDITED: ClassVar = ("status", "month", "amount", "granted", "sent_document",
                         "granted_document", "made_by_id", "checked_by_id", "reason")  # fmt: skip

    class Meta:
        app_label = "funds"
        ordering = ["-month", "-id"]
        constraints = [
            once("book", "month", name="one_plan_of_a_month",
                 where=~Q(status__in=["refused", "withdrawn"]),
                 told="这个月已有一份用款计划，请刷新", at="month"),
            models.CheckConstraint(condition=Q(month__day=1), name="plan_is_of_a_month"),
            positive("amount", name="plan_asks_for_something"),
            models.CheckConstraint(
                condition=Q(granted=None) | Q(granted__gt=0), name="plan_is_granted_something"
            ),
            apart("checked_by", "made_by", name="plan_is_checked_by_another"),
            status_says("checked", "sent", "granted", column="checked_by",
                        name="checked_plan_says_by_whom"),
            status_says("granted", column="granted", name="granted_plan_says_how_much"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.as_month.words}用款计划"


class PlanLine(models.Model):
    """One item: what the portal worked out, what is asked for, and why it is another sum."""

    plan = models.ForeignKey(FundingPlan, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField("序号")
    title = models.CharField("项目", max_length=60)
    basis = models.CharField("依据", max_length=200)
    worked_out = MoneyField("测算金额")
    amount = MoneyField("申请金额")
    note = models.CharField("调整说明", max_length=100, blank=True)

    class Meta:
        app_label = "funds"
        ordering = ["plan", "position"]
        constraints = [
            once("plan", "position", name="plan_line_once"),
            models.CheckConstraint(
                condition=Q(amount=models.F("worked_out")) | ~Q(note=""),
                name="plan_line_says_why_it_differs",
            ),
        ]
