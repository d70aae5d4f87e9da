"""A clearing as the ledger takes it: what each part of its claims pays, keeps back and sets off.

Computed anew from the same rows wherever it is asked for, so that statement, order and vouchers
are one sum. Deposit, set-off and advance are of the residents' fund; what other funds pay of the
claims (assistance) is paid whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from claims.clearing.models import Clearing, ClearingClaim, Deduction
from claims.clearing.sums import Statement, shares_of, statement, taken
from claims.paying.parts import parts_from
from claims.shares import paid_shares, worth_shares
from funds.models import Book
from funds.payments.services import Part
from lib.money import to_fen, to_yuan
from policies.services import terms_of

RESIDENT: str = Book.FundType.RESIDENT
Key = tuple[str, str, str, int | None]  # book, purpose, tier, policy year


@dataclass(frozen=True)
class Breakdown:
    """`sums`: of the residents' fund. Each list sums to its part of the statement; `paid` is what
    the order pays, of all funds."""

    sums: Statement
    deducted: Decimal
    deposit: list[Part]
    set_off: list[Part]
    prepaid: list[Part]
    paid: list[Part]


def live_claims(clearing: Clearing) -> list[ClearingClaim]:
    """With all that a breakdown reads, in the order of the settlements."""
    rows = clearing.claims.live().select_related(
        "settlement__visit__institution", "settlement__pack", "settlement__division"
    )
    return list(rows.prefetch_related("settlement__funds", "deductions").order_by("settlement_id"))


def deducted_parts(claim: ClearingClaim, fen: Sequence[int]) -> tuple[list[Part], list[list[int]]]:
    """The claim's parts and, of each deduction in turn, its fen by part."""
    row, terms = claim.settlement, terms_of(claim.settlement.pack)
    shares = worth_shares(paid_shares(row, terms), to_fen(claim.gain), row.visit.care, terms)
    parts = parts_from(shares, row)
    return parts, shares_of([to_fen(part.amount) for part in parts], fen)


def of_deduction(deduction: Deduction) -> list[Part]:
    """What a deduction took off, by the parts of its claim: what giving it back pays."""
    counted = [one for one in deduction.claim.deductions.order_by("pk") if is_counted(one)]
    parts, shares = deducted_parts(deduction.claim, [to_fen(one.amount) for one in counted])
    mine = shares[[one.pk for one in counted].index(deduction.pk)]
    return [with_amount(part, fen) for part, fen in zip(parts, mine, strict=True) if fen]


def is_counted(deduction: Deduction) -> bool:
    """Whether it is off the statement."""
    return deduction.status != Deduction.Status.VOID


def with_amount(part: Part, fen: int) -> Part:
    """The same dimensions with another amount."""
    return replace(part, amount=to_yuan(fen))


def _agreed(claims: Iterable[ClearingClaim]) -> tuple[dict[Key, int], dict[str, int]]:
    """Fen that are owed by key once the deductions are off; what they took by book."""
    owed: dict[Key, int] = {}
    off: dict[str, int] = {}
    for claim in claims:
        ordered = sorted(claim.deductions.all(), key=lambda one: one.pk)
        fen = [to_fen(one.amount) for one in ordered if is_counted(one)]
        parts, shares = deducted_parts(claim, fen)
        for at, part in enumerate(parts):
            less = sum(share[at] for share in shares)
            key = (part.fund_type, part.purpose, part.tier, part.policy_year)
            owed[key] = owed.get(key, 0) + to_fen(part.amount) - less
            off[part.fund_type] = off.get(part.fund_type, 0) + less
    return owed, off


def breakdown(
    clearing: Clearing, claims: Sequence[ClearingClaim], *, percent: int, debt: int, prepaid: int
) -> Breakdown:
    """`percent`: deposit; `debt`, `prepaid`: fen that may be set off and worked off."""
    owed, off = _agreed(claims)
    keys = sorted(owed, key=lambda key: (key[0] != RESIDENT, key[0], key[1], key[2], key[3] or 0))
    mine = [key for key in keys if key[0] == RESIDENT]
    agreed = sum(owed[key] for key in mine)
    less = off.get(RESIDENT, 0)
    sums = statement(agreed + less, less, percent=percent, debt=debt, prepaid=prepaid)
    amounts = [owed[key] for key in mine]
    columns = (sums.deposit, sums.set_off, sums.prepaid)
    deposit, set_off, worked, rest = taken(amounts, columns)
    others = [key for key in keys if key[0] != RESIDENT]
    code = clearing.institution.code

    def parts(chosen: Sequence[Key], fen: Sequence[int]) -> list[Part]:
        return [
            Part(
                amount=to_yuan(one),
                fund_type=key[0],
                purpose=key[1],
                tier=key[2],
                policy_year=key[3],
                institution_code=code,
            )
            for key, one in zip(chosen, fen, strict=True)
            if one
        ]

    return Breakdown(
        sums=sums,
        deducted=to_yuan(sum(off.values())),
        deposit=parts(mine, deposit),
        set_off=parts(mine, set_off),
        prepaid=parts(mine, worked),
        paid=parts(mine, rest) + parts(others, [owed[key] for key in others]),
    )
