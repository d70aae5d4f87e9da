"""Screening rules (疑点筛查规则), one module each: pure functions from claims to hits.

A rule is a module here with `RULE`, which says in `needs` what it looks at besides the new claims,
and `find(new, known)`. `SCREENS` finds it by itself; `supervision.services.screen_new_claims`
gathers what the rules need, once for all of them, and runs them.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Need, Rule

Find = Callable[[Sequence[ClaimFacts], Known], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Screen:
    """A rule's card with its function."""

    rule: Rule
    find: Find


def _screens() -> Iterator[Screen]:
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "RULE"):
            yield Screen(module.RULE, module.find)


SCREENS: tuple[Screen, ...] = tuple(sorted(_screens(), key=lambda screen: screen.rule.code))
RULES: Mapping[str, Rule] = {screen.rule.code: screen.rule for screen in SCREENS}

__all__ = ["RULES", "SCREENS", "Certainty", "ClaimFacts", "Hit", "Known", "Need", "Rule", "Screen"]
