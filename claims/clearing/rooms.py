"""What clearings answer when payments are made (funds/payments/rooms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.clearing.accounts import behind_set_offs, debts_of
from claims.clearing.breakdown import Breakdown
from claims.clearing.models import Clearing, ClearingClaim, Deduction, DepositReturn, Prepayment
from claims.clearing.services import stated
from claims.clearing.standing import BACK_KEY, KEY, PREPAYMENT_KEY, RETURN_KEY, key_of
from claims.clearing.unclaimed import (
    hold_claims,
    is_gone,
    keep_advance,
    keep_unclaimed,
    refuse_asked,
    worked_off,
)
from claims.clearing.workflow import CLEARINGS
from claims.clearing.worth import wrong_shares
from claims.models import Settlement
from claims.paying.against import held_settlements, standing_against
from claims.paying.seen import digest_of
from claims.recovery.brought import give_back_brought
from claims.recovery.models import RecoveryReceipt
from claims.recovery.receiving import receive
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from funds.payments.models import PaymentOrder
from funds.payments.rooms import Obstacle, ids_of
from funds.payments.services import Part
from funds.services import EventLine, post_event
from institutions.models import Institution
from lib.money import told

Status = Clearing.Status
ZERO = Decimal(0)


def obstacles(keys: Sequence[str], on: date) -> Iterator[Obstacle]:
    """Of both kinds, each only where it has a key here."""
    if ids := ids_of(keys, KEY):
        yield from _against_clearings(ids, on)
    if ids := ids_of(keys, BACK_KEY):
        yield from _against_given_back(ids, on)


def _against_clearings(ids: Sequence[int], on: date) -> Iterator[Obstacle]:
    """Locks the settlements of all these clearings in the order of their key, then these."""
    claims = ClearingClaim.objects.live().filter(clearing__in=ids)
    settlements = {row.pk: row for row in held_settlements(claims.values("settlement"))}
    for pk in sorted(ids):
        clearing = CLEARINGS.lock(pk)
        mine = clearing.claims.live().values_list("settlement", flat=True)
        if words := _against(clearing, [settlements.get(one) for one in mine], on):
            yield Obstacle(f"{KEY}{pk}", f"月结清算单 {clearing.number}：{words}")


def _against_given_back(ids: Sequence[int], on: date) -> Iterator[Obstacle]:
    """What a dispute gave back of a claim is not paid while the claim is held or all of it is asked
    back. Locks the claims."""
    rows = Deduction.objects.filter(pk__in=ids)
    claims = {one.pk: one for one in held_settlements(rows.values("claim__settlement"))}
    for pk, settlement in rows.order_by("pk").values_list("pk", "claim__settlement"):
        if words := standing_against(claims[settlement], on):
            yield Obstacle(f"{BACK_KEY}{pk}", words)


def _against(clearing: Clearing, rows: Sequence[Settlement | None], on: date) -> str:
    """In words; "" when nothing does."""
    if clearing.status == Status.PAID:  # it came back from the bank
        return ""
    if clearing.status != Status.CONFIRMED:
        return f"现为“{clearing.get_status_display()}”，不能支付"
    found = [words for row in rows if (words := _against_claim(row, on))]
    return f"{found[0]}；请收回重核" if found else _against_set_off(clearing)


def _against_claim(row: Settlement | None, on: date) -> str:
    if row is None:
        return "列入的结算单刚有变动"
    if words := standing_against(row, on):
        return words
    return "" if row.digest == digest_of(row) else f"结算单 {row.number} 与审核时所见不同"


def _against_set_off(clearing: Clearing) -> str:
    debt = sum((one.rest_amount for one in debts_of(clearing.institution)), ZERO)
    if debt < clearing.set_off_amount:
        off = clearing.set_off_amount
        return f"应追回款现为 {told(debt)} 元，少于拟抵扣的 {told(off)} 元；请收回重核"
    return ""


def sent(labels: Mapping[str, str], actor: User, on: date) -> None:
    """The money has gone: the claims, locked by `obstacles`, are paid, and what was kept back, set
    off and worked off is booked on the same day."""
    for pk in sorted(ids_of(list(labels), KEY)):
        clearing = Clearing.objects.select_related("area", "institution").get(pk=pk)
        if clearing.status == Status.CONFIRMED:
            _paid(clearing, labels[f"{KEY}{pk}"], actor, on)
    for pk in ids_of(list(labels), BACK_KEY):
        Deduction.objects.filter(pk=pk, paid_on=None).update(paid_on=on)
    for model, prefix in ((Prepayment, PREPAYMENT_KEY), (DepositReturn, RETURN_KEY)):
        for pk in ids_of(list(labels), prefix):
            rows = model.objects.filter(pk=pk, paid_on=None)
            rows.update(paid_on=on, voucher_number=labels[f"{prefix}{pk}"])


def _paid(clearing: Clearing, label: str, actor: User, on: date) -> None:
    found = stated(clearing)
    rows = [claim.settlement for claim in clearing.claims.live().select_related(
        "settlement__division", "settlement__visit").order_by("settlement_id")]  # fmt: skip
    SETTLEMENTS.take_many(rows, "paid", actor=actor, paid_on=on, voucher_number=label)
    for row in rows:
        SETTLEMENTS.note(row, "paid", actor=actor)
    CLEARINGS.take(clearing, "pay_clearing", actor=actor, paid_on=on, voucher_number=label)
    # What is set off comes back first: nothing leaves the account for it, so none must be there.
    _set_off(clearing, actor, on)
    _book(clearing, found, on)


def _book(clearing: Clearing, found: Breakdown, on: date) -> None:
    """What the bank did not move. What is set off is expense in full: the debt has received it."""
    for event, parts in (
        ("deposit_withheld", found.deposit),
        ("claim_paid", found.set_off),
        ("prepayment_used", found.prepaid),
    ):
        if parts:
            post_event(
                event=event,
                area=clearing.area,
                on=on,
                key=f"{key_of(clearing)}:{event}",
                source=f"月结清算单 {clearing.number}",
                actor=clearing.issued_by,
                lines=[_line(part) for part in parts],
            )


def _line(part: Part) -> EventLine:
    return EventLine(
        amount=part.amount,
        tier=part.tier,
        policy_year=part.policy_year,
        institution_code=part.institution_code,
        purpose=part.purpose,
    )


def _set_off(clearing: Clearing, actor: User, on: date) -> None:
    """The oldest debt first. The cashier receives it as any other money that comes back."""
    left = clearing.set_off_amount
    for debt in debts_of(clearing.institution):
        amount = min(left, debt.rest_amount)
        if amount <= ZERO:
            break
        receive(
            actor=actor,
            recovery=debt,
            amount=amount,
            on=on,
            today=on,
            way=RecoveryReceipt.Way.SET_OFF,
            reference=clearing.number,
            payer_name=clearing.institution.name,
        )
        left -= amount
    if left > ZERO:
        raise Refusal(f"月结清算单 {clearing.number} 的应追回款刚有变动，请收回重核")


@all_or_nothing()
def settle_without_money(*, actor: User, clearing: Clearing, on: date, today: date) -> Clearing:
    """A month that debts and advances take whole: nothing goes to the bank, all of it is booked."""
    own = clearing.claims.live().values_list("settlement", flat=True)
    keys = {*own, *behind_set_offs([clearing.pk])}
    settlements = {row.pk: row for row in held_settlements(keys)}
    held = CLEARINGS.lock(clearing.pk)
    mine = held.claims.live().order_by("settlement").values_list("settlement", flat=True)
    rows = [settlements.get(one) for one in mine]
    CLEARINGS.check(held, "pay_clearing", actor)
    if held.paid_amount:
        raise Refusal(f"清算单 {held.number} 应付 {told(held.paid_amount)} 元，请编入支付批次")
    if on > today:
        raise Refusal(f"日期不能晚于今天 {today}", "paid_on")
    if words := _against(held, rows, on):
        raise Refusal(f"月结清算单 {held.number}：{words}")
    _paid(held, "", actor, on)
    return CLEARINGS.lock(held.pk)


def _institution_of(key: str) -> Institution | None:
    """Whose money the order of this key pays; None when it is none of these."""
    if ids := ids_of([key], BACK_KEY):
        rows = Institution.objects.filter(clearings__claims__deductions__in=ids)
    elif ids := ids_of([key], KEY):
        rows = Institution.objects.filter(clearings__in=ids)
    else:
        found = [
            one.institution
            for model, prefix in ((Prepayment, PREPAYMENT_KEY), (DepositReturn, RETURN_KEY))
            for one in model.objects.filter(pk__in=ids_of([key], prefix))
        ]
        return found[0] if found else None
    return rows.first()


def _claims_of(key: str) -> list[int]:
    """The settlements of which the order of this key pays something."""
    live = ClearingClaim.objects.live().filter(clearing__in=ids_of([key], KEY))
    back = ClearingClaim.objects.filter(deductions__in=ids_of([key], BACK_KEY))
    found = [live, back]
    for row in DepositReturn.objects.filter(pk__in=ids_of([key], RETURN_KEY)):
        months = row.institution.clearings.filter(month__year=row.year)
        found.append(ClearingClaim.objects.live().filter(clearing__in=months))
    for advance in Prepayment.objects.filter(pk__in=ids_of([key], PREPAYMENT_KEY)):
        used = [month for month, _ in worked_off(advance.institution, advance.year)]
        found.append(ClearingClaim.objects.live().filter(clearing__in=used))
    return [pk for rows in found for pk in rows.values_list("settlement", flat=True)]


def gives_up(key: str) -> bool:
    """Of one that has closed."""
    return is_gone(_institution_of(key))


def hold_to_give_up(key: str) -> None:
    """Before the order: its claims, then the clearing."""
    hold_claims(_claims_of(key))
    for pk in ids_of([key], KEY):
        CLEARINGS.lock(pk)


def given_up(order: PaymentOrder, actor: User, on: date) -> None:
    """The institution never claimed it: the fund's again, nothing else changes."""
    institution = _institution_of(order.key)
    if institution is None:
        return
    claims = _claims_of(order.key)
    for prepayment in Prepayment.objects.filter(pk__in=ids_of([order.key], PREPAYMENT_KEY)):
        refuse_asked(order, claims)
        keep_advance(order, prepayment, actor=actor, on=on)
        give_back_brought(claims, of=order, actor=actor, on=on)
        return
    keep_unclaimed(order, claims, actor=actor, on=on)


