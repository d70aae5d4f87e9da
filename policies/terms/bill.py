"""How the lines of a bill are sorted before any benefit is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policies.terms.tables import Table

# Where a material or drug was made; bills and catalogues use the same codes.
ORIGINS: Mapping[str, str] = {"domestic": "国产", "imported": "进口", "joint": "合资"}

Kind = Literal["covered", "self_pay", "institution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """First-self-pay ``share`` of single lines: by unit price (fen, above ``above`` and up to
    ``up_to``), by origin, or by both."""

    above: int
    up_to: int | None
    origins: frozenset[str]
    share: int
    article: str

    def fits(self, unit_price: int, origin: str) -> bool:
        """Whether a line of this unit price and origin falls under the rule."""
        within = unit_price > self.above and (self.up_to is None or unit_price <= self.up_to)
        return within and (not self.origins or origin in self.origins)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillClass:
    """One class of bill lines.

    ``covered``: ``shares`` (1/10000) is paid by the patient first, the rest is in scope.
    ``self_pay``: wholly the patient's.  ``institution``: wholly borne by the institution.
    ``billed``: what is paid first stands on each line of the bill, not in the measures.
    ``line_shares`` override ``shares`` for lines that they fit; ``unit_limits`` is the most
    that counts per unit (a bed day, an examination), in fen.
    """

    code: str
    name: str
    article: str
    kind: Kind
    shares: Table | None = None
    line_shares: tuple[LineShare, ...] = ()
    unit_limits: Table | None = None
    billed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLimit:
    """目录外费用占比: self-pay lines above ``ratios`` of the bill are over the consent limit.
    ``institution``: the excess is taken off the patient; otherwise it is only pointed out."""

    ratios: Table
    effect: Literal["institution", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """急诊留观: costs of an observation that ended at most ``within_days`` days before the
    admission belong to the stay."""

    within_days: int
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRules:
    """All bill classes of a pack, in the pack's order."""

    classes: Mapping[str, BillClass]
    consent_limit: ConsentLimit | None = None
    observation: Observation | None = None
