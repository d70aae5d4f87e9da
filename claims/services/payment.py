"""The cashier pays: once per claim, in one transaction with a voucher in each book that bears a
part of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from accounts.errors import Refusal
from accounts.models import Division, User
from claims.models import Settlement
from claims.workflow import SETTLEMENTS
from desk.changes import all_or_nothing
from funds.models import Book
from funds.services import EventLine, post_event
from policies.services import terms_of
from policies.terms import Terms

# What balances held for the patient pay (household account, credit) is booked as.
BALANCES = "other"


def purpose_of(care: str, terms: Terms) -> str:
    """The purpose under which a payment for this kind of care is booked, as the measures say."""
    return terms.cares[care].booked_as


@all_or_nothing()
def pay(
    *, actor: User, settlements: Sequence[Settlement], on: date, today: date
) -> list[Settlement]:
    """Pay approved claims, all of them or none; each gets its own vouchers dated `on`.

    A claim for which no money leaves a fund is closed without a voucher. Raises Refusal when
    one of them is not (or no longer) awaiting payment, when `on` is after `today` or before a
    claim was settled, when a book that has to pay was never opened, or its period is closed.
    """
    if not settlements:
        raise Refusal("请勾选要支付的结算单")
    if on > today:
        raise Refusal(f"支付日期不能晚于今天 {today}，请按实际付款日期填写", "paid_on")
    rows = list(
        # In the order of the key: two cashiers who tick overlapping claims do not wait crosswise.
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("division", "visit__institution", "pack")
        .prefetch_related("funds")
        .filter(pk__in={settlement.pk for settlement in settlements})
        .order_by("pk")
    )
    for row in rows:
        _check(row, actor, on)
    vouchers = _post(rows, actor=actor, on=on)
    return [
        SETTLEMENTS.take(
            row, "paid", actor=actor, paid_on=on, voucher_number=_labels(vouchers[row.pk])
        )
        for row in rows
    ]


def _check(settlement: Settlement, actor: User, on: date) -> None:
    SETTLEMENTS.check(settlement, "paid", actor)
    if on < settlement.settled_on:
        raise Refusal(
            f"支付日期早于结算单 {settlement.number} 的结算日期 {settlement.settled_on}，请核对",
            "paid_on",
        )


def _post(rows: Sequence[Settlement], *, actor: User, on: date) -> dict[int, dict[str, str]]:
    """Settlement → book → number of the voucher.

    One book after the other: a voucher holds its month's counter until the commit, so two cashiers
    whose claims touch two books would lock each other out if each took them as they come.
    """
    places = _places(rows)
    lines = {
        row.pk: ledger_lines(row, terms_of(row.pack), places.get(row.division.township_code))
        for row in rows
    }
    vouchers: dict[int, dict[str, str]] = {row.pk: {} for row in rows}
    for book in sorted({book for paid in lines.values() for book in paid}):
        for row in rows:
            if book in lines[row.pk]:
                vouchers[row.pk][book] = post_event(
                    event="claim_paid",
                    area=places[row.division.county_code],
                    on=on,
                    key=f"settlement:{row.pk}",
                    source=f"结算单 {row.number}",
                    actor=actor,
                    lines=lines[row.pk][book],
                    summary=f"支付{row.visit.institution_name}医疗费",
                    fund_type=book,
                ).label
    return vouchers


def _labels(vouchers: Mapping[str, str]) -> str:
    """The numbers of the vouchers; those of another book than insurance name their fund."""
    known = {book: number for book, number in vouchers.items() if book == Book.FundType.RESIDENT}
    others = [
        f"{Book.FundType(book).label} {number}"
        for book, number in vouchers.items()
        if book not in known
    ]
    return "；".join([*known.values(), *others])


def _places(rows: Sequence[Settlement]) -> dict[str, Division]:
    """Code → county or township of the claims, in one statement."""
    codes = {row.division.county_code for row in rows} | {
        row.division.township_code for row in rows
    }
    return {division.code: division for division in Division.objects.filter(code__in=codes)}


def ledger_lines(
    settlement: Settlement, terms: Terms, township: Division | None
) -> dict[str, list[EventLine]]:
    """Book → what the payment means to it: each layer as the measures said that it is booked (most
    as the kind of care is), and what balances held for the patient paid, which the book of the base
    layer bears. Sums to `payable_amount`."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for fund in settlement.funds.all():
        where = fund.book, fund.booked_as or purpose_of(settlement.visit.care, terms)
        amounts[where] = amounts.get(where, Decimal(0)) + fund.amount
    where = terms.base_layer.payer.book, BALANCES
    balances = settlement.account_amount + settlement.credit_amount
    amounts[where] = amounts.get(where, Decimal(0)) + balances
    institution = settlement.visit.institution
    lines: dict[str, list[EventLine]] = {}
    for (book, purpose), amount in amounts.items():
        if amount:
            line = EventLine(
                amount=amount,
                township=township,
                tier=settlement.tier,
                policy_year=settlement.policy_year,
                institution_code=institution.code if institution else "",
                purpose=purpose,
            )
            lines.setdefault(book, []).append(line)
    return lines
