"""What supplements answer when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse

from accounts.models import Division, User
from claims.dependence.family import hold_family
from claims.dependence.models import Supplement
from claims.dependence.supplements import KEY, supplement_problem
from claims.dependence.workflow import SUPPLEMENTS
from claims.models import Settlement
from claims.paying.against import against_again, held_settlements, standing_against
from claims.paying.checking import gone_unpaid, with_orders, wrong_orders
from claims.recovery.receiving import give_up_payment
from claims.services.drawn import count_anew
from funds.payments.models import PaymentOrder
from funds.payments.rooms import Obstacle, OwnRows, ids_of

Status = Supplement.Status

PAYING = OwnRows(
    KEY,
    Supplement.objects.select_related("payee_person", "settlement__division", "settlement__visit"),
    SUPPLEMENTS,
    "pay_supplement",
)
gives_up = PAYING.gives_up  # it is the insured's


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Locks the settlements in the order of their key, then the supplements."""
    if not ids_of(keys, KEY):
        return
    rows = PAYING.named(keys)
    settlements = {one.pk: one for one in held_settlements(rows.values("settlement"))}
    for row in PAYING.held(keys):
        words = ""
        if row.status not in {Status.APPROVED, Status.PAID}:
            words = f"{row} 现为“{row.get_status_display()}”，不能支付"
        else:
            claim = settlements[row.settlement_id]
            words = _against(row, claim, on)
        if words:
            yield Obstacle(f"{KEY}{row.pk}", words)


def _against(row: Supplement, claim: Settlement, on: date) -> str:
    if row.status == Status.PAID:  # came back: whom it goes to two others agreed to on the order
        return standing_against(claim, on) or against_again(claim)
    return supplement_problem(row, claim, on)


def sent(labels: Mapping[str, str], actor: User, on: date) -> None:
    """The money has gone: what was paid more is drawn on the same covers."""
    for row in PAYING.sent(labels, actor, on):
        count_anew(row.settlement.visit.enrollment_id)


def _settlements(key: str) -> list[int]:
    return list(PAYING.named([key]).values_list("settlement", flat=True))


def hold_to_give_up(key: str) -> None:
    """Before the order: the claim with what was computed after it."""
    for pk in _settlements(key):
        hold_family(pk)


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """What was paid more on the claim is back, and its share of the usage with it."""
    for pk in _settlements(order.key):
        give_up_payment(actor=actor, order=order, settlement=pk, on=on)


def place(key: str) -> str:
    """The page of the supplement."""
    ids = ids_of([key], KEY)
    return reverse("claims:supplement", args=ids) if ids else ""


def payment_problems(area: Division) -> Iterator[str]:
    """Approved and paid ones without their order or of another sum, and orders without theirs."""
    rows = Supplement.objects.filter(settlement__division__code__startswith=area.code)
    found = with_orders(rows.select_related("settlement"), KEY)
    paid = found.filter(status=Status.PAID)
    yield from wrong_orders(paid, "amount")
    for one in paid.filter(ordered=None):
        yield f"{one}：已补付 {one.amount}，没有支付单"
    live = (PaymentOrder.Status.WAITING, PaymentOrder.Status.BATCHED)
    unasked = Q(order_status=None) | ~Q(order_status__in=live)
    for one in found.filter(unasked, status=Status.APPROVED):
        yield f"{one}：已复核 {one.amount}，没有待付的支付单"
    yield from gone_unpaid(area, KEY, rows, Status.PAID, "补付单")
