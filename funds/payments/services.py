"""Orders and batches: asking for a payment, putting orders together, releasing them, and back.

Order of locks everywhere: batch, what the orders pay for (claims lock settlements), orders,
the month's counter. Who holds an order and needs its batch asks the batch first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import Division, User
from accounts.readable import readable
from desk.changes import all_or_nothing
from desk.numbers import next_number
from desk.reasons import given_reason
from desk.seen import fingerprint, refuse_stale
from desk.typed_again import refuse_other_account
from funds.models import ZERO, Book
from funds.payments.booking import book_release, book_returns
from funds.payments.means import REMEDY, means_of
from funds.payments.models import (
    INDEX,
    PaymentBatch,
    PaymentOrder,
    PaymentPart,
    ReturnNote,
    Transfer,
    account_index,
    is_exchanged,
)
from funds.payments.rooms import Obstacle, is_named_here, obstacles, refusal_of, tell_sent
from funds.payments.workflow import BATCHES, NOTES, ORDERS
from lib import typed_text
from lib.bank_numbers import SHAPE, is_account, without_blanks
from lib.money import told

Status = PaymentOrder.Status
Outcome = Transfer.Outcome
# What somebody ticks at once; a bank takes files of so many lines, no norm says how many.
MAX_ORDERS = 2_000
SERIES = "payment_batch"


@dataclass(frozen=True, kw_only=True)
class Payee:
    """Who gets the money, and where it goes; without an account it cannot be sent yet."""

    name: str
    account: str = ""
    bank: str = ""
    # Of an institution, which the bank knows by its contract.
    code: str = ""

    def columns(self) -> dict[str, Any]:
        """As orders and transfers keep it."""
        return {
            "payee": self.name,
            "payee_code": self.code,
            "account": self.account,
            "bank": self.bank,
            "account_index": account_index(self.account),
        }


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one book bears of it, with its dimensions in the ledger (funds.services.EventLine).
    Named as the columns of `PaymentPart` are."""

    amount: Decimal
    fund_type: str = Book.FundType.RESIDENT
    purpose: str = ""
    tier: str = ""
    policy_year: int | None = None
    institution_code: str = ""
    funding_level: str = ""


def checked_payee(name: str, account: str, bank: str) -> Payee:
    """As somebody typed it. Raises Refusal that names the input."""
    name = typed_text.name(readable(name, "收款人", "payee"))
    account = without_blanks(readable(account, "收款账号", "account"))
    if not name:
        raise Refusal("请填写收款人", "payee")
    if account and not is_account(account):
        raise Refusal(f"收款账号应是 {SHAPE}，请按存折或银行卡填写", "account")
    return Payee(name=name, account=account, bank=readable(bank, "开户行", "bank"))


@all_or_nothing()
def order_payment(
    *,
    actor: User | None,
    area: Division,
    division: Division,
    township: Division | None,
    key: str,
    event: str,
    source: str,
    payee: Payee,
    parts: Sequence[Part],
    on: date,
) -> PaymentOrder:
    """Ask for a payment: once for ever under its `key`. Locks nothing but the order.

    The same key again returns the order that is there; one that was called off is taken up again
    with what it is to pay now. Raises Refusal when it is there with something else.
    """
    amount = sum((part.amount for part in parts), ZERO)
    facts: dict[str, Any] = {"source": source, "amount": amount, **payee.columns()}
    existing = PaymentOrder.objects.filter(key=key).first()
    if existing is None:
        order = ORDERS.create(
            "order_payment",
            actor=actor,
            area=area,
            division=division,
            township=township,
            key=key,
            event=event,
            asked_by=actor,
            asked_on=on,
            **facts,
        )
    else:
        order = ORDERS.lock(existing.pk)
        if order.status != Status.CANCELLED:
            if (order.event, order.amount) != (event, amount):
                asked = f"已提出支付 {told(order.amount)} 元"
                raise Refusal(f"{order.source}{asked}，与这次不同，请核对")
            return order
        if order.event != event:
            raise ValueError(f"{key} is booked as {order.event}")
        order.parts.all().delete()
        order = ORDERS.take(
            order,
            "renew_order",
            actor=actor,
            division=division,
            township=township,
            asked_by=actor,
            asked_on=on,
            **facts,
        )
    PaymentPart.objects.bulk_create(PaymentPart(order=order, **asdict(part)) for part in parts)
    return order


