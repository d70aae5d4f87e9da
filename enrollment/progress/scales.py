"""What a campaign aims at and how it rewards: from the measures, or from the shipped example."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import policies
from enrollment.cover.campaigns import measures_of_year
from enrollment.cover.models import Campaign
from enrollment.cover.premiums import campaign_reward
from policies.loader import load_text
from policies.terms import Campaign as Aims
from policies.terms import Terms

# A township's plan with rewards and reporting days, for areas whose measures have none.
EXAMPLE = Path(policies.__file__).parent / "packs" / "township-campaign.yaml"
WHOLE = 10_000


@dataclass(frozen=True)
class Scale:
    """A scale of rewards and where it stands. Amounts in fen."""

    terms: Terms
    aims: Aims
    is_example: bool

    @property
    def source(self) -> str:
        return f"《{self.terms.title}》{self.aims.article}"

    def reward(self, *, enrolled: int, due: int) -> int:
        """Fen for a village that enrolled so many of those who should."""
        return campaign_reward(self.terms, enrolled=enrolled, due=due)


@lru_cache(maxsize=1)
def _example() -> Terms:
    return load_text(EXAMPLE.read_text(encoding="utf-8"), name=EXAMPLE.name)


def _aims(terms: Terms) -> Aims | None:
    return terms.premium.campaign if terms.premium else None


def _example_aims() -> Aims:
    aims = _aims(_example())
    assert aims is not None  # the shipped pack has them; its test says so
    return aims


def _own_terms(campaign: Campaign) -> Terms:
    return measures_of_year(area_code=campaign.area.code, year=campaign.year).terms


def scale_of(campaign: Campaign) -> Scale:
    """The measures' own rewards, else the example's, marked as such. Raises Refusal without a pack.

    Source of the example: 乡镇筹资方案 五, 0.5 yuan a head from 95 %, 0.3 from 90 %, none below;
    400 yuan for a lost receipt book.
    """
    terms = _own_terms(campaign)
    own = _aims(terms)
    if own is not None and own.rewards:
        return Scale(terms, own, False)
    return Scale(_example(), _example_aims(), True)


def target_ratio(campaign: Campaign) -> int | None:
    """The rate that the measures demand of every village, in 1/10000; None when they do not."""
    own = _aims(_own_terms(campaign))
    return own.target if own else None


def report_days(campaign: Campaign) -> tuple[int, ...]:
    """Weekdays of reporting, 1 is Monday; 周一、周四 unless the measures differ."""
    own = _aims(_own_terms(campaign))
    return (own.report_days if own else ()) or _example_aims().report_days
