"""The cashier takes what came back: vouchers in each book that had paid, usage given back with it,
and what was computed after the settlement computed anew."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.clearing.standing import call_off_given_back
from claims.dependence.family import Family, hold_family
from claims.dependence.models import Supplement
from claims.dependence.services import follow
from claims.dependence.supplements import key_of as supplement_key
from claims.dependence.supplements import replace_supplements
from claims.models import Settlement, UsageEntry
from claims.paying.parts import ledger_lines, parts_from, places_of
from claims.paying.services import key_of as settlement_key
from claims.recovery.instalments import next_shares
from claims.recovery.models import Recovery, RecoveryReceipt
from claims.recovery.services import order_at_the_fund, payment_of, take_back_returned
from claims.recovery.workflow import RECOVERIES
from claims.services.drawn import count_anew
from claims.services.settling import give_back_usage
from claims.shares import (
    Shares,
    as_fen,
    due_shares,
    given_shares,
    is_wholly_back,
    of_parts,
    paid_shares,
    plus,
    standing_shares,
    total,
)
from claims.visits.parts import refuse_before_later
from desk.changes import all_or_nothing
from desk.numbers import next_number
from funds.payments.booking import labels_of, line_of
from funds.payments.keeping import keep
from funds.payments.models import PaymentOrder, PaymentPart
from funds.services import EventLine, post_event
from lib.money import half_up, to_fen, to_yuan, told
from policies.services import terms_of
from policies.terms import Terms

Way = RecoveryReceipt.Way
KEY = "recovery:"
SERIES = "claims_recovery_receipt"


@all_or_nothing()
def receive(
    *,
    actor: User,
    recovery: Recovery,
    amount: Decimal,
    on: date,
    today: date,
    way: str = Way.BANK,
    reference: str = "",
    payer_name: str = "",
    entry_key: UUID | None = None,
) -> RecoveryReceipt:
    """Take all of a debt or an instalment. Raises Refusal.

    Money paid this year comes back into the expense (E08), money of earlier years into other income
    (E09). Of an instalment each layer gets its part (recovery/instalments.py). With the money the
    usage goes back that it stands for, and settlements that were computed after are computed anew.
    """
    family = hold_family(recovery.settlement_id)
    row = RECOVERIES.lock(recovery.pk)
    owed = row.rest_amount
    fen, back = _checked(amount, owed), to_fen(row.received_amount)
    head = family.head
    returned = order_at_the_fund(head, row.payment_key)
    shares = next_shares(row, fen, head, order=returned, kept=way == Way.KEPT)
    order = _lying_at_the_fund(returned, head, way, shares)
    event = "receive_recovery" if to_yuan(fen) == owed else "receive_part"
    RECOVERIES.check(row, event, actor)
    if on > today:
        raise Refusal(f"收款日期不能晚于今天 {today}，请按到账日期填写", "received_on")
    payment = payment_of(row)
    if payment.paid_on is None or on < payment.paid_on:
        raise Refusal(
            f"收款日期早于{payment.name} 的支付日期 {payment.paid_on}，请核对", "received_on"
        )
    if way not in Way.values:
        raise Refusal("请选择收款方式", "way")
    if order is not None:
        reference = order.source
    elif way != Way.CASH and not reference.strip():
        raise Refusal("请填写银行流水号或抵扣的付款单号", "reference")
    receipt = RecoveryReceipt.objects.create(
        recovery=row,
        number=_number(row, on),
        way=way,
        reference=reference.strip()[:60],
        payer_name=(payer_name.strip() or row.debtor_name)[:100],
        amount=to_yuan(fen),
        received_on=on,
        received_by=actor,
        entry_key=entry_key,
        shares=as_fen(shares),
        # Filled before the row is written: what a receipt says never changes.
        voucher_number=_keep(row, head, order, back, shares, actor=actor, on=on)
        if order is not None
        else _post(row, head, back, shares, way=way, actor=actor, on=on),
    )
    RECOVERIES.take(row, event, actor=actor, beside={"receipt": receipt.number})
    _follow_up(receipt, row, family, back + fen)
    return receipt


def _lying_at_the_fund(
    order: PaymentOrder | None, head: Settlement, way: str, shares: Shares
) -> PaymentOrder | None:
    """What the bank gave back, when the money is taken out of that. Raises Refusal where the way
    does not fit where the money is: a layer that has no part in what came back the payee has, and
    brings."""
    if way != Way.KEPT:
        if order is None or not _bears(order, shares, head):
            return None
        raise Refusal(
            f"{order.source}的款项现为“{order.get_status_display()}”，还在支出户，"
            "没有到收款人手里：收款方式请选“从退汇款扣回”"
        )
    if order is None:
        raise Refusal(f"结算单 {head.number} 没有退汇在支出户的款项，请选收到款项的方式", "way")
    if order.status == PaymentOrder.Status.GIVING_UP:
        raise Refusal(f"{order.source}的退汇款已申请转回基金，请复核人先批准或不同意")
    return order


def _bears(order: PaymentOrder, shares: Shares, head: Settlement) -> bool:
    """Whether any of these shares is of a part that the order has money left of."""
    parts = order.parts.prefetch_related("kept")
    there = {(part.fund_type, part.purpose) for part in parts if part.rest_amount}
    return any((one.fund_type, one.purpose) in there for one in parts_from(shares, head))


def _follow_up(receipt: RecoveryReceipt, row: Recovery, family: Family, back: int) -> None:
    """Usage, what is still owed, the cover's figure, and what was computed after: `back` fen of the
    debt have come back."""
    _give_back(receipt, row, family.head, back)
    what = "已追回" if row.status == Recovery.Status.RECEIVED else "部分追回"
    _after(row, family, what, actor=receipt.received_by)


def _after(row: Recovery, family: Family, what: str, *, actor: User) -> None:
    head = family.head
    if is_wholly_back(head):
        replace_supplements(head, actor=actor)
        call_off_given_back(head, actor=actor, reason=f"结算单 {head.number} {what}")
    count_anew(head.visit.enrollment_id)
    if row.usage != Recovery.Usage.DONE:
        follow(family, what=what, actor=actor)


@all_or_nothing()
def end_without_money(*, actor: User, recovery: Recovery) -> Recovery:
    """The third hand agrees that a claim for which nothing was given falls: its usage goes back,
    and what was computed after it is computed anew. Raises Refusal."""
    family = hold_family(recovery.settlement_id)
    row = RECOVERIES.lock(recovery.pk)
    RECOVERIES.check(row, "end_recovery", actor)
    if row.amount:
        raise Refusal(f"追回单 {row.number} 应追回 {told(row.amount)} 元，收齐以后才办结")
    head = family.head
    if left := total(standing_shares(head, terms_of(head.pack))):
        raise Refusal(
            f"结算单 {head.number} 提出以后又支付了 {told(to_yuan(left))} 元，"
            "请不予追回，再按现在的金额重新提出"
        )
    refuse_before_later(head)
    row = RECOVERIES.take(row, "end_recovery", actor=actor)
    give_back_usage(head)
    _after(row, family, "撤销待遇", actor=actor)
    return row


@all_or_nothing()
def give_up_payment(*, actor: User, order: PaymentOrder, settlement: int, on: date) -> None:
    """What the bank gave back of a settlement, or more on it, and nobody claims: the fund's again,
    and its usage goes back as with any other money (funds/payments/keeping.py). Raises Refusal
    while something else on the settlement is not settled."""
    family = hold_family(settlement)
    head = family.head
    terms = terms_of(head.pack)
    left = standing_shares(head, terms)
    asked = plus(left, _paid_otherwise(head, order, terms), -1)
    if to_yuan(total(asked)) != order.rest_amount or any(one.fen < 0 for one in asked.values()):
        raise Refusal(
            f"结算单 {head.number} 还有没办结的追回或月结扣减，请先办结，再把退汇款转回基金"
        )
    is_whole = asked == left
    if is_whole:
        refuse_before_later(head)
    row = take_back_returned(head, asked, actor=actor, order=order, is_whole=is_whole)
    fen = total(asked)
    receipt = RecoveryReceipt.objects.create(
        recovery=row,
        number=_number(row, on),
        way=Way.KEPT,
        reference=order.source[:60],
        payer_name=order.payee,
        amount=to_yuan(fen),
        received_on=on,
        received_by=actor,
        shares=as_fen(asked),
        voucher_number=_keep(row, head, order, 0, asked, actor=actor, on=on),
    )
    _follow_up(receipt, row, family, fen)


def _paid_otherwise(head: Settlement, order: PaymentOrder, terms: Terms) -> Shares:
    """What other orders than this one paid of the settlement."""
    found: Shares = {}
    if order.key != settlement_key(head):
        found = given_shares(paid_shares(head, terms), head, terms)
    for more in head.supplements.filter(status=Supplement.Status.PAID):
        if order.key != supplement_key(more):
            found = plus(found, of_parts(more.parts.all()))
    return found


def _checked(amount: Decimal, owed: Decimal) -> int:
    try:
        fen = to_fen(amount)
    except ValueError:
        raise Refusal("收款金额最多两位小数", "amount") from None
    if not 0 < fen <= to_fen(owed):
        raise Refusal(f"收款金额应大于 0、不超过尚未收回的 {told(owed)} 元", "amount")
    return fen


def _number(row: Recovery, on: date) -> str:
    area = row.division.county_code
    return f"{area}{on.year}S{next_number(SERIES, area, on.year):06d}"


def key_of(recovery: int, back: int) -> str:
    """The ledger's key of what came back of a debt after `back` fen had."""
    return f"{KEY}{recovery}:{back}"


