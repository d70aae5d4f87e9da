"""A list is taken in when it agrees with the settlement that it is about."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.errors import Refusal
from accounts.models import User
from claims.clearing.standing import place_of
from claims.models import Settlement, SettlementFund
from desk.changes import all_or_nothing, change
from gateway.clients.models import Client
from gateway.lists.models import SettlementList
from lib.money import told
from lib.periods import Month
from policies.terms import FUND_PAY_TYPES

ZERO = Decimal("0.00")
ACTION = "gateway.send_list"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came: as text, how many diagnoses and operations, and what each fund pays (yuan): ()
    where the list does not say."""

    content: str
    diagnoses: int
    operations: int
    funds: Sequence[tuple[str, Decimal]]


@all_or_nothing()
def take_list(
    sent: Sent, *, actor: User, client: Client, settlement: Settlement, at: datetime
) -> SettlementList:
    """The list of the settlement, the first one or another in its place. Raises Refusal."""
    # Of two that arrive at once the later one finds the former there.
    settlement = Settlement.objects.select_for_update(no_key=True).get(pk=settlement.pk)
    _refuse_final(settlement)
    if sent.funds:
        _refuse_other_sums(sent.funds, settlement)
    columns: dict[str, Any] = {
        "client": client,
        "content": sent.content,
        "digest": hashlib.sha256(sent.content.encode()).hexdigest(),
        "diagnoses": sent.diagnoses,
        "operations": sent.operations,
        "sent_at": at,
    }
    before = SettlementList.objects.filter(settlement=settlement).first()
    if before is None:
        return SettlementList.objects.create(settlement=settlement, first_sent_at=at, **columns)
    if before.digest == columns["digest"]:
        return before
    rows = SettlementList.objects.all()
    with change(rows, before.pk, actor=actor, action=ACTION) as row:
        for name, value in columns.items():
            setattr(row, name, value)
        row.times += 1
    return row


def _refuse_final(settlement: Settlement) -> None:
    """Raises Refusal once it counts no longer, is cleared with its month, or is paid."""
    if settlement.status in Settlement.NOT_COUNTED:
        raise Refusal("这笔结算已撤销或不予支付，不收结算清单", at=("setlinfo", "setl_id"))
    place = place_of(settlement)
    if place is not None:
        month = Month.of(place.clearing.month)
        raise Refusal(
            f"这笔结算已列入 {month.words}月结（{place.clearing.number}），清单不能再改；"
            "确需更正的，请先撤回申报",
            at=("setlinfo", "setl_id"),
        )
    if settlement.is_paid:
        raise Refusal("这笔结算已经支付，清单不能再改", at=("setlinfo", "setl_id"))


def _refuse_other_sums(funds: Sequence[tuple[str, Decimal]], settlement: Settlement) -> None:
    """Fund by fund what the list says is what was settled; the differences are named."""
    theirs: dict[str, Decimal] = {}
    for code, amount in funds:
        theirs[code] = theirs.get(code, ZERO) + amount
    ours: dict[str, Decimal] = {}
    rows = SettlementFund.objects.filter(settlement=settlement).order_by("pk")
    for code, amount in rows.values_list("fund_pay_type", "amount"):
        ours[code] = ours.get(code, ZERO) + amount
    wrong = [
        f"{FUND_PAY_TYPES.get(code, code)}：清单 {told(theirs.get(code, ZERO))} 元，"
        f"结算 {told(ours.get(code, ZERO))} 元"
        for code in sorted(_codes(ours, theirs))
        if ours.get(code, ZERO) != theirs.get(code, ZERO)
    ]
    if wrong:
        raise Refusal("；".join(wrong), at=("payinfo", "fund_payamt"))


def _codes(*sums: Mapping[str, Decimal]) -> set[str]:
    return {code for one in sums for code in one}
