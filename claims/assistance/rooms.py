"""What applications for assistance answer when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from claims.assistance.figures import decided, own_pay
from claims.assistance.models import KEY, AidApplication
from claims.assistance.services import claim_problems, held, part_of, standing_against
from claims.assistance.workflow import APPLICATIONS
from claims.models import Settlement
from claims.recovery.resting import asked_back
from funds.payments.keeping import keep
from funds.payments.models import PaymentOrder
from funds.payments.rooms import Obstacle, OwnRows, ids_of
from lib.money import to_fen

Status = AidApplication.Status

PAYING = OwnRows(
    KEY,
    AidApplication.objects.select_related("person", "cover", "division").prefetch_related("claims"),
    APPLICATIONS,
    "pay_aid",
)
sent = PAYING.sent
gives_up = PAYING.gives_up


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Locks the applications, in the order of their key."""
    rows = PAYING.held(keys)
    if not rows:
        return
    named = {claim.settlement_id for row in rows for claim in row.claims.all()}
    stand = decided(Settlement.objects.all()).filter(pk__in=named)
    now = {one.pk: fen for one, fen in own_pay(stand)}
    waits = claim_problems(rows)
    for row in rows:
        if row.status == Status.PAID:  # it came back from the bank
            words = waits.get(row.pk) or _asked_back(row)
        elif row.status != Status.APPROVED:
            words = f"救助单 {row.number} 现为“{row.get_status_display()}”，不能支付"
        else:
            words = standing_against(row, on) or waits.get(row.pk) or _fallen(row, now)
        if words:
            yield Obstacle(f"{KEY}{row.pk}", words)


def _asked_back(row: AidApplication) -> str:
    words = asked_back(f"{KEY}{row.pk}")
    return f"救助单 {row.number} {words}" if words else ""


def _fallen(row: AidApplication, now: Mapping[int, int]) -> str:
    """What it rests on is no longer what was approved."""
    for claim in row.claims.all():
        if now.get(claim.settlement_id, 0) < to_fen(claim.own_amount):
            return f"救助单 {row.number} 所依据的结算单已撤回或改算，请退回重新审核"
    return ""


def hold_to_give_up(key: str) -> None:
    """Before the order: the cover, under which caps are computed, and the application."""
    for row in PAYING.named([key]):
        held(row)


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """The assistance is withdrawn, and its money the fund's again."""
    for row in PAYING.held([order.key]):
        if words := _asked_back(row):
            raise Refusal(words)
        keep(
            actor=actor,
            order=order,
            parts=[replace(part_of(row), amount=order.rest_amount)],
            on=on,
            key=f"{KEY}{row.pk}:returned",
            source=f"救助单 {row.number}",
        )
        APPLICATIONS.take(row, "give_up_aid", actor=actor)


def place(key: str) -> str:
    """The page of the application."""
    ids = ids_of([key], KEY)
    return reverse("claims:aid", args=ids) if ids else ""