def order_of(key: str) -> PaymentOrder | None:
    """The order of this business, whatever became of it."""
    return PaymentOrder.objects.select_related("batch").filter(key=key).first()


@all_or_nothing()
def cancel_order(*, actor: User | None, key: str, reason: str) -> None:
    """Call a payment off that nobody has put into a batch; where there is none, nothing happens.

    Raises Refusal once it is in a batch or has gone.
    """
    found = PaymentOrder.objects.filter(key=key).first()
    if found is None:
        return
    order = ORDERS.lock(found.pk)
    if order.status == Status.CANCELLED:
        return
    if order.status == Status.BATCHED and order.batch is not None:
        raise Refusal(f"{order.source}已编入{order.batch}，请先由会计移出批次再办")
    if order.status != Status.WAITING:
        raise Refusal(f"{order.source}的款项现为“{order.get_status_display()}”，不能取消支付")
    ORDERS.take(order, "cancel_order", actor=actor, reason=reason[:200])


# -- batches -----------------------------------------------------------------------------------


def _locked(orders: Iterable[int]) -> list[PaymentOrder]:
    """The orders as they are now, in the order of their key."""
    return list(
        PaymentOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("area", "township", "division")
        .prefetch_related("parts__kept")
        .filter(pk__in=set(orders))
        .order_by("pk")
    )


@all_or_nothing()
def make_batch(*, actor: User, orders: Sequence[PaymentOrder], on: date) -> PaymentBatch:
    """Put waiting orders together for the cashier; the one who does it prepares the vouchers.

    Raises Refusal, naming them, when one waits no more, has no account, or may not be paid; and
    when an expenditure account has not so much beside the batches that have not gone.
    """
    if not orders:
        raise Refusal("请勾选要支付的款项")
    if len(orders) > MAX_ORDERS:
        raise Refusal(f"一批最多 {MAX_ORDERS} 笔，请分批编制")
    if len({order.area_id for order in orders}) > 1:
        raise Refusal("一批只能有一个统筹区的款项")
    found = obstacles([order.key for order in orders], on)
    rows = _locked(order.pk for order in orders)
    found += [one for row in rows if (one := _not_payable(row)) is not None]
    if found:
        raise refusal_of(found, "请取消勾选后再编批")
    area = rows[0].area
    if short := [one.problem for one in means_of(area, [row.pk for row in rows], on) if one.short]:
        raise Refusal(f"{'；'.join(short)}。{REMEDY}，或取消勾选部分款项")
    year = on.year
    batch = PaymentBatch.objects.create(
        area=area,
        number=f"{year}{next_number(SERIES, area.code, year):05d}",
        number_of=len(rows),
        total=sum((row.rest_amount for row in rows), ZERO),
        made_by=actor,
        made_on=on,
    )
    BATCHES.check(batch, "make_batch", actor)
    Transfer.objects.bulk_create(
        Transfer(
            batch=batch,
            order=row,
            position=position,
            amount=row.rest_amount,
            **row.payee_columns(),
            event="returned_paid" if row.bounces else row.event,
        )
        for position, row in enumerate(rows, start=1)
    )
    ORDERS.take_many(rows, "batched", actor=actor, batch=batch)
    BATCHES.note(batch, "make_batch", actor=actor)
    return batch


def _not_payable(row: PaymentOrder) -> Obstacle | None:
    if row.status != Status.WAITING:
        return Obstacle(row.key, f"{row.source}现为“{row.get_status_display()}”，不在待付之列")
    if not (row.account or row.payee_code):
        return Obstacle(row.key, f"{row.source}没有收款账号，请先补登")
    if is_exchanged(row.account, row.account_index):
        return Obstacle(row.key, f"{row.source}的收款账号与提出支付时不符，请报审计人员核查")
    return None


