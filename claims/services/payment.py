"""The cashier pays: once per claim, with a voucher in the ledger in the same transaction."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from funds.services import EventLine, post_event
from policies.services import terms_of
from policies.terms import Terms


@all_or_nothing()
def pay(
    *, actor: User, settlements: Sequence[Settlement], on: date, today: date
) -> list[Settlement]:
    """Pay approved claims, all of them or none; each gets its own voucher dated `on`.

    A claim for which no money leaves the fund is closed without a voucher. Raises Refusal when
    one of them is not (or no longer) awaiting payment, when `on` is after `today` or before a
    claim was settled, or when the ledger's period is closed.
    """
    if not settlements:
        raise Refusal("请勾选要支付的结算单")
    if on > today:
        raise Refusal(f"支付日期不能晚于今天 {today}，请按实际付款日期填写", "paid_on")
    rows = list(
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("division", "visit__institution", "pack")
        .filter(pk__in={settlement.pk for settlement in settlements})
        .order_by("pk")
    )
    places = _places(rows)
    return [_pay_one(row, actor=actor, on=on, places=places) for row in rows]


def _places(rows: Sequence[Settlement]) -> dict[str, Division]:
    """Code → county or township of the claims, in one statement."""
    codes = {row.division.county_code for row in rows} | {
        row.division.township_code for row in rows
    }
    return {division.code: division for division in Division.objects.filter(code__in=codes)}


def _pay_one(
    settlement: Settlement, *, actor: User, on: date, places: dict[str, Division]
) -> Settlement:
    SETTLEMENTS.check(settlement, "paid", actor)
    if on < settlement.settled_on:
        raise Refusal(
            f"支付日期早于结算单 {settlement.number} 的结算日期 {settlement.settled_on}，请核对",
            "paid_on",
        )
    voucher_number = ""
    lines = ledger_lines(settlement, places.get(settlement.division.township_code))
    if lines:
        voucher_number = post_event(
            event="claim_paid",
            area=places[settlement.division.county_code],
            on=on,
            key=f"settlement:{settlement.pk}",
            source=f"结算单 {settlement.number}",
            actor=actor,
            lines=lines,
            summary=f"支付{settlement.visit.institution_name}医疗费",
        ).label
    return SETTLEMENTS.take(
        settlement, "paid", actor=actor, paid_on=on, voucher_number=voucher_number
    )


def purpose_of(care: str, terms: Terms) -> str:
    """The purpose under which a payment for this kind of care is booked, as the measures say."""
    return terms.cares[care].booked_as


def ledger_lines(settlement: Settlement, township: Division | None) -> list[EventLine]:
    """What the payment means to the ledger: the benefit by kind of care, the serious-illness part,
    and what balances held for the patient paid. Sums to `payable_amount`."""
    institution = settlement.visit.institution
    amounts = {
        purpose_of(settlement.visit.care, terms_of(settlement.pack)): (
            settlement.basic_amount + settlement.assistance_amount + settlement.further_amount
        ),
        "serious": settlement.serious_amount,
    }
    balances: Decimal = settlement.account_amount + settlement.credit_amount
    amounts["other"] = amounts.get("other", Decimal(0)) + balances
    return [
        EventLine(
            amount=amount,
            township=township,
            tier=settlement.tier,
            policy_year=settlement.policy_year,
            institution_code=institution.code if institution else "",
            purpose=purpose,
        )
        for purpose, amount in amounts.items()
        if amount
    ]
