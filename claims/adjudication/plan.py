"""What the engine wants to know of a pack, found out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from claims.adjudication.columns import asked_dimensions
from claims.adjudication.decisions import refusal_rules
from policies.terms import AMOUNTS, RefusalRule, Terms, dimensions_of

# Known only when the benefit is chosen and the bill is sorted.
KNOWN_LATE = frozenset({"visit", "visit_here", "in_scope"})

Numbered = tuple[int, RefusalRule]


@dataclass(frozen=True, slots=True)
class Plan:
    """``early`` and ``late`` refusals with their numbers in ``refusal_rules``; ``classes_kept``:
    bill classes whose own in-scope amount some rule needs; ``amounts``: some condition speaks of
    amounts; ``left_out``: what some layer leaves out of its base; ``owned_alone``: nothing is
    counted by household."""

    early: tuple[Numbered, ...]
    late: tuple[Numbered, ...]
    classes_kept: frozenset[str]
    amounts: bool
    left_out: frozenset[str]
    owned_alone: bool


@lru_cache(maxsize=64)
def plan_of(terms: Terms) -> Plan:
    rules = tuple(enumerate(refusal_rules(terms)))[1:-1]
    late = [each for each in rules if dimensions_of(each[1]) & KNOWN_LATE]
    return Plan(
        early=tuple(each for each in rules if each not in late),
        late=tuple(late),
        classes_kept=_classes_kept(terms),
        amounts=bool(asked_dimensions(terms) & frozenset(AMOUNTS)),
        left_out=frozenset().union(*(layer.without for layer in terms.layers)),
        owned_alone=all(counter.owner == "person" for counter in terms.counters.values()),
    )


def _classes_kept(terms: Terms) -> frozenset[str]:
    kept: set[str] = set()
    for benefit in terms.benefits:
        kept |= {fee.bill_class for fee in benefit.fees}
        if benefit.scheme is not None:
            kept |= set().union(*(stream.classes for stream in benefit.scheme.streams))
            kept |= set().union(*(bonus.classes for bonus in benefit.scheme.bonuses))
    return frozenset(kept)
