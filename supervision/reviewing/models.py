"""One review of an alert, from the first opinion to the conclusion."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.scoping import ScopedQuerySet
from desk.fields import first_hand, later_hand, once, status_column, status_says
from desk.tones import TonedChoices
from desk.workflow import apart
from supervision.models import Alert


class AlertReviewQuerySet(ScopedQuerySet["AlertReview"]):
    division_path = "alert__division__code"
    institution_path = "alert__settlement__visit__institution__code"

    @classmethod
    def scope(cls, user: User) -> Q:
        """An institution sees what it was told of, from then on."""
        found = super().scope(user)
        return found & ~Q(told="") if user.institution_code else found


class AlertReview(models.Model):
    """The alert stays open, and holds the payment if it is a definite one, until this is done. A
    review that the second hand sent back stays, and another one begins."""

    class Proposed(models.TextChoices):
        CONFIRM = "confirm_alert", "属实"
        DISMISS = "dismiss_alert", "排除"

    class Status(TonedChoices):
        FIRST = "first", "wait", "待复审"
        TOLD = "told", "wait", "待机构申诉"
        APPEALED = "appealed", "wait", "待核实"
        VERIFIED = "verified", "wait", "待处理"
        DONE = "done", "good", "已处理"
        RETURNED = "returned", "idle", "复审退回"

    OVER = (Status.DONE, Status.RETURNED)

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="reviews", verbose_name="疑点")
    proposed = models.CharField("初审意见", max_length=14, choices=Proposed.choices)
    opinion = models.CharField("初审情况", max_length=300)
    # What the institution reads: no other patient, and not who told of it.
    told = models.CharField("告知机构的内容", max_length=300, blank=True)
    appeal = models.CharField("申诉理由", max_length=500, blank=True)
    evidence = models.CharField("申诉材料", max_length=200, blank=True)
    verified = models.CharField("核实情况", max_length=300, blank=True)
    decision = models.CharField("意见", max_length=300, blank=True)
    due_on = models.DateField("本环节期限", null=True)
    status = status_column(Status.FIRST)
    first_by, first_at = first_hand("初审")
    second_by, second_at = later_hand("复审")
    appealed_by, appealed_at = later_hand("申诉")
    verified_by, verified_at = later_hand("核实")
    decided_by, decided_at = later_hand("处理")

    objects = AlertReviewQuerySet.as_manager()

    AUDITED = ("alert_id", "proposed", "status", "due_on", "told", "decision")

    class Meta:
        app_label = "supervision"
        verbose_name = "疑点审核"
        ordering = ["-id"]
        constraints = [
            once(
                "alert",
                name="one_standing_review_of_an_alert",
                where=~Q(status__in=["done", "returned"]),
                told="这条疑点刚由别人初审，请刷新后再看",
            ),
            apart("second_by", "first_by", name="alert_is_reviewed_by_another"),
            apart(
                *("decided_by", "first_by", "second_by", "appealed_by", "verified_by"),
                name="alert_is_decided_by_another",
            ),
            apart("verified_by", "appealed_by", name="answer_is_verified_by_another"),
            status_says("told", "appealed", "verified", column="second_by", name="told_by_second"),
            models.CheckConstraint(
                condition=~Q(status__in=["told", "appealed", "verified"]) | ~Q(told=""),
                name="institution_was_told_something",
            ),
            models.CheckConstraint(
                condition=Q(appealed_by=None) | ~Q(appeal=""), name="appeal_says_why"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="alert_review_due")]

    @property
    def waits_for_service(self) -> bool:
        """Told, and the notice has not reached the institution: its term has not begun."""
        return self.status == self.Status.TOLD and self.due_on is None

    def __str__(self) -> str:
        return f"疑点审核 {self.pk} 号"