def place(key: str) -> str:
    """The page of the clearing, or of what an institution gets besides."""
    if ids := ids_of([key], KEY):
        return reverse("claims:clearing", args=ids)
    if ids := ids_of([key], BACK_KEY):
        found = Deduction.objects.filter(pk=ids[0]).values_list("claim__clearing", flat=True)
        return reverse("claims:clearing", args=[found[0]]) if found else ""
    if ids_of([key], PREPAYMENT_KEY):
        return reverse("claims:prepayments")
    return reverse("claims:deposit_returns") if ids_of([key], RETURN_KEY) else ""


def payment_problems(area: Division) -> Iterator[str]:
    """Clearings whose claims, statement and order do not make one sum."""
    rows = Clearing.objects.filter(area=area, status__in=Clearing.STATED)
    for row in rows.order_by("pk"):
        claims = row.claims.live()
        sums = claims.aggregate(claimed=Sum("amount", default=ZERO), gain=Sum("gain", default=ZERO))
        claimed, gain = sums["claimed"], sums["gain"]
        counted = Deduction.objects.counted().filter(claim__in=claims)
        off = counted.aggregate(total=Sum("amount", default=ZERO))["total"]
        if (claimed, gain, off) != (row.claimed_amount, row.gain_amount, row.deducted_amount):
            yield (
                f"月结清算单 {row.number}：逐笔合计 {claimed}、按付费方式差额 {gain}、"
                f"扣减 {off}，与清算单不符"
            )
        for claim in wrong_shares(row):
            yield (
                f"月结清算单 {row.number}：结算单 {claim.settlement.number} 给付 {claim.worth}，"
                "与付费方式不符"
            )
        if row.status == Status.PAID and row.paid_amount:
            order = PaymentOrder.objects.filter(key=key_of(row)).first()
            if order is None or order.amount != row.paid_amount:
                yield f"月结清算单 {row.number}：支付单与应付 {row.paid_amount} 不符"
