"""What a cover's claims have drawn, told to the cover: the fact that stands against a refund.

Enrollment may not ask claims, so the fact flows down (Enrollment.drawn_claims, drawn_amount,
drawn_first): written when a settlement begins or ends to count, under the lock of the cover that a
refund takes too. So a refund and a settlement of one cover wait for each other, and the second of
them sees what the first did. claims_drawn_is_told compares column and settlements at COMMIT.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from claims.dependence.models import Supplement
from claims.models import Settlement, SettlementQuerySet, Visit
from claims.recovery.models import RecoveryReceipt
from desk.kept import Kept, given
from enrollment.models import Enrollment

COLUMNS = ("drawn_claims", "drawn_amount", "drawn_first")
# How many claims, what they draw in yuan, the number of the first.
Drawn = tuple[int, Decimal, str]
# One statement for many covers: Django would write a CASE of every cover and column.
DRAWN = """
UPDATE enrollment_enrollment e
SET drawn_claims = n.claims, drawn_amount = n.amount, drawn_first = n.first
FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::text[]) n (id, claims, amount, first)
WHERE e.id = n.id
"""


def draw(settlement: Settlement, cover: Enrollment) -> None:
    """The settlement counts from now on. `cover`: of its visit, locked by lock_cover."""
    if settlement.payable_amount:
        count_in(settlement, cover)
        cover.save(update_fields=COLUMNS)


def count_in(settlement: Settlement, cover: Enrollment) -> None:
    """The same of a settlement of which something is drawn; nothing is saved."""
    cover.drawn_claims += 1
    cover.drawn_amount += settlement.payable_amount
    cover.drawn_first = cover.drawn_first or settlement.number


HELD_OF = Kept(
    lambda: Enrollment.objects.select_for_update(no_key=True, of=("self",)).filter(
        visits=given("visit")
    )
)
COVER_OF = Kept(lambda: Visit.objects.filter(pk=given("visit")).values_list("enrollment"))


def hold_cover_of(visit_id: int) -> None:
    """Lock the cover of the visit, whichever it is by the time the lock is held.

    Two records of one person become one under the lock of their covers: visits and usage change
    hands (claims/one_person.py), so a visit is read again once its cover is held.
    """
    while True:
        held = HELD_OF(visit=visit_id)
        ((cover,),) = COVER_OF(visit=visit_id)
        # None is held where the visit came to another cover while its old one was waited for.
        if held and held[0].pk == cover:
            return


def take_back(settlement: Settlement) -> None:
    """The settlement, withdrawn by now, counts no longer; the cover is locked here.

    Locks in the room's order: settlement (by the caller), enrolment.
    """
    if not settlement.payable_amount:
        return
    count_anew(settlement.visit.enrollment_id)


def count_anew(cover_id: int) -> None:
    """What the cover's claims draw now; locks the cover."""
    cover = Enrollment.objects.select_for_update(no_key=True).get(pk=cover_id)
    # Asked after the lock is held: another window may have settled on the cover meanwhile.
    left = drawn_of(Settlement.objects.filter(visit__enrollment=cover)).order_by("pk")
    standing = list(left.values_list("left_over", "number"))
    cover.drawn_claims = len(standing)
    cover.drawn_amount = sum((amount for amount, _ in standing), Decimal(0))
    cover.drawn_first = standing[0][1] if standing else ""
    cover.save(update_fields=COLUMNS)


def drawn_of(rows: SettlementQuerySet) -> Any:
    """Those that stand and of which something was drawn: `left_over`, with what was paid more and
    less what came back of it."""
    back = RecoveryReceipt.objects.filter(
        recovery__settlement=OuterRef("pk"), recovery__payment_key=""
    )
    more = Supplement.objects.filter(settlement=OuterRef("pk"), status=Supplement.Status.PAID)
    left = Settlement.PAYABLE + _sum(more, "settlement") - _sum(back, "recovery__settlement")
    # Whole and back, a claim of a month that gave less came back by less than it was settled for.
    return rows.effective().not_taken_back().annotate(left_over=left).filter(left_over__gt=0)


def _sum(rows: Any, by: str) -> Coalesce:
    totals = rows.order_by().values(by).annotate(total=Sum("amount"))
    return Coalesce(Subquery(totals.values("total")), Decimal(0))


def recount(area_code: str) -> int:
    """All covers of an area anew from its settlements, for what was written past the services.

    Returns how many covers have claims.
    """
    rows = Settlement.objects.filter(
        visit__enrollment__in=Enrollment.objects.active().filter(campaign__area__code=area_code)
    )
    told: dict[int, Drawn] = {}
    for cover, number, amount in (
        drawn_of(rows).order_by("pk").values_list("visit__enrollment", "number", "left_over")
    ):
        claims, sum_before, first = told.get(cover, (0, Decimal(0), number))
        told[cover] = (claims + 1, sum_before + amount, first)
    tell_covers(told)
    return len(told)


def tell_covers(told: Mapping[int, Drawn]) -> None:
    """Key of a cover → what it is told; one statement."""
    if told:
        columns = zip(*((cover, *drawn) for cover, drawn in told.items()), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(DRAWN, [list(column) for column in columns])