def _open(batch: PaymentBatch, event: str, actor: User, reason: str = "") -> PaymentBatch:
    """The batch, locked, as long as the step may be taken: before anything that is in it."""
    batch = BATCHES.lock(batch.pk)
    BATCHES.check(batch, event, actor, reason)
    return batch


@all_or_nothing()
def take_out(*, actor: User, transfer: Transfer, reason: str) -> PaymentBatch:
    """Take one order out of a batch that is not released: it waits again. Raises Refusal."""
    batch = _open(transfer.batch, "take_out", actor, reason)
    order, row = _standing(transfer)
    reason = given_reason(reason, asks="移出一笔的原因")
    _drop(actor, batch, order, row, reason)
    return BATCHES.take(
        batch,
        "take_out",
        actor=actor,
        reason=reason,
        number_of=batch.number_of - 1,
        total=batch.total - row.amount,
        beside={"transfer": row.position},
    )


def _standing(transfer: Transfer) -> tuple[PaymentOrder, Transfer]:
    """The order and its line, locked, as long as the line stands in its batch."""
    (order,) = _locked([transfer.order_id])
    row = Transfer.objects.select_for_update(no_key=True).get(pk=transfer.pk)
    if row.outcome == Outcome.TAKEN_OUT:
        raise Refusal(f"{order.source}已移出批次，请刷新")
    return order, row


def _drop(
    actor: User | None, batch: PaymentBatch, order: PaymentOrder, row: Transfer, reason: str
) -> None:
    row.outcome, row.reason = Outcome.TAKEN_OUT, reason
    row.save(update_fields=["outcome", "reason"])
    ORDERS.take(order, "unbatched", actor=actor, reason=reason, batch=None)


@all_or_nothing()
def discard_batch(*, actor: User, batch: PaymentBatch, reason: str) -> PaymentBatch:
    """Give a batch up before it is released: all its orders wait again."""
    batch = _open(batch, "discard_batch", actor, reason)
    reason = given_reason(reason, asks="解散批次的原因")
    rows = _locked(batch.orders.values_list("pk", flat=True))
    Transfer.objects.filter(batch=batch, outcome=Outcome.PENDING).update(
        outcome=Outcome.TAKEN_OUT, reason=reason
    )
    ORDERS.take_many(rows, "unbatched", actor=actor, batch=None)
    return BATCHES.take(batch, "discard_batch", actor=actor, reason=reason)


@all_or_nothing()
def release_batch(
    *, actor: User, batch: PaymentBatch, seen: tuple[int, Decimal], on: date, today: date
) -> PaymentBatch:
    """The money goes: vouchers of the day `on`, one for each book and township, and the rooms are
    told. `seen`: number and sum that the cashier was shown.

    Raises Refusal when the batch changed since, the day does not fit, the month is closed, the
    account of a book has not so much, or one of the orders may not be paid (any more).
    """
    batch = _open(batch, "release_batch", actor)
    _check_day(batch, on, today)
    if (batch.number_of, batch.total) != seen:
        raise Refusal(
            f"{batch}现为 {batch.number_of} 笔、{told(batch.total)} 元，"
            "与您核对时不同，请刷新后再发出"
        )
    if not batch.number_of:
        raise Refusal(f"{batch}里没有款项，请解散")
    keys = list(batch.orders.order_by("key").values_list("key", flat=True))
    if found := obstacles(keys, on):
        refusal = refusal_of(found, "请会计移出批次后再发出")
        if undone := [one for one in found if one.undo is not None]:
            refusal.kept = lambda: _undo(batch, undone)
        raise refusal
    rows = _locked(batch.orders.values_list("pk", flat=True))
    transfers = {row.order_id: row for row in batch.transfers.filter(outcome=Outcome.PENDING)}
    batch.paid_on = on
    labels = book_release(batch, [(row, transfers[row.pk]) for row in rows])
    # Before their status: who asks them now still sees what they were approved as.
    tell_sent(labels, actor, on)
    ORDERS.take_many(rows, "sent", actor=actor)
    return BATCHES.take(batch, "release_batch", actor=actor, paid_on=on)


