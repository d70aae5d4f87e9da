"""How the lines of a bill are sorted before any benefit is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policies.terms.tables import Table

Kind = Literal["covered", "self_pay", "institution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillClass:
    """One class of bill lines.

    ``covered``: ``shares`` (1/10000) is paid by the patient first, the rest is in scope.
    ``self_pay``: wholly the patient's.  ``institution``: wholly borne by the institution.
    """

    code: str
    name: str
    article: str
    kind: Kind
    shares: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLimit:
    """目录外费用占比: self-pay lines above ``ratios`` of the bill are over the consent limit.
    ``institution``: the excess is taken off the patient; otherwise it is only pointed out."""

    ratios: Table
    effect: Literal["institution", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRules:
    """All bill classes of a pack, in the pack's order."""

    classes: Mapping[str, BillClass]
    consent_limit: ConsentLimit | None = None
