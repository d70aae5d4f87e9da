"""What joining after the window would cost and from when it would hold, for the page that asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.errors import Refusal
from enrollment.cover.assessing import as_payer, assess_person
from enrollment.cover.late import Offer, closed_seasons, late_season, offers
from enrollment.cover.models import Enrollment
from enrollment.people.models import Person


@dataclass(frozen=True)
class Price:
    """A year that is offered, with the personal part in fen by tier."""

    offer: Offer
    personal: Mapping[str, int]

    @property
    def year(self) -> int:
        return self.offer.season.year


@dataclass(frozen=True)
class Verdict:
    """A member: what is offered, or why nothing is. `is_told`: False for who is covered already."""

    person: Person
    offers: Sequence[Price] = field(default_factory=tuple)
    refusal: str = ""
    is_told: bool = True

    @property
    def totals(self) -> list[int]:
        """Fen by tier over all years, where there are several."""
        first = self.offers[0].personal
        return [sum(one.personal.get(tier, 0) for one in self.offers) for tier in first]


def late_tiers(*, area_code: str, day: date) -> Mapping[str, str]:
    """Tiers to choose from after the window, code → name. Raises Refusal: nobody can join."""
    seasons = closed_seasons(area_code, day)
    return seasons[0].tiers if seasons else late_season(area_code=area_code, day=day).tiers


def verdict_of(
    person: Person,
    *,
    area_code: str,
    tiers: Mapping[str, str],
    tier: str,
    statuses: frozenset[str],
    on: date,
) -> Verdict:
    """What the rules say about one member, with the price of each year on each tier."""
    try:
        found = offers(person, area_code=area_code, tier=tier, statuses=statuses, on=on)
        taken = Enrollment.objects.filter(
            person=person, year__in=[one.season.year for one in found]
        ).exclude(status=Enrollment.Status.CANCELLED)
        if taken.exists():
            return Verdict(person, is_told=False)
        return Verdict(person, [_price(one, person, tiers or {"": ""}, statuses) for one in found])
    except Refusal as refusal:
        return Verdict(person, refusal=refusal.message)


def _price(
    offer: Offer, person: Person, tiers: Mapping[str, str], statuses: frozenset[str]
) -> Price:
    terms, personal = offer.season.measures.terms, {}
    for tier in tiers:
        payer = as_payer(person, tier=tier, statuses=statuses, terms=terms)
        personal[tier] = assess_person(payer, terms, year=offer.season.year).personal
    return Price(offer, personal)
