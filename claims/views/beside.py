"""What stands beside a claim while it is decided: the patient's year, family, hospital, alerts."""

from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Q, Sum

from accounts.models import User
from claims.models import Settlement

# What is usual at a hospital shows in a quarter; no norm names a span.
LATEST = timedelta(days=90)
ROWS = 6  # of the patient and of the family, newest first; the whole is one click away


def beside(settlement: Settlement, user: User) -> dict[str, Any]:
    """In five statements, whatever there is: within what the user may see."""
    visit = settlement.visit
    rows = (
        Settlement.objects.visible_to(user)
        .effective()
        .exclude(visit=visit)
        .select_related("visit__person")
        .order_by("-visit__starts", "-pk")
    )
    mine = rows.filter(visit__person=visit.person_id)
    family = rows.filter(visit__household=visit.household_id).exclude(visit__person=visit.person_id)
    year = mine.filter(policy_year=settlement.policy_year)
    of_year = (
        year.not_taken_back()
        .order_by()
        .aggregate(
            stays=Count("pk", filter=Q(visit__counts_as_stay=True)),
            visits=Count("pk"),
            paid=Sum("fund_amount"),
        )
    )
    return {
        "own_claims": mine[:ROWS],
        "family_claims": family[:ROWS],
        "of_year": of_year,
        "at_hospital": _hospital(settlement, user),
        "findings": settlement.screened.open if hasattr(settlement, "screened") else None,
    }


def _hospital(settlement: Settlement, user: User) -> dict[str, Any]:
    """How this bill stands among the hospital's others of the same care, by the latest days: a
    large hospital has a hundred thousand a year, and to go through them took half a second."""
    visit = settlement.visit
    others = Settlement.objects.visible_to(user).counted()
    others = others.filter(
        visit__care=visit.care,
        visit__starts__range=(visit.starts - LATEST, visit.starts),
    ).exclude(visit=visit)
    if visit.institution_id is None:
        others = others.filter(visit__institution_name=visit.institution_name)
    else:
        others = others.filter(visit__institution=visit.institution_id)
    return others.order_by().aggregate(
        claims=Count("pk"), usual=Avg("total_amount"), paid=Avg("fund_amount")
    )
