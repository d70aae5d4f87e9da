"""What stands against the payment of a claim: written from above, read before money goes."""

from django.db import models
from django.db.models import Q

from accounts.scoping import ScopedQuerySet
from desk.fields import hand, later_hand, once


class PaymentHoldQuerySet(ScopedQuerySet["PaymentHold"]):
    division_path = "settlement__division__code"

    def standing(self) -> "PaymentHoldQuerySet":
        return self.filter(lifted_at=None)


class PaymentHold(models.Model):
    """A claim is not to be paid for now (暂停支付), for a reason of its own; several may stand.

    `source` names what it comes from ("alert:12"): supervision writes it, claims know no alerts.
    """

    settlement = models.ForeignKey(
        "claims.Settlement", models.PROTECT, related_name="holds", verbose_name="结算单"
    )
    source = models.CharField("来源", max_length=40)
    reason = models.CharField("原因", max_length=300)
    placed_by = hand("暂停人", null=True)
    placed_at = models.DateTimeField("暂停时间", auto_now_add=True)
    lifted_by, lifted_at = later_hand("解除")
    lifted_reason = models.CharField("解除原因", max_length=300, blank=True)

    objects = PaymentHoldQuerySet.as_manager()

    class Meta:
        ordering = ["settlement", "id"]
        constraints = [
            once(
                "settlement",
                "source",
                name="one_standing_hold_of_a_source",
                where=Q(lifted_at=None),
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | ~Q(lifted_reason=""), name="lifted_hold_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.reason
