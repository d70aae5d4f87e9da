"""What holds on which days where decisions lie over one another: the last one over a day. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one decision says of the days from `first_day` to `last_day` (None: without end)."""

    state: str
    first_day: date
    last_day: date | None
    barred_until: date | None
    evidence: str
    reason: str

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Piece:
    """Days of one layer over which no other lies."""

    layer: Layer
    first_day: date
    last_day: date | None

    @property
    def says(self) -> tuple[str, date | None, date, date | None]:
        return self.layer.state, self.layer.barred_until, self.first_day, self.last_day


def top(layers: Sequence[Layer], day: date) -> Layer | None:
    """`layers`: the earliest decision first."""
    return next((one for one in reversed(layers) if one.covers(day)), None)


def pieces(layers: Sequence[Layer], first: date, end: date | None = None) -> list[Piece]:
    """The days from `first`, before `end`, that are not paid; the earliest days first."""
    bounds = {first}
    for one in layers:
        bounds.add(one.first_day)
        if one.last_day is not None:
            bounds.add(one.last_day + timedelta(1))
    days = sorted(day for day in bounds if day >= first and (end is None or day < end))
    found = []
    for day, after in zip(days, [*days[1:], end], strict=True):
        held = top(layers, day)
        if held is not None and held.state != NORMAL:
            found.append(Piece(held, day, after - timedelta(1) if after else None))
    return joined(found)


def joined(found: Iterable[Piece]) -> list[Piece]:
    """Pieces of one layer that follow each other are one."""
    whole: list[Piece] = []
    for one in found:
        last = whole[-1] if whole else None
        if last and last.layer == one.layer and last.last_day == one.first_day - timedelta(1):
            whole[-1] = Piece(one.layer, last.first_day, one.last_day)
        else:
            whole.append(one)
    return whole
