"""What the payment of a claim consists of, as an order of the fund takes it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from accounts.models import Division, User
from claims.models import Settlement
from claims.shares import Shares, paid_shares
from funds.payments.booking import line_of
from funds.payments.models import PaymentOrder
from funds.payments.services import Part, Payee, order_payment
from funds.services import EventLine
from lib.money import to_yuan
from policies.terms import Terms


def places_of(division: Division) -> tuple[Division, Division | None]:
    """The area and, where there is one, the township that a village lies in."""
    codes = [division.county_code, division.township_code]
    found = {one.code: one for one in Division.objects.filter(code__in=codes)}
    return found[division.county_code], found.get(division.township_code)


def order_in(
    division: Division,
    *,
    actor: User | None,
    key: str,
    source: str,
    payee: Payee,
    parts: Sequence[Part],
    on: date,
    event: str = "claim_paid",
) -> PaymentOrder:
    """The order of what somebody of this division gets."""
    area, township = places_of(division)
    return order_payment(
        actor=actor,
        area=area,
        division=division,
        township=township,
        key=key,
        event=event,
        source=source,
        payee=payee,
        parts=parts,
        on=on,
    )


def parts_of(settlement: Settlement, terms: Terms) -> list[Part]:
    """All that a settlement draws. Sums to `payable_amount`."""
    return parts_from(paid_shares(settlement, terms), settlement)


def parts_from(shares: Shares, settlement: Settlement) -> list[Part]:
    """These shares of a settlement (claims/shares.py), with its dimensions in the ledger."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for share in shares.values():
        where = share.book, share.booked_as
        amounts[where] = amounts.get(where, Decimal(0)) + to_yuan(share.fen)
    institution = settlement.visit.institution
    return [
        Part(
            amount=amount,
            fund_type=book,
            purpose=purpose,
            tier=settlement.tier,
            policy_year=settlement.policy_year,
            institution_code=institution.code if institution else "",
        )
        for (book, purpose), amount in amounts.items()
        if amount
    ]


def ledger_lines(
    shares: Shares, settlement: Settlement, township: Division | None
) -> dict[str, list[EventLine]]:
    """Book → what these shares mean to it when they come back: as they were paid."""
    lines: dict[str, list[EventLine]] = {}
    for part in parts_from(shares, settlement):
        lines.setdefault(part.fund_type, []).append(line_of(part, township))
    return lines