def _check_day(batch: PaymentBatch, on: date, today: date) -> None:
    if on > today:
        raise Refusal(f"支付日期不能晚于今天 {today}，请按实际付款日期填写", "paid_on")
    if on < batch.made_on:
        raise Refusal(f"支付日期早于批次编制日期 {batch.made_on}，请核对", "paid_on")


@all_or_nothing()
def _undo(batch: PaymentBatch, found: Sequence[Obstacle]) -> None:
    """What no longer holds leaves the batch and is called off, and its room writes that down."""
    batch = BATCHES.lock(batch.pk)
    if batch.status != PaymentBatch.Status.MADE:
        return
    for one in found:
        assert one.undo is not None
        one.undo()
        row = Transfer.objects.filter(
            batch=batch, order__key=one.key, outcome=Outcome.PENDING
        ).first()
        if row is None:
            continue
        (order,) = _locked([row.order_id])
        _drop(None, batch, order, row, one.words[:200])
        ORDERS.take(order, "cancel_order", actor=None, reason=one.words[:200])
        batch.number_of -= 1
        batch.total -= row.amount
    batch.save(update_fields=["number_of", "total"])


# -- what the bank says ------------------------------------------------------------------------


@all_or_nothing()
def note_arrival(*, actor: User, transfers: Sequence[Transfer], on: date) -> int:
    """The bank has paid these out. Returns of how many that was not known."""
    came = [pair for pair in _at_bank(transfers) if pair[1].outcome != Outcome.ARRIVED]
    for _, row in came:
        if row.outcome != Outcome.PENDING:
            raise Refusal(f"付款 {row.reference} 已登记为退汇，不能再登记成功")
    Transfer.objects.filter(pk__in=[row.pk for _, row in came]).update(
        outcome=Outcome.ARRIVED, known_on=on, known_by=actor
    )
    ORDERS.take_many([order for order, _ in came], "arrived", actor=actor)
    return len(came)


@all_or_nothing()
def note_return(
    *, actor: User, transfers: Sequence[tuple[Transfer, str]], on: date
) -> list[PaymentOrder]:
    """The bank gave these back, for that reason: the money is in the account again and still owed
    (暂收款), until the account is put right and it is paid again. Returns the orders that came
    back now; those known before are left as they are."""
    why = {transfer.pk: reason for transfer, reason in transfers}
    came: list[tuple[PaymentOrder, Transfer]] = []
    for order, row in _at_bank([transfer for transfer, _ in transfers]):
        if row.outcome == Outcome.RETURNED:
            continue
        if row.batch.paid_on is not None and on < row.batch.paid_on:
            raise Refusal(f"退汇日期早于付款 {row.reference} 的支付日期 {row.batch.paid_on}", "on")
        reason = given_reason(why[row.pk], asks="银行退回的原因")
        row.outcome, row.known_on, row.known_by = Outcome.RETURNED, on, actor
        row.reason = reason
        row.save(update_fields=["outcome", "known_on", "known_by", "reason"])
        ORDERS.take(
            order,
            "came_back",
            actor=actor,
            batch=None,
            bounces=order.bounces + 1,
            returned_on=on,
            return_reason=reason,
        )
        came.append((order, row))
    book_returns(actor, came, on)
    return [order for order, _ in came]


@all_or_nothing()
def tell_return(
    *, actor: User, transfer: Transfer, on: date, reason: str, evidence: str, today: date
) -> ReturnNote:
    """Say by hand that the bank gave a payment back, and by which of its papers: nothing is booked
    until a second person has seen it. Raises Refusal."""
    ((_, row),) = _at_bank([transfer])
    if row.outcome == Outcome.RETURNED:
        raise Refusal(f"付款 {row.reference} 已登记为退汇，请刷新")
    if on > today:
        raise Refusal(f"退汇日期不能晚于今天 {today}", "returned_on")
    if row.batch.paid_on is not None and on < row.batch.paid_on:
        raise Refusal(f"退汇日期早于支付日期 {row.batch.paid_on}", "returned_on")
    return NOTES.create(
        "note_came_back",
        actor=actor,
        transfer=row,
        returned_on=on,
        reason=given_reason(reason, asks="银行退回的原因"),
        evidence=given_reason(evidence, asks="银行回单号或流水号", most=60, at=("evidence",)),
        noted_by=actor,
    )


