"""What stands against paying a claim, or more on it, be it singly or in a clearing."""

from datetime import date
from typing import Any

from django.db.models import Q

from claims.models import Settlement, SettlementQuerySet
from claims.paying.payees import death_problem
from claims.recovery.models import Recovery
from claims.shares import all_asked_back
from lib.money import told

Status = Settlement.Status


def held_settlements(ids: Any) -> list[Settlement]:
    """Locked in the order of their key, with what a payment is judged by."""
    return list(
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("payee_person", "visit__institution", "pack", "division")
        .prefetch_related("funds", "visit__lines", "holds", "recoveries")
        .filter(pk__in=ids)
        .order_by("pk")
    )


def standing_against(row: Settlement, on: date) -> str:
    """In words; "" when nothing does. The settlement is one of `held_settlements`, or locked."""
    if words := _held_up(row):
        return words
    if row.status == Status.PAID:  # it came back from the bank, or more is paid on it
        debts = all_asked_back(row)
        return f"结算单 {row.number} 已提出全部追回（{debts[-1]}），不能再付" if debts else ""
    if row.status != Status.APPROVED:
        return f"结算单 {row.number} 现为“{row.get_status_display()}”，不能支付"
    if on < row.settled_on:
        return f"支付日期早于结算单 {row.number} 的结算日期 {row.settled_on}，请核对"
    return death_problem(row, f"结算单 {row.number} ", on)


def _held_up(row: Settlement) -> str:
    standing = [hold for hold in row.holds.all() if hold.lifted_at is None]
    return f"结算单 {row.number} 暂停支付：{standing[0].reason}" if standing else ""


def against_resting(rows: SettlementQuerySet) -> dict[int, str]:
    """Settlement → what stands against paying what rests on it (assistance, a second compensation):
    it is held, or all of it is asked back and nobody knows yet what comes of that. Those against
    which nothing stands are left out.

    Nothing is locked: what is found in the same moment comes after the payment, and is followed as
    what is found later.
    """
    asked = Q(recoveries__status__in=Recovery.UNSETTLED, recoveries__dependent=None)
    some = rows.filter(Q(holds__lifted_at=None, holds__isnull=False) | asked)
    found = {}
    held = Settlement.objects.filter(pk__in=some.values("pk")).select_related("visit", "pack")
    for row in held.prefetch_related("holds", "recoveries", "funds").order_by("pk"):
        if words := _held_up(row) or _all_of_it_asked(row):
            found[row.pk] = f"所依据的{words}"
    return found


def _all_of_it_asked(row: Settlement) -> str:
    debts = [debt for debt in all_asked_back(row) if debt.status in debt.UNSETTLED]
    return f"结算单 {row.number} 已提出全部追回（{debts[-1]}），还没有办结" if debts else ""


def against_again(row: Settlement) -> str:
    """What besides stands against sending out again what the bank gave back: what is asked back
    is taken from there, lest the payee gets it only to return it."""
    for debt in row.recoveries.all():
        if debt.status in debt.UNSETTLED and not debt.payment_key:
            return (
                f"结算单 {row.number} 应追回 {told(debt.amount)} 元，追回单 {debt} 还没有办结，"
                "请先从退汇款扣回，或不予追回后再付"
            )
    return ""
