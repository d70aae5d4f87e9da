"""What a cover's claims have drawn, told to the cover: the fact that stands against a refund.

Enrollment may not ask claims, so the fact flows down (Enrollment.drawn_claims, drawn_amount,
drawn_first): written when a settlement begins or ends to count, under the lock of the cover that a
refund takes too. So a refund and a settlement of one cover wait for each other, and the second of
them sees what the first did. claims_drawn_is_told compares column and settlements at COMMIT.
"""

from decimal import Decimal

from django.db.models import Count, Exists, F, Min, OuterRef, Subquery, Sum

from claims.models import Settlement, Visit
from enrollment.models import Enrollment

COLUMNS = ("drawn_claims", "drawn_amount", "drawn_first")


def draw(settlement: Settlement, cover: Enrollment) -> None:
    """The settlement counts from now on. `cover`: of its visit, locked by lock_cover."""
    if not settlement.payable_amount:
        return
    cover.drawn_claims += 1
    cover.drawn_amount += settlement.payable_amount
    cover.drawn_first = cover.drawn_first or settlement.number
    cover.save(update_fields=COLUMNS)


def hold_cover(settlement: Settlement) -> None:
    """Lock the cover of the locked settlement's visit, read afresh: settlement, then enrolment.

    Two records of one person become one under the lock of their covers: visits and usage change
    hands (claims/one_person.py), so a visit is read again once its cover is held.
    """
    held = None
    while (cover := Visit.objects.values_list("enrollment").get(pk=settlement.visit_id)[0]) != held:
        Enrollment.objects.select_for_update(no_key=True).get(pk=cover)
        held = cover
    settlement.visit = Visit.objects.get(pk=settlement.visit_id)


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
    standing = [
        row
        for row in Settlement.objects.effective().filter(visit__enrollment=cover).order_by("pk")
        if row.payable_amount
    ]
    cover.drawn_claims = len(standing)
    cover.drawn_amount = sum((row.payable_amount for row in standing), Decimal(0))
    cover.drawn_first = standing[0].number if standing else ""
    cover.save(update_fields=COLUMNS)


def recount(area_code: str) -> int:
    """All covers of an area anew from its settlements, for what was written past the services.

    Returns how many covers have claims. Numbers of one cover rise with the settlements.
    """
    paid = F("fund_amount") + F("account_amount") + F("credit_amount")
    drawn = (
        Settlement.objects.effective()
        .annotate(paid=paid)
        .filter(visit__enrollment=OuterRef("pk"), paid__gt=0)
        .order_by()
        .values("visit__enrollment")
        .annotate(claims=Count("pk"), amount=Sum("paid"), first=Min("number"))
    )
    covers = Enrollment.objects.active().filter(campaign__area__code=area_code)
    return covers.filter(Exists(drawn)).update(
        drawn_claims=Subquery(drawn.values("claims")),
        drawn_amount=Subquery(drawn.values("amount")),
        drawn_first=Subquery(drawn.values("first")),
    )
