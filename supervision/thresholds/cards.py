"""What a version of the rules may say besides the thresholds: which rules are off, and within how
many working days an alert is handled. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from supervision.rules import SCREENS, Rule
from supervision.rules.bounds import CARDS, NO_NORM, BoundCard, Bounds
from supervision.rules.library import KIND_OF

# The kinds of the library are switched there, each point by itself (supervision/library).
SWITCHED: Sequence[Rule] = tuple(
    screen.rule for screen in SCREENS if screen.rule.code not in KIND_OF
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDays:
    """Working days of each step, counted from the day after the one before it."""

    first_days: int = 5
    second_days: int = 5
    appeal_days: int = 10
    verify_days: int = 10
    decide_days: int = 5


# 医疗保障基金智能审核和监控知识库、规则库管理办法（试行） (2022) names the steps and gives no days.
NAMED = "智能审核和监控两库管理办法（试行）规定了环节，没有规定天数"


def _days(name: str, most: int) -> BoundCard:
    return BoundCard(rule="", name=name, unit="个工作日", least=1, most=most, source=NAMED)


DAY_CARDS: Mapping[str, BoundCard] = {
    "first_days": _days("初审：发现以后", 30),
    "second_days": _days("复审：初审以后", 30),
    "appeal_days": _days("机构申诉：送达以后", 60),
    "verify_days": _days("核实：申诉以后", 60),
    "decide_days": _days("处理：核实以后", 30),
}
EVERY_CARD: Mapping[str, BoundCard] = {**CARDS, **DAY_CARDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What holds on a day. `version`: the decision that says so, None while nobody decided."""

    version: int | None = None
    bounds: Bounds = field(default_factory=Bounds)
    off: frozenset[str] = frozenset()
    days: ReviewDays = field(default_factory=ReviewDays)

    @property
    def values(self) -> dict[str, int]:
        """Every threshold and term by its name."""
        return {
            **{name: getattr(self.bounds, name) for name in CARDS},
            **{name: getattr(self.days, name) for name in DAY_CARDS},
        }

    def says_as(self, other: "InForce") -> bool:
        """Whether both screen alike."""
        return self.values == other.values and self.off == other.off

    @classmethod
    def of(cls, version: int | None, values: Mapping[str, int], off: Sequence[str]) -> "InForce":
        """As a decision keeps it; what came later than the decision stands at its default."""
        return cls(
            version=version,
            bounds=Bounds(**{name: values[name] for name in CARDS if name in values}),
            off=frozenset(off),
            days=ReviewDays(**{name: values[name] for name in DAY_CARDS if name in values}),
        )


def problem_of(name: str, value: int) -> str:
    """Why a county may not set it so; "" where it may."""
    card = EVERY_CARD[name]
    if card.least <= value <= card.most:
        return ""
    return f"“{card.name}”应在 {card.least} 至 {card.most} {card.unit}之间，现为 {value}"


__all__ = ["DAY_CARDS", "EVERY_CARD", "NO_NORM", "SWITCHED", "InForce", "ReviewDays", "problem_of"]