def _post(
    row: Recovery, head: Settlement, back: int, shares: Shares, *, way: str, actor: User, on: date
) -> str:
    """One voucher in each book; their numbers, those of other books with the book's name."""
    area, township = places_of(row.division)
    lines = _lines(row, shares, head, township)
    paid_on = payment_of(row).paid_on
    if paid_on is not None and paid_on.year == on.year:
        event = "claim_recovered"
    else:
        event = "prior_recovery_set_off" if way == Way.SET_OFF else "prior_recovery"
    vouchers = {
        book: post_event(
            event=event,
            area=area,
            on=on,
            key=key_of(row.pk, back),
            source=f"追回单 {row.number}",
            actor=actor,
            lines=lines[book],
            fund_type=book,
        ).label
        for book in sorted(lines)
    }
    return labels_of(vouchers)


def _lines(
    row: Recovery, shares: Shares, head: Settlement, township: Division | None
) -> dict[str, list[EventLine]]:
    """Book → its lines, as it was paid: with the claim, or by an order of one part."""
    if not row.payment_key:
        return ledger_lines(shares, head, township)
    part = PaymentPart.objects.get(order__key=row.payment_key)
    part.amount = to_yuan(total(shares))
    return {part.fund_type: [line_of(part, township)]}


def _keep(
    row: Recovery,
    head: Settlement,
    order: PaymentOrder,
    back: int,
    shares: Shares,
    *,
    actor: User,
    on: date,
) -> str:
    """The same out of what the bank gave back."""
    return keep(
        actor=actor,
        order=order,
        parts=parts_from(shares, head),
        on=on,
        key=key_of(row.pk, back),
        source=f"追回单 {row.number}",
    )


