"""Payments that a confirmed alert holds although what it found is settled: they wait for 处理完毕.

Settled: money was asked back on the claim (or its benefit taken away), and each such debt is
received, waived or refused. While nothing was asked yet the supervisor's own hand is next: money is
asked back, or the approver is told that nothing is.
"""

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from claims.models import Settlement
from claims.paying.models import PaymentHold
from claims.recovery.models import Recovery, RecoveryQuerySet
from supervision.models import Alert, AlertQuerySet

SOURCE = "alert:"  # a hold names the alert by it
WAITS, UNASKED = "waits", "unasked"  # in an address


def to_release(rows: AlertQuerySet) -> AlertQuerySet:
    """Those of them for which only the approver's 处理完毕 is missing."""
    debts = _debts()
    settled = _held(rows).filter(Exists(debts))
    return settled.filter(~Exists(debts.filter(status__in=Recovery.UNSETTLED)))


def to_ask(rows: AlertQuerySet) -> AlertQuerySet:
    """Those of them on whose claims nothing was asked back yet."""
    return _held(rows).filter(~Exists(_debts()))


def _debts() -> RecoveryQuerySet:
    return Recovery.objects.filter(settlement=OuterRef("settlement"))


def _held(rows: AlertQuerySet) -> AlertQuerySet:
    holds = PaymentHold.objects.filter(
        settlement=OuterRef("settlement"),
        lifted_at=None,
        source=Concat(Value(SOURCE), Cast(OuterRef("pk"), CharField())),
    )
    return rows.filter(
        Exists(holds),
        status=Alert.Status.CONFIRMED,
        settlement__status=Settlement.Status.PAID,
    )