@all_or_nothing()
def confirm_return(*, actor: User, note: ReturnNote) -> ReturnNote:
    """The second person has seen the bank's paper: booked, unless a file of the bank came first."""
    note = NOTES.move(note.pk, "confirm_came_back", actor=actor)
    note_return(actor=actor, transfers=[(note.transfer, note.reason)], on=note.returned_on)
    return note


@all_or_nothing()
def refuse_return(*, actor: User, note: ReturnNote, reason: str) -> ReturnNote:
    """The bank's papers do not say so."""
    return NOTES.move(note.pk, "refuse_came_back", actor=actor, reason=reason)


def hold(transfers: Iterable[Transfer]) -> None:
    """Lock the orders of all these at once: for who writes down several kinds of answers."""
    _locked(row.order_id for row in transfers)


def _at_bank(transfers: Sequence[Transfer]) -> list[tuple[PaymentOrder, Transfer]]:
    """Orders and their lines, locked, that a released batch took to the bank."""
    orders = {order.pk: order for order in _locked(row.order_id for row in transfers)}
    rows = list(
        Transfer.objects.select_for_update(no_key=True, of=("self",))
        .select_related("batch__area", "batch__made_by")
        .filter(pk__in=[row.pk for row in transfers])
        .order_by("order_id")
    )
    for row in rows:
        if row.batch.status != PaymentBatch.Status.RELEASED or row.outcome == Outcome.TAKEN_OUT:
            raise Refusal(f"付款 {row.reference} 没有发出，不能登记银行结果")
    return [(orders[row.order_id], row) for row in rows]


# -- putting an account right ------------------------------------------------------------------


def payee_shown(order: PaymentOrder) -> str:
    """The fingerprint of the payee and account that a page shows."""
    return fingerprint(order.payee, order.account_index, order.bank)


def correcting(order: PaymentOrder) -> str:
    """The step by which the order gets an account: what came back another one, what never had one
    its first. Where it belongs to the business, "correct_payee", which is not open then."""
    is_nameless = order.status == Status.WAITING and not (order.account or order.payee_code)
    return "name_account" if is_nameless and is_named_here(order.key) else "correct_payee"


@all_or_nothing()
def correct_payee(*, actor: User, order: PaymentOrder, payee: Payee, reason: str) -> PaymentOrder:
    """What the bank gave back gets another account (or the name as the bank has it), what has none
    its first: waits for a second person. What is an institution's stays so, whatever its account.
    Raises Refusal."""
    if not payee.account:
        raise Refusal("请填写收款账号", "account")
    order = ORDERS.lock(order.pk)
    payee = replace(payee, code=order.payee_code)
    return ORDERS.take(
        order, correcting(order), actor=actor, reason=reason, confirmed_by=None,
        confirmed_at=None, **payee.columns(),
    )  # fmt: skip


@all_or_nothing()
def confirm_payee(
    *, actor: User, order: PaymentOrder, account: str, seen: str | None = None
) -> PaymentOrder:
    """A second person saw the papers and typed the `account` from them: the order waits for a batch
    again. Raises Refusal; a wrong number leaves its line."""
    order = ORDERS.lock(order.pk)
    refuse_stale(seen, payee_shown(order))
    ORDERS.check(order, "confirm_payee", actor)
    refuse_other_account(order, account, index=INDEX, actor=actor, action="funds.mistyped_account")
    return ORDERS.take(order, "confirm_payee", actor=actor)


@all_or_nothing()
def refuse_payee(*, actor: User, order: PaymentOrder, reason: str) -> PaymentOrder:
    """The second person does not agree: it has still to be put right, or named."""
    order = ORDERS.lock(order.pk)
    if order.bounces or order.status != Status.CORRECTED:
        return ORDERS.take(order, "refuse_payee", actor=actor, reason=reason)
    nobody = Payee(name=order.payee).columns()
    return ORDERS.take(order, "refuse_account", actor=actor, reason=reason, **nobody)
