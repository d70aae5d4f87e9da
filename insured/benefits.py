"""What the insurance pays for somebody: a stay at each level with what is used up, and the limits
of the year. Computed by the engine from the measures of the own cover.

Of what a household counts together the limit alone is told, and not what is used of it: that is
what its other adults drew (insured/shown.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from claims.computation import member_of, usage_to_date
from claims.probing.examples import Example, Limit, limits, stays
from enrollment.cover.covering import cover_on
from enrollment.models import Person
from policies.services import terms_of

COST = 8_000_00


@dataclass(frozen=True)
class Benefits:
    """`levels`: the level's name with a stay of `cost` fen there. `shared`: limits that the whole
    household counts towards."""

    tier: str = ""
    cost: int = COST
    levels: Sequence[tuple[str, Example]] = field(default=())
    limits: Sequence[Limit] = field(default=())
    shared: Sequence[Limit] = field(default=())

    @property
    def articles(self) -> list[str]:
        """What the stays are paid by, each once."""
        return [*dict.fromkeys(one.article for _, one in self.levels)]


def benefits_of(person: Person, on: date) -> Benefits | None:
    """Of the cover that holds on the day; None without one. Four statements, or five."""
    cover = cover_on(person, on)
    if cover is None:
        return None
    terms = terms_of(cover.pack)
    used = usage_to_date(cover, terms)
    member = member_of(cover, on, terms)
    of_household = {one.title for one in terms.counters.values() if one.owner == "household"}
    found = limits(terms, used)
    return Benefits(
        tier=cover.tier_name,
        levels=[
            (terms.vocabulary["level"][one.level], one)
            for one in stays(terms, member, [COST], on, used)
        ],
        limits=[one for one in found if one.name not in of_household],
        shared=[one for one in found if one.name in of_household],
    )
