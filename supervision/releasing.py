"""Payments that a confirmed alert holds although what it found is settled: they wait for 处理完毕.

Settled: money was asked back on the claim (or its benefit taken away), and each such debt is
received, waived or refused. While nothing was asked yet the supervisor's own hand is next.
"""

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from claims.models import Settlement
from claims.paying.models import PaymentHold
from claims.recovery.models import Recovery
from supervision.models import Alert, AlertQuerySet

SOURCE = "alert:"  # a hold names the alert by it
WAITS = "waits"  # in an address


def to_release(rows: AlertQuerySet) -> AlertQuerySet:
    """Those of them for which only the approver's 处理完毕 is missing."""
    debts = Recovery.objects.filter(settlement=OuterRef("settlement"))
    holds = PaymentHold.objects.filter(
        settlement=OuterRef("settlement"),
        lifted_at=None,
        source=Concat(Value(SOURCE), Cast(OuterRef("pk"), CharField())),
    )
    return rows.filter(
        Exists(debts),
        ~Exists(debts.filter(status__in=Recovery.UNSETTLED)),
        Exists(holds),
        status=Alert.Status.CONFIRMED,
        settlement__status=Settlement.Status.PAID,
    )
