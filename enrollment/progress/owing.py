"""What somebody who is missing would pay: told on the list with which the cadres go round."""

from collections.abc import Collection, Iterable
from datetime import date

from accounts.errors import Refusal
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.cover.campaigns import measures_of_year
from enrollment.cover.enrolling import Season
from enrollment.cover.models import Campaign, Enrollment
from enrollment.people.models import Person
from enrollment.people.register import statuses_on
from lib.money import to_yuan, told


def owing(*, people: Collection[Person], campaign: Campaign, on: date) -> dict[int, str]:
    """Person id → what is to be paid in yuan, by the measures and the statuses of the day.

    In the tier of the household this year, else in the own one of last year; who may still choose
    is told each tier. As many statements whatever the number. Raises Refusal without measures.
    """
    season = Season(campaign, measures_of_year(area_code=campaign.area.code, year=campaign.year))
    waiting = Enrollment.objects.filter(
        person__in=people, year=campaign.year, status=Enrollment.Status.PENDING
    )
    entered = dict(waiting.values_list("person", "personal_amount"))
    households = _tiers("household", {one.household_id for one in people}, campaign.year)
    before = _tiers("person", {one.pk for one in people}, campaign.year - 1)
    statuses = statuses_on([one.pk for one in people], on)
    found = {}
    for one in people:
        if one.pk in entered:
            found[one.pk] = told(entered[one.pk])
            continue
        tier = households.get(one.household_id) or before.get(one.pk) or ""
        tiers = [tier] if tier in season.tiers else list(season.tiers or [""])
        found[one.pk] = _told(one, tiers, statuses[one.pk], season)
    return found


def _tiers(column: str, keys: Collection[int], year: int) -> dict[int, str]:
    rows = Enrollment.objects.filter(**{f"{column}__in": keys}, year=year)
    rows = rows.exclude(status=Enrollment.Status.CANCELLED)
    return dict(rows.values_list(column, "tier"))


def _told(person: Person, tiers: Iterable[str], statuses: frozenset[str], season: Season) -> str:
    terms, parts = season.measures.terms, []
    for tier in tiers:
        payer = as_payer(person, tier=tier, statuses=statuses, terms=terms)
        try:
            due = assess_person(payer, terms, year=season.year).personal
        except Refusal:  # a tier that this person may not take
            continue
        amount = told(to_yuan(due))
        parts.append((season.tiers.get(tier, ""), amount))
    if len(parts) == 1:
        return parts[0][1]
    return "，".join(f"{name} {amount}" for name, amount in parts)
