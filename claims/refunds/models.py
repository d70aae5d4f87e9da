"""Money that a patient paid at the hospital's counter and that a review found is the hospital's."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.fields import MoneyField
from accounts.scoping import ScopedQuerySet
from desk.fields import hand, positive, status_column
from desk.tones import TonedChoices


class PatientRefundQuerySet(ScopedQuerySet["PatientRefund"]):
    division_path = "settlement__division__code"
    institution_path = "settlement__visit__institution__code"

    def due(self) -> Self:
        return self.filter(status=PatientRefund.Status.DUE)


class PatientRefund(models.Model):
    """医院应退患者: what the patient paid more than the settlement after the cut leaves to pay.

    Void when the settlement is withdrawn before it was given back: what the patient has to pay is
    then found anew.
    """

    class Status(TonedChoices):
        DUE = "due", "wait", "待退患者"
        GIVEN = "given", "good", "已退患者"
        VOID = "void", "idle", "已取消"

    settlement = models.OneToOneField(
        "claims.Settlement", models.PROTECT, related_name="refund", verbose_name="结算单"
    )
    amount = MoneyField("应退金额")
    status = status_column(Status.DUE)
    asked_at = models.DateTimeField("核减时间", auto_now_add=True)
    given_by = hand("办理人", null=True)
    given_on = models.DateField("退款日期", null=True)
    evidence = models.CharField("退款凭据", max_length=100, blank=True)

    objects = PatientRefundQuerySet.as_manager()

    AUDITED = ("status", "amount", "given_on", "evidence")

    class Meta:
        ordering = ["pk"]
        constraints = [
            positive("amount", name="patient_refund_positive"),
            models.CheckConstraint(
                condition=~Q(status="given")
                | (Q(given_by__isnull=False, given_on__isnull=False) & ~Q(evidence="")),
                name="given_refund_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"应退患者 {self.pk} 号"
