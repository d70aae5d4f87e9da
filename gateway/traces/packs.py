"""How many units a pack holds, as its specification says it. Pure."""

import re
from math import prod

# What is counted of an opened pack. A strength (0.25g, 10ml) is none of it.
UNITS = "片粒丸袋支枚贴瓶包颗揿吸喷滴板盒"
COUNTED = re.compile(rf"(\d{{1,4}})\s*[{UNITS}]")


def units_in(pack: str) -> int | None:
    """12片*2板/盒 → 24, 24粒/盒 → 24, 0.25g*24s → None: where it cannot be read, nobody guesses."""
    inside, _, _ = pack.partition("/")
    counts = [int(found) for found in COUNTED.findall(inside)]
    units = prod(counts) if counts else 0
    return units or None
