"""Sums that other rooms ask for by name: which accounts they stand on is known here alone.

`account_of`, `funder_of` and their like judge the account code of a row that was read grouped;
`moved_by` and `received_by` read the ledger themselves, one statement each.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Literal

from django.db.models import Q, Sum

from accounts.models import Division
from funds.chart import RESIDENT_2017
from funds.events import EVENTS
from funds.models import ZERO, Posting

# Who pays for the insurance → where it stands; premiums of a later year may wait under 2001.
FUNDERS: Mapping[str, tuple[str, ...]] = {
    "personal": ("4001-personal", "2001-advance_personal"),
    "aid": ("4001-aid", "2001-advance_aid"),
    "central": ("4101-central",),
    "province": ("4101-province",),
    "city": ("4101-city",),
    "county": ("4101-county",),
    "township": ("4101-township",),
}
_FUNDER_OF = {account: funder for funder, accounts in FUNDERS.items() for account in accounts}
# Cash and the bank accounts of the fund (库存现金, 收入户, 财政专户, 支出户, 国库存款).
_MONEY = frozenset({"1001", "1002", "1003", "1004", "1005"})
_RESERVES = "3101"
_POSITIONS = {account.code: at for at, account in enumerate(RESIDENT_2017)}


def funder_of(account: str) -> str:
    """Who paid what stands on this account: a key of FUNDERS, "" when nobody paid it in."""
    return _FUNDER_OF.get(account, "")


def is_money(account: str) -> bool:
    """Whether the account is cash or money at the bank."""
    return account in _MONEY


def is_reserve(account: str) -> bool:
    """Whether the account is a part of the reserves (风险基金)."""
    return account.startswith(_RESERVES)


def chart_position(account: str) -> int:
    """Where the account stands in the chart, for lists in its order."""
    return _POSITIONS[account]


def account_of(event: str, side: Literal["debit", "credit"]) -> str:
    """The account that an event always has on this side. Raises ValueError when it may choose."""
    found = getattr(EVENTS[event], side)
    if not isinstance(found, str):
        raise ValueError(f"{event} has no one account on its {side} side")
    return found


def moved_by(
    event: str,
    side: Literal["debit", "credit"],
    *,
    area: Division,
    policy_year: int,
    key_prefix: str = "",
) -> Decimal:
    """Yuan that an event moved on the account of this side for an insurance year.

    `key_prefix`: only vouchers of this kind of key ("remittance:"); a red-letter voucher counts
    with the one it corrects.
    """
    rows = Posting.objects.filter(
        voucher__book__area=area,
        voucher__event=event,
        policy_year=policy_year,
        account__code=account_of(event, side),
    )
    if key_prefix:
        rows = rows.filter(
            Q(voucher__key__startswith=key_prefix)
            | Q(voucher__reversal_of__key__startswith=key_prefix)
        )
    total: Decimal = rows.order_by().aggregate(total=Sum(side, default=ZERO))["total"]
    return total


def received_by(
    events: Collection[str], *, area: Division, policy_year: int
) -> Mapping[str, Decimal]:
    """Funder → yuan that these events brought in for an insurance year; red letters are negative.

    Every key of FUNDERS is there.
    """
    rows = (
        Posting.objects.filter(
            voucher__book__area=area, voucher__event__in=list(events), policy_year=policy_year
        )
        .order_by()
        .values_list("account__code")
        .annotate(Sum("credit"))
    )
    found = dict.fromkeys(FUNDERS, ZERO)
    for account, total in rows:
        if funder := funder_of(account):
            found[funder] += total
    return found
