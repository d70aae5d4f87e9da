"""Writes of supplements: found, given a payee, approved, called off.

Order of locks: batch, settlement, supplement, order.
"""

from datetime import date

from accounts.errors import Refusal
from accounts.models import User
from claims.dependence.models import Dependent, Supplement, SupplementPart
from claims.dependence.workflow import SUPPLEMENTS
from claims.models import Settlement
from claims.paying.against import standing_against
from claims.paying.parts import order_in, parts_from
from claims.paying.payees import PayeeEntry, death_problem, insured_payee, named_insured
from claims.shares import Shares, of_parts, total
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from funds.payments.models import is_exchanged
from funds.payments.services import Payee, cancel_order
from lib.money import to_yuan

KEY = "supplement:"


def key_of(supplement: Supplement) -> str:
    """The key of the order that pays it."""
    return f"{KEY}{supplement.pk}"


def find_supplement(dependent: Dependent, more: Shares) -> Supplement:
    """A locked, paid settlement is owed this much more; it waits for a second person."""
    row = dependent.settlement
    supplement = Supplement.objects.create(
        dependent=dependent,
        settlement=row,
        amount=to_yuan(total(more)),
        found_by=dependent.found_by,
        **insured_payee(row),
    )
    SupplementPart.objects.bulk_create(
        SupplementPart(
            supplement=supplement,
            layer=code,
            **one.columns(),
        )
        for code, one in more.items()
    )
    SUPPLEMENTS.note(supplement, "find_supplement", actor=dependent.found_by)
    return supplement


def replace_supplements(settlement: Settlement, *, actor: User | None) -> None:
    """What is still owed on a locked settlement is counted anew, or not at all any more. Raises
    Refusal while its payment stands in a batch; what has gone is left as it is."""
    for pk in settlement.supplements.open().order_by("pk").values_list("pk", flat=True):
        row = SUPPLEMENTS.lock(pk)
        if row.status in Supplement.OPEN:
            cancel_order(actor=actor, key=key_of(row), reason="随前一笔变动另算")
            SUPPLEMENTS.take(row, "replace_supplement", actor=actor)


def _held(supplement: Supplement) -> tuple[Settlement, Supplement]:
    """The settlement, then the supplement, both locked."""
    settlement = SETTLEMENTS.lock(supplement.settlement_id)
    return settlement, SUPPLEMENTS.lock(supplement.pk)


def supplement_problem(row: Supplement, settlement: Settlement, on: date) -> str:
    """Why it may not be paid on that day; "" when nothing stands against it."""
    called = f"结算单 {settlement.number} 的补付"
    if not row.payee_account:
        return f"{called}还没有收款人和账号，请乡镇经办“改补付收款人”后再复核"
    if is_exchanged(row.payee_account, row.payee_account_index):
        return f"{called}的收款账号与登记时不符，请报审计人员核查"
    return standing_against(settlement, on) or death_problem(row, called, on)


def _brought_about(row: Supplement, actor: User) -> bool:
    """Whether it comes from an act of this hand: of the last one, or of one whose supplement it
    counts anew with its own."""
    hands = {row.found_by_id}
    for one in row.settlement.supplements.filter(pk__lt=row.pk).order_by("-pk"):
        if one.status != Supplement.Status.REPLACED:
            break
        hands.add(one.found_by_id)
    return actor.pk in hands


@all_or_nothing()
def approve_supplement(*, actor: User, supplement: Supplement, on: date) -> Supplement:
    """A second person agrees to amount and payee, and the payment is asked for. Raises Refusal.

    Not whoever took an earlier claim back, cut it or received its money: from that act it comes.
    """
    settlement, row = _held(supplement)
    SUPPLEMENTS.check(row, "approve_supplement", actor)
    if _brought_about(row, actor):
        raise Refusal("这笔补付因您办理的变动而产生，须由另一人复核")
    if words := supplement_problem(row, settlement, on):
        raise Refusal(words)
    row = SUPPLEMENTS.take(row, "approve_supplement", actor=actor)
    order_in(
        settlement.division,
        actor=actor,
        key=key_of(row),
        source=f"补付 {settlement.number}",
        payee=Payee(name=row.payee_name, account=row.payee_account, bank=row.payee_bank),
        parts=parts_from(of_parts(row.parts.all()), settlement),
        on=on,
    )
    return row


@all_or_nothing()
def change_payee(
    *, actor: User, supplement: Supplement, entry: PayeeEntry, reason: str
) -> Supplement:
    """Name who gets it, be it the first time or another one: it is approved anew. Raises Refusal
    once the payment stands in a batch."""
    settlement, row = _held(supplement)
    reason = SUPPLEMENTS.check(row, "payee_of_supplement", actor, reason)
    columns = named_insured(settlement, entry)
    cancel_order(actor=actor, key=key_of(row), reason=f"改收款人：{reason}"[:200])
    return SUPPLEMENTS.take(
        row,
        "payee_of_supplement",
        actor=actor,
        reason=reason,
        approved_by=None,
        approved_at=None,
        **columns,
    )
