"""Tables that are read in spans, and their rows brought into the order of somebody's ids."""

from collections.abc import Mapping, Sequence

import numpy as np

from reports.whatif.copying import Column
from reports.whatif.places import Places
from reports.whatif.tables import Read
from reports.whatif.together import Begin


class Reading:
    """A table that is being read in spans."""

    def __init__(self, begin: Begin, reads: Sequence[Read]) -> None:
        self.spans = [begin(read) for read in reads]

    def columns(self) -> dict[str, Column]:
        """The spans one after the other; each is given up as soon as it is copied."""
        spans = [span.result() for span in self.spans]
        self.spans.clear()
        names = list(spans[0]) if spans else []
        return {name: np.concatenate([span.pop(name) for span in spans], axis=-1) for name in names}


def lined_up(rows: Mapping[str, Column], key: str, places: Places) -> dict[str, Column]:
    """The rows' columns in the order of the places; what stands beside ids of its own is spread.

    Raises ValueError when a row is missing.
    """
    at = places.of(rows[key])
    known = at >= 0
    if int(known.sum()) != len(places):
        raise ValueError(f"{len(places) - int(known.sum())} rows are missing by their {key}")
    at = at[known]
    found = {}
    for name, values in rows.items():
        if f"{name} of" in rows:
            found[name] = places.summed(rows[f"{name} of"], values)
        elif not name.endswith(" of"):
            found[name] = np.empty(len(places), dtype=np.int64)
            found[name][at] = values[known]
    return found
