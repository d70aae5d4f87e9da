"""Where ids stand: what joins the columns of one table to those of another."""

import numpy as np

from reports.whatif.copying import Column


def place_in(ordered: Column, wanted: Column) -> Column:
    """The place of each wanted id among distinct ids in order; -1 for one that is not there."""
    if not len(ordered):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    found: Column = np.where(ordered[at] == wanted, at, -1)
    return found


def sums_of(ordered: Column, wanted: Column, values: Column) -> Column:
    """The sum of the values of each id, in their order; other ids are left out."""
    found = np.zeros(len(ordered), dtype=np.int64)
    at = place_in(ordered, wanted)
    known = at >= 0
    np.add.at(found, at[known], values[known])
    return found


class Places:
    """Distinct ids, each of which stands for one position of a column."""

    def __init__(self, ids: Column) -> None:
        self.order = np.argsort(ids, kind="stable")
        self.ordered = ids[self.order]

    def __len__(self) -> int:
        return len(self.ordered)

    def of(self, wanted: Column) -> Column:
        """The position of each wanted id; -1 for one that is not there."""
        at = place_in(self.ordered, wanted)
        found: Column = np.where(at < 0, -1, self.order[at])
        return found

    def spans(self, parts: int) -> list[Column]:
        """The ids in order, in so many parts; fewer when there are not enough."""
        return [ids for ids in np.array_split(self.ordered, parts) if len(ids)]

    def summed(self, ids: Column, values: Column) -> Column:
        """The sums of the values by position; ids that are not here are left out."""
        found = np.empty(len(self), dtype=np.int64)
        found[self.order] = sums_of(self.ordered, ids, values)
        return found
