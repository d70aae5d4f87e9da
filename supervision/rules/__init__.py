"""Screening rules (疑点筛查规则), one module each: pure functions from claims to hits.

A rule is a module here with `RULE`, which says in `needs` what it looks at besides the new claims,
and `find(new, known)`. `SCREENS` finds it by itself; `supervision.services.screen_new_claims`
gathers what the rules need, once for all of them, and runs them. What only people tell has no
`find` (`denied`). What is several rules in one lists them with their functions as `SCREENED`
(`library`).
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from supervision.rules.facts import Certainty, ClaimFacts, Hit, Known, Moment, Need, Rule

Find = Callable[[Sequence[ClaimFacts], Known], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class Screen:
    """A rule's card with its function."""

    rule: Rule
    find: Find


_MODULES = [import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
_SINGLE = [one for one in _MODULES if hasattr(one, "RULE")]
_SEVERAL = [Screen(*pair) for one in _MODULES for pair in getattr(one, "SCREENED", ())]
_RULES: list[Rule] = [*(one.RULE for one in _SINGLE), *(screen.rule for screen in _SEVERAL)]
RULES: Mapping[str, Rule] = {rule.code: rule for rule in sorted(_RULES, key=lambda rule: rule.code)}
SCREENS: tuple[Screen, ...] = tuple(
    sorted(
        [*(Screen(one.RULE, one.find) for one in _SINGLE if hasattr(one, "find")), *_SEVERAL],
        key=lambda screen: screen.rule.code,
    )
)

__all__ = [
    "RULES",
    "SCREENS",
    "Certainty",
    "ClaimFacts",
    "Hit",
    "Known",
    "Moment",
    "Need",
    "Rule",
    "Screen",
]
