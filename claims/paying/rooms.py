"""What claims answer when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from django.db.models import Q
from django.urls import reverse

from accounts.models import Division, User
from claims.clearing.accounts import behind_set_offs
from claims.clearing.models import ClearingClaim
from claims.clearing.standing import BACK_KEY as BACK
from claims.clearing.standing import KEY as CLEARING
from claims.clearing.standing import numbers_of
from claims.clearing.unclaimed import is_gone, keep_unclaimed
from claims.dependence.family import hold_family
from claims.dependence.models import Supplement
from claims.dependence.supplements import KEY as SUPPLEMENT
from claims.models import Settlement
from claims.paying.against import against_again, held_settlements, standing_against
from claims.paying.checking import problems
from claims.paying.seen import digest_of
from claims.paying.services import KEY, NOT_WHAT_WAS_SEEN, void
from claims.recovery.receiving import give_up_payment
from claims.workflow import SETTLEMENTS
from funds.payments.models import PaymentOrder
from funds.payments.rooms import Obstacle, ids_of

Status = Settlement.Status


def _hold_all_behind(keys: Sequence[str]) -> None:
    """Lock every settlement that these orders pay for, singly, in a clearing or more on it, in one
    order: room by room, two releases and a claim that falls could each wait for the other."""
    clearings = ids_of(keys, CLEARING)
    supplements = Supplement.objects.filter(pk__in=ids_of(keys, SUPPLEMENT))
    behind = Q(pk__in=ids_of(keys, KEY)) | Q(pk__in=supplements.values("settlement"))
    given_back = ids_of(keys, BACK)
    if given_back:
        claims = ClearingClaim.objects.filter(deductions__in=given_back)
        behind |= Q(pk__in=claims.values("settlement"))
    if clearings:
        claims = ClearingClaim.objects.live().filter(clearing__in=clearings)
        behind |= Q(pk__in=claims.values("settlement")) | Q(pk__in=behind_set_offs(clearings))
    rows = Settlement.objects.select_for_update(no_key=True).filter(behind)
    list(rows.order_by("pk").values_list("pk"))


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Locks the settlements, in the order of their key."""
    _hold_all_behind(keys)
    rows = held_settlements(ids_of(keys, KEY))
    cleared = numbers_of([row.pk for row in rows])
    for row in rows:
        if row.pk in cleared:
            words = f"结算单 {row.number} 已列入月结清算单 {cleared[row.pk]}，不能单付"
            yield Obstacle(f"{KEY}{row.pk}", words)
        elif (found := _obstacle(row, on)) is not None:
            yield found


def _obstacle(row: Settlement, on: date) -> Obstacle | None:
    key = f"{KEY}{row.pk}"
    again = against_again(row) if row.status == Status.PAID else ""
    if words := standing_against(row, on) or again:
        return Obstacle(key, words)
    # What came back from the bank was agreed to anew there, by two others.
    if row.status == Status.APPROVED and row.digest != digest_of(row):
        undo = partial(void, row, words=NOT_WHAT_WAS_SEEN, cancels=False)
        return Obstacle(key, f"结算单 {row.number} {NOT_WHAT_WAS_SEEN}", undo)
    return None


def sent(labels: Mapping[str, str], actor: User, on: date) -> None:
    """The money has gone: the claims, locked by `obstacles`, are paid."""
    rows = list(
        Settlement.objects.select_related("division", "visit")
        .filter(pk__in=ids_of(list(labels), KEY), status=Status.APPROVED)
        .order_by("pk")
    )
    groups: dict[str, list[Settlement]] = {}
    for row in rows:
        groups.setdefault(labels[f"{KEY}{row.pk}"], []).append(row)
    for label, some in groups.items():
        SETTLEMENTS.take_many(some, "paid", actor=actor, paid_on=on, voucher_number=label)
    for row in rows:
        SETTLEMENTS.note(row, "paid", actor=actor)


def gives_up(key: str) -> bool:
    """A household may be gone, an institution when it has closed."""
    rows = Settlement.objects.paid().filter(pk__in=ids_of([key], KEY))
    return any(
        row.pay_to == Settlement.PayTo.HOUSEHOLD or is_gone(row.visit.institution)
        for row in rows.select_related("visit__institution")
    )


def hold_to_give_up(key: str) -> None:
    """Before the order: the claim with what was computed after it."""
    for pk in ids_of([key], KEY):
        hold_family(pk)


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """The claim's money is back, and its usage goes back with it; not where the institution had
    lent it to the insured."""
    for pk in ids_of([order.key], KEY):
        if Settlement.objects.get(pk=pk).pay_to == Settlement.PayTo.INSTITUTION:
            keep_unclaimed(order, [pk], actor=actor, on=on)
            continue
        give_up_payment(actor=actor, order=order, settlement=pk, on=on)


def place(key: str) -> str:
    """The page of the claim."""
    ids = ids_of([key], KEY)
    return reverse("claims:claim", args=ids) if ids else ""


def payment_problems(area: Division) -> Iterator[str]:
    """What does not agree between claims and orders."""
    return problems(area)
