"""What stands between the fund and an institution besides its claims: debts, deposits, advances."""

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Division
from claims.clearing.models import Clearing
from claims.dependence.family import family_keys
from claims.recovery.models import Recovery, RecoveryPart
from claims.recovery.services import owed_by
from funds.models import Book
from funds.named import held_in_advance
from funds.payments.models import PaymentOrder, PaymentPart
from institutions.models import Institution
from lib.money import to_fen

ZERO = Decimal(0)


def debts_of(institution: Institution) -> list[Recovery]:
    """What may be set off against its clearing, the oldest first: debts to the residents' fund
    alone, since another fund's money cannot be kept back from this one's."""
    others = RecoveryPart.objects.exclude(book=Book.FundType.RESIDENT).values("recovery")
    rows = owed_by(institution=institution).exclude(pk__in=others)
    return [one for one in rows.select_related("settlement") if one.rest_amount > ZERO]


def behind_set_offs(clearings: Collection[int]) -> set[int]:
    """The settlements of the debts that these clearings set off, with what was computed after
    them. Whoever pays the clearings locks them together with the claims, in the order of their key:
    a cashier who takes such a debt meanwhile (`receiving.receive`) locks the same."""
    rows = Clearing.objects.filter(
        pk__in=clearings, status=Clearing.Status.CONFIRMED, set_off_amount__gt=0
    )
    found: set[int] = set()
    for one in rows.select_related("institution"):
        for debt in debts_of(one.institution):
            found |= family_keys(debt.settlement_id)
    return found


def deposits_of(institution: Institution, year: int) -> Decimal:
    """Kept back of the months of a year that were paid (yuan)."""
    rows = Clearing.objects.filter(
        institution=institution, month__year=year, status=Clearing.Status.PAID
    )
    kept: Decimal = rows.aggregate(total=Sum("deposit_amount", default=ZERO))["total"]
    return kept


def prepaid_left(area: Division, institution: Institution) -> int:
    """Fen in advance that the institution has and no statement works off yet. Locks the
    institution."""
    _hold(institution)
    return prepaid_shown(area, institution)


def prepaid_shown(area: Division, institution: Institution) -> int:
    """The same to be read, without a lock. What the bank gave back it has not."""
    parts = PaymentPart.objects.filter(institution_code=institution.code).values("order")
    orders = PaymentOrder.objects.filter(
        pk__in=parts, area=area, event="prepayment_out", bounces__gt=0
    ).exclude(status__in=(*PaymentOrder.GONE, *PaymentOrder.ENDED))
    at_the_fund = sum((one.rest_amount for one in orders), ZERO)
    return max(0, _unplanned(area, institution) - to_fen(at_the_fund))


def held_unplanned(area: Division, institution: Institution) -> int:
    """Fen in advance in the books that no statement works off. Locks the institution."""
    _hold(institution)
    return _unplanned(area, institution)


def _hold(institution: Institution) -> None:
    """After the order: of a statement and a giving up, the second sees the first."""
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)


def _unplanned(area: Division, institution: Institution) -> int:
    clearings = Clearing.objects.filter(
        institution=institution, status__in=(Clearing.Status.ISSUED, Clearing.Status.CONFIRMED)
    )
    planned = clearings.aggregate(total=Sum("prepaid_amount", default=ZERO))["total"]
    return to_fen(held_in_advance(area, institution.code) - planned)


def area_of(institution: Institution) -> Division:
    """The pooling area that clears with it."""
    return Division.objects.get(code=institution.division.county_code)