def _give_back(receipt: RecoveryReceipt, row: Recovery, head: Settlement, back: int) -> None:
    """Usage that goes back with the money: in all as much as came back is of what was paid.

    A settlement of which all comes back gives back all of it; of a part, days, visits and
    deductibles stay, for the visit took place and the deductible was borne.
    """
    if row.usage != Recovery.Usage.PROPORTION:
        return
    terms = terms_of(head.pack)
    given = given_shares(due_shares(head, terms), head, terms)
    whole = to_fen(row.amount) if row.is_whole else total(given)
    stays = frozenset() if row.is_whole else borne_counters(terms)
    computed, returned = _usage(head, row)
    rows = []
    for key, amount in computed.items():
        person, household, year, counter = key
        kind = terms.counters.get(counter.partition("@")[0])
        counted = kind is not None and kind.unit != "fen"
        if counter.partition("@")[0] in stays or (counted and not row.is_whole):
            continue
        if counted:
            due = amount if back == whole else 0
        else:
            sign = -1 if amount < 0 else 1
            due = sign * half_up(abs(amount) * min(back, whole), whole)
        change = due + returned.get(key, 0)
        if change:
            rows.append(
                UsageEntry(
                    settlement=head,
                    person_id=person,
                    household_id=household,
                    policy_year=year,
                    counter=counter,
                    amount=-change,
                    receipt=receipt,
                )
            )
    UsageEntry.objects.bulk_create(rows)


Key = tuple[int | None, int | None, int, str]


def _usage(head: Settlement, row: Recovery) -> tuple[dict[Key, int], dict[Key, int]]:
    """What the settlement is computed to use (less what other debts gave back, when all of the
    rest comes back), and what this debt has given back so far (below zero)."""
    computed: dict[Key, int] = {}
    returned: dict[Key, int] = {}
    for one in UsageEntry.objects.filter(settlement=head).select_related("receipt"):
        key = (one.person_id, one.household_id, one.policy_year, one.counter)
        if one.receipt is not None and one.receipt.recovery_id == row.pk:
            returned[key] = returned.get(key, 0) + one.amount
        elif one.receipt is None or row.is_whole:
            computed[key] = computed.get(key, 0) + one.amount
    return computed, returned


def borne_counters(terms: Terms) -> frozenset[str]:
    """Counters of deductibles: what the patient bore, whatever comes back of the payment."""
    schemes = [one.scheme for one in terms.benefits] + [one.scheme for one in terms.layers]
    rules = [one.deductible for one in schemes if one is not None and one.deductible is not None]
    named = {rule.counter for rule in rules}
    named |= {rule.ceiling.counter for rule in rules if rule.ceiling is not None}
    return frozenset(one for one in named if one is not None)
