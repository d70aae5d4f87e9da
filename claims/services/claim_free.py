"""Zero-claim years (零报销): told to the register when a year is over, corrected by late claims."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from claims.carried.models import CarriedAmount
from claims.models import Settlement
from enrollment.models import Enrollment


def mark_claim_free(*, year: int, on: date) -> int:
    """Note for every finished cover of the year whether the fund paid nothing on it.

    A claim that is settled or withdrawn afterwards turns the mark at the next run. Returns how
    many marks changed. Source: 国办发〔2024〕38号, 当年基金零报销.
    """
    finished = Enrollment.objects.active().filter(year=year, cover_last_day__lt=on)
    with transaction.atomic():
        return _mark(finished)


def mark_again(covers: Iterable[int]) -> None:
    """Covers whose claims fell or changed: where the year is over and marked, the mark follows in
    the same transaction, for what is computed next may ask for it."""
    marked = Enrollment.objects.active().filter(pk__in=list(covers), claim_free__isnull=False)
    _mark(marked)


def _mark(finished: QuerySet[Enrollment]) -> int:
    settled = Settlement.objects.counted()
    paid = Exists(settled.filter(visit__enrollment=OuterRef("pk"), fund_amount__gt=0))
    # What the old system paid in the year of the move counts as well.
    before = Exists(
        CarriedAmount.objects.filter(
            usage__is_live=True,
            usage__person=OuterRef("person"),
            policy_year=OuterRef("year"),
            person__isnull=False,
            amount__gt=0,
        )
    )
    claimed = finished.filter(paid | before).exclude(claim_free=False)
    # Of the years before the move the old system alone says whether it paid; of the year of the
    # move what it paid came along, and what its cover says against that stays.
    ours = Q(carried=None) | Q(carried__as_of__year=F("year"), claim_free=None)
    free = finished.filter(ours, ~paid & ~before).exclude(claim_free=True)
    return claimed.update(claim_free=False) + free.update(claim_free=True)
