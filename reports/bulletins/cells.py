"""What a bulletin tells of care, so that nobody is known by it: pure.

A kind of care that fewer than so many people had in a month goes with the others; since those are
the difference of the whole and the rest, the smallest told kind goes with them. A quarter tells a
kind that every month of it told, so that no bulletin is the difference of two others, and nothing
where a month with visits told nothing: the quarter less the other months would be that one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

OTHERS = "其他"


@dataclass(frozen=True)
class Care:
    """A kind of care in a month: visits, fen that the fund paid, different people."""

    name: str
    visits: int
    paid: int
    people: int


def told(months: Sequence[Sequence[Care]], least: int) -> list[Care]:
    """One row for each kind that may be told over all these months, the others together. Nothing
    where all people of a month are fewer than `least`, or hidden kinds have no other beside."""
    if len(months) > 1 and any(
        any(one.visits for one in month) and not told([month], least) for month in months
    ):
        return []
    hidden = {name for month in months for name in _hidden(month, least)}
    names = dict.fromkeys(one.name for month in months for one in month if one.visits)
    rows = [_sum(name, months, {name}) for name in names if name not in hidden]
    if not hidden:
        return rows
    others = _sum(OTHERS, months, hidden)
    return [*rows, others] if others.people >= least else []


def may_tell(parties: Iterable[Collection[object]], least: int) -> bool:
    """Whether a sum may be told whose parts are of these parties: each of nobody or of at least so
    many different ones, so that no sum of parts, and no difference of two, is of fewer."""
    return all(not part or len(set(part)) >= least for part in parties)


def _hidden(month: Iterable[Care], least: int) -> set[str]:
    rising = sorted((one for one in month if one.visits), key=lambda one: (one.people, one.name))
    small = [one for one in rising if one.people < least]
    return {one.name for one in (rising[: len(small) + 1] if small else [])}


def _sum(name: str, months: Sequence[Sequence[Care]], wanted: set[str]) -> Care:
    """`people`: at least so many different ones."""
    rows = [one for month in months for one in month if one.name in wanted]
    return Care(
        name,
        sum(one.visits for one in rows),
        sum(one.paid for one in rows),
        max((one.people for one in rows), default=0),
    )
