"""Quotas of townships, moves between them, and who bears what goes beyond. Pure, fen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lib.money import split


@dataclass(frozen=True, slots=True)
class Use:
    """What the fund paid for people of `home`: `place` is the township whose institution it went to
    ("" for the county's hospitals and those outside), `institution` its code ("" where a family
    brought the bill of a hospital without an agreement)."""

    home: str
    place: str
    institution: str
    fen: int


@dataclass(slots=True)
class Standing:
    """A township's year. `moved_out`: its people's care in other townships, taken from its quota;
    `moved_in`: other townships' people's care here, put to it. `used`: what counts against the
    quota that this leaves. `by_institution`: what its people drew, of those with an agreement."""

    given: int
    moved_out: int = 0
    moved_in: int = 0
    used: int = 0
    by_institution: dict[str, int] = field(default_factory=dict)

    @property
    def quota(self) -> int:
        return self.given - self.moved_out + self.moved_in

    @property
    def overspend(self) -> int:
        return max(0, self.used - self.quota)


def standings(given: Mapping[str, int], uses: Iterable[Use]) -> dict[str, Standing]:
    """Quotas and what was used of them.

    Care in another township is taken from the home's quota and put to the other's (第二十六条(四)),
    against which it then counts: nothing is made or lost, and what a township went beyond is what
    its own people used more than it was given.
    """
    found = {code: Standing(fen) for code, fen in given.items()}
    for use in uses:
        home = found.setdefault(use.home, Standing(0))
        if use.place and use.place != use.home:
            place = found.setdefault(use.place, Standing(0))
            home.moved_out += use.fen
            place.moved_in += use.fen
            place.used += use.fen
        else:
            home.used += use.fen
        if use.institution:
            drawn = home.by_institution
            drawn[use.institution] = drawn.get(use.institution, 0) + use.fen
    return found


def borne_by(institutions: int, spent: Mapping[str, int]) -> dict[str, int]:
    """The institutions' part among them by what each was paid. The article names no measure: who
    drew more of the quota bears more. Nobody where nobody drew."""
    drawn = {code: fen for code, fen in spent.items() if fen > 0}
    if not institutions or not drawn:
        return {}
    shares = split(institutions, list(drawn.values()))
    return {code: fen for code, fen in zip(drawn, shares, strict=True) if fen}
