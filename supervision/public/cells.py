"""Which sums a notice may tell: neither it nor the difference of two is of one or two. Pure.

A cell is what one kind of subsidy brought to one village in one period. A cell of fewer than three
people is told with the others of its village; where they are still fewer, with those of the whole
township, then of the county, and else not at all. Whatever any notice says is a sum of the cells
that come out of this, each of three at least: so is every difference of two notices.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from supervision.publishing import MIN_ALIKE

# The kind of a cell in which small ones were put together.
TOGETHER = "其他"
# Digits of the codes of village, township and county.
VILLAGE, TOWNSHIP, COUNTY = 12, 9, 6


@dataclass(frozen=True, order=True)
class Cell:
    """`place`: code of a village; of a township or county for what is told of it as a whole. `sum`
    in fen. `people`: at least so many different ones."""

    place: str
    kind: str
    people: int
    sum: int


def told(cells: Iterable[Cell]) -> list[Cell]:
    """The cells as they may be told, by place. Those of one place and kind come as one."""
    out: list[Cell] = []
    small: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.people >= MIN_ALIKE:
            out.append(cell)
        elif cell.people > 0:
            small[cell.place].append(cell)
    # One person may have got several kinds: of those of a village the most are different people.
    rising = [
        Cell(place, TOGETHER, max(one.people for one in some), sum(one.sum for one in some))
        for place, some in small.items()
    ]
    for digits in (VILLAGE, TOWNSHIP, COUNTY):
        rising = _risen(rising, digits)
        out += [cell for cell in rising if cell.people >= MIN_ALIKE]
        rising = [cell for cell in rising if cell.people < MIN_ALIKE]
    return sorted(out)


def _risen(cells: list[Cell], digits: int) -> list[Cell]:
    """Put together by the place so far above."""
    above: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        above[cell.place[:digits]].append(cell)
    return [
        Cell(place, TOGETHER, sum(one.people for one in some), sum(one.sum for one in some))
        for place, some in above.items()
    ]
