"""What second compensations answer when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import User
from claims.recovery.resting import asked_back
from claims.second.computing import claim_problems, due_now
from claims.second.models import KEY, SecondPayment
from claims.second.services import part_of
from claims.second.workflow import PAYMENTS
from funds.payments.keeping import keep
from funds.payments.models import PaymentOrder
from funds.payments.rooms import Obstacle, OwnRows
from lib import typed_text
from lib.money import to_fen

Status = SecondPayment.Status

PAYING = OwnRows(
    KEY,
    SecondPayment.objects.select_related("person", "run__pack", "division", "cover"),
    PAYMENTS,
    "pay_second",
)
sent = PAYING.sent
gives_up = PAYING.gives_up


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Locks the payments, in the order of their key."""
    rows = PAYING.held(keys)
    now = due_now([row for row in rows if row.status == Status.ASKED])
    waits = claim_problems(rows)
    for row in rows:
        if words := waits.get(row.pk) or _against(row, now, on):
            yield Obstacle(f"{KEY}{row.pk}", f"{row}{words}")


def _against(row: SecondPayment, now: Mapping[int, int], on: date) -> str:
    if row.status == Status.PAID:  # it came back from the bank
        return asked_back(f"{KEY}{row.pk}")
    if row.status != Status.ASKED:
        return f"现为“{row.get_status_display()}”，不能支付"
    if now[row.pk] < to_fen(row.amount):
        return "所依据的结算单已撤回或改算，请撤回后重新试算"
    died = row.person.death_date
    if died is not None and died <= on and row.payee == typed_text.name(row.person.name):
        return f"的收款人登记于 {died} 死亡，请撤回，家庭改登账户后重新试算"
    return ""


def hold_to_give_up(key: str) -> None:
    """Before the order: the payment."""
    PAYING.held([key])


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """It is withdrawn, and its money the fund's again."""
    for row in PAYING.held([order.key]):
        if words := asked_back(order.key):
            raise Refusal(f"{row}{words}")
        keep(
            actor=actor,
            order=order,
            parts=[part_of(row, order.rest_amount)],
            on=on,
            key=f"{order.key}:returned",
            source=str(row),
        )
        PAYMENTS.take(row, "give_up_second", actor=actor)


def place(key: str) -> str:
    """The page of the list on which the payment stands."""
    row = PAYING.named([key]).first()
    return reverse("claims:second", args=[row.run_id]) if row else ""
