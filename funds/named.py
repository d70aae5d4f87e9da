"""Sums that other rooms ask for by name: which accounts they stand on is known here alone.

`account_of`, `funder_of` and their like judge the account code of a row that was read grouped;
`moved_by`, `received_by` and `paid_ahead` read the ledger themselves, one statement each.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.db.models import F, Q, QuerySet, Sum

from accounts.errors import Refusal
from accounts.models import Division
from funds.balances import book_of
from funds.chart import HOUSEHOLDS, MONEY, RESERVE, RESIDENT
from funds.events import EVENTS, YEAR_END
from funds.models import ZERO, Account, Book, Posting
from funds.services.covering import left_of_opening
from lib.periods import Month
from policies.services import terms_in_force

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
# A premium that went back after its year's income was closed (E11): no income is left to lessen, so
# that it is an expense, and what was raised for its insurance year is less by it (decision 0039).
PREMIUM_BACK = "prior_premium_refunded"
_FUNDER_OF = {account: funder for funder, accounts in FUNDERS.items() for account in accounts}
_POSITIONS = {account.code: at for at, account in enumerate(RESIDENT)}


# What came back of the year's benefits, less what went back of it to whoever had brought it.
# What was recovered and went back to who had brought it, or was offered and kept.
BACK_TO_PAYERS = (
    *("recovery_returned", "recovery_kept", "prior_recovery_returned", "prior_returned_kept"),
    *("earlier_recovery_returned", "earlier_returned_kept"),
)
RECOVERED = ("claim_recovered", "recovery_returned", "recovery_kept")


# What others paid for an overspend, and what went back of it.
OVERSPEND_PAID = ("overspend_received", "overspend_returned", "earlier_overspend_returned")


def funder_of(account: str, event: str = "") -> str:
    """Who paid what stands on this account: a key of FUNDERS, "" when nobody paid it in. `event`:
    that booked it; a refunded premium stands on no such account."""
    if event == PREMIUM_BACK and account == EVENTS[PREMIUM_BACK].debit:
        return "personal"
    return _FUNDER_OF.get(account, "")


def is_premium_back(event: str, kind: str) -> bool:
    """Whether a sum by event and kind of account is premiums that went back as an expense: they
    are no benefits, and nothing that has to be paid month by month."""
    return event == PREMIUM_BACK and kind == Account.Kind.EXPENSE


def premium_back() -> Q:
    """Of postings those that `is_premium_back` says of sums."""
    return Q(voucher__event=PREMIUM_BACK, account__kind=Account.Kind.EXPENSE)


def funded_by(funders: Collection[str]) -> Q:
    """Of postings those of what these of FUNDERS paid, and of what went back to them."""
    accounts = [account for funder in funders for account in FUNDERS[funder]]
    rows = Q(account__code__in=accounts)
    return rows | premium_back() if "personal" in funders else rows


def is_money(account: str) -> bool:
    """Whether the account is cash or money at the bank."""
    return account in MONEY


def is_reserve(account: str) -> bool:
    """Whether the account is a part of the reserves (风险基金)."""
    return account.startswith(RESERVE)


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


def household_accounts_in_books(area: Division) -> Decimal:
    """Yuan that the residents' book holds for households' outpatient accounts (门诊账户结余): what
    was opened with, and what the ends of years have changed since. Raises Refusal without a book.
    """
    rows = Posting.objects.filter(voucher__book=book_of(area), account__code=HOUSEHOLDS)
    found = rows.aggregate(out=Sum("debit", default=ZERO), held=Sum("credit", default=ZERO))
    left: Decimal = found["held"] - found["out"]
    return left


def held_in_advance(area: Division, institution_code: str) -> Decimal:
    """Yuan that an institution has in advance (1101 医保预付金) and has not worked off."""
    rows = Posting.objects.filter(
        voucher__book__area=area,
        account__code=account_of("prepayment_out", "debit"),
        institution_code=institution_code,
    )
    found = rows.aggregate(out=Sum("debit", default=ZERO), back=Sum("credit", default=ZERO))
    left: Decimal = found["out"] - found["back"]
    return left


@dataclass(frozen=True)
class FundPosition:
    """Yuan of the residents' book: what it has beyond its debts on a day, without what was paid for
    years to come, and what came in and was spent in the twelve months before; premiums that went
    back are less of the first, not more of the second. `months`: in how many of these something was
    spent, since a fund that began in spring has had no twelve."""

    balance: Decimal
    income: Decimal
    expense: Decimal
    months: int = 12


def fund_position(area: Division, on: date) -> FundPosition:
    """Four statements, and the measures of the day. The day itself counts."""
    rows = Posting.objects.filter(
        voucher__book__area=area,
        voucher__book__fund_type=Book.FundType.RESIDENT,
        voucher__occurred_on__lte=on,
    ).order_by()
    kinds = Account.Kind
    sums = rows.filter(account__kind__in=(kinds.ASSET, kinds.LIABILITY)).aggregate(
        debit=Sum("debit", default=ZERO), credit=Sum("credit", default=ZERO)
    )
    year = rows.filter(voucher__occurred_on__gt=_a_year_before(on))
    year = year.exclude(voucher__event__in=YEAR_END)
    year = year.filter(account__kind__in=(kinds.INCOME, kinds.EXPENSE))
    income = expense = ZERO
    for kind, event, net in year.values_list("account__kind", "voucher__event").annotate(
        net=Sum(F("credit") - F("debit"))
    ):
        if kind == kinds.INCOME or is_premium_back(event, kind):
            income += net
        else:
            expense -= net
    spent = year.filter(account__kind=kinds.EXPENSE, debit__gt=0).exclude(premium_back())
    return FundPosition(
        sums["debit"] - sums["credit"] - paid_ahead(rows, on, insurance_year(area, on)),
        income,
        expense,
        spent.values("voucher__occurred_on__year", "voucher__occurred_on__month")
        .distinct()
        .count(),
    )


def unpaid_before(area: Division) -> Decimal:
    """Yuan of benefits that the residents' book began with as decided by the old system and not
    paid, less what went out of it; nothing where there is no book."""
    book = Book.objects.of_residents(area).first()
    return ZERO if book is None else left_of_opening(book, "2001-unpaid")


def insurance_year(area: Division, on: date) -> int:
    """As the measures in force count it; that of the calendar where there are none."""
    try:
        return terms_in_force(area_code=area.code, day=on).year.of(on)
    except Refusal:
        return on.year


def paid_ahead(rows: QuerySet[Posting], on: date, year: int) -> Decimal:
    """Of these postings up to the day what was paid for insurance years after `year` and stands in
    income already, as it does in books on cash basis: it is no surplus of this year (E01, E05)."""
    kinds = Q(account__code__startswith="4001") | Q(account__code__startswith="4101")
    later = rows.filter(kinds, voucher__occurred_on__lte=on, policy_year__gt=year)
    found = later.exclude(voucher__event__in=YEAR_END).aggregate(
        debit=Sum("debit", default=ZERO), credit=Sum("credit", default=ZERO)
    )
    ahead: Decimal = found["credit"] - found["debit"]
    return ahead


def spent_at(area: Division, institution_code: str, on: date) -> Decimal:
    """Yuan of expense for an institution in the twelve months up to the day."""
    rows = Posting.objects.filter(
        voucher__book__area=area,
        voucher__occurred_on__lte=on,
        voucher__occurred_on__gt=_a_year_before(on),
        account__kind=Account.Kind.EXPENSE,
        institution_code=institution_code,
    ).exclude(voucher__event__in=YEAR_END)
    found = rows.aggregate(debit=Sum("debit", default=ZERO), credit=Sum("credit", default=ZERO))
    spent: Decimal = found["debit"] - found["credit"]
    return spent


def _a_year_before(on: date) -> date:
    day = min(on.day, monthrange(on.year - 1, on.month)[1])
    return on.replace(year=on.year - 1, day=day)


def overspend_received(area: Division, month: Month) -> dict[str, Decimal]:
    """Level (`funding_level`) → yuan that came in for what the fund spent beyond itself, less what
    went back, from the year's beginning to the month's end; red letters are negative."""
    rows = Posting.objects.filter(
        voucher__book__area=area,
        voucher__event__in=OVERSPEND_PAID,
        account__kind__in=(Account.Kind.INCOME, Account.Kind.EXPENSE),
        voucher__occurred_on__range=(date(month.year, 1, 1), month.last),
    ).order_by()
    total = Sum(F("credit") - F("debit"))
    sums = rows.values_list("funding_level").annotate(total=total).order_by("funding_level")
    return {level: total for level, total in sums if total}


def charged_overspend(
    area: Division, policy_year: int
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Township code → yuan that others are charged for its overspend of an insurance year, and what
    came in less what went back; red letters are negative. One statement."""
    accounts = ("1101-overspend", "4501-overspend", "5401")
    rows = (
        Posting.objects.filter(
            voucher__book__area=area,
            voucher__event__in=("overspend_charged", *OVERSPEND_PAID),
            account__code__in=accounts,
            policy_year=policy_year,
            township__isnull=False,
        )
        .order_by()
        .values_list("voucher__event", "township__code")
        .annotate(debit=Sum("debit"), credit=Sum("credit"))
    )
    charged: dict[str, Decimal] = {}
    received: dict[str, Decimal] = {}
    for event, township, debit, credit in rows:
        if event == "overspend_charged":
            charged[township] = debit - credit
        else:
            received[township] = received.get(township, ZERO) + credit - debit
    return charged, received


def received_by(
    events: Collection[str], *, area: Division, policy_year: int
) -> Mapping[str, Decimal]:
    """Funder → yuan that these events brought in for an insurance year, or took to another funder;
    red letters are negative.

    Every key of FUNDERS is there.
    """
    rows = (
        Posting.objects.filter(
            voucher__book__area=area, voucher__event__in=list(events), policy_year=policy_year
        )
        .order_by()
        .values_list("account__code")
        .annotate(came=Sum(F("credit") - F("debit")))
    )
    found = dict.fromkeys(FUNDERS, ZERO)
    for account, total in rows:
        if funder := funder_of(account):
            found[funder] += total
    return found
