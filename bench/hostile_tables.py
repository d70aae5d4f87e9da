"""Workbooks that mean harm, sent to the guarded reader: memory and time of each child.

    python bench/hostile_tables.py --variants 500

Every variant is read under a small layout (a request waits) and a large one (a worker). Told are
the slowest and the hungriest child, and whatever ended otherwise than in rows or in a refusal.
"""

import argparse
import random
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lib.tables.layout import Column, Layout  # noqa: E402
from lib.tables.reading import SpreadsheetError, read  # noqa: E402
from tests.lib.workbooks import data, text, workbook  # noqa: E402

COLUMNS = (Column("code", "代码"), Column("name", "名称"))
LAYOUTS = {
    "small": Layout(COLUMNS, ("code",), max_bytes=4 * 1024 * 1024),
    "large": Layout(COLUMNS, ("code",)),
}


def hostile(chance: random.Random) -> bytes:
    """A few kilobytes with cells and rows with or without places, nested, repeated, far apart."""
    prefix = chance.choice(["", "", "x:"])
    wide = chance.choice([1, 60, 800, 16_000, 200_000])
    high = chance.choice([1, 1_000, 65_536, 500_000, 1_048_576, 9_999_999])
    placed = chance.random() < 0.3
    cell = chance.choice(["<c><v>1</v></c>", "<c/>", '<c t="s"><v>9999</v></c>', '<c s="1"/>'])
    head = f"<row>{text('代码')}{text('名称')}{cell * wide}</row>"
    rows = chance.choice(["", "<row/>", f"<row>{cell * 40}</row>"]) * chance.choice(
        [1, 900, 30_000]
    )
    far = f'<row r="{high}"><c r="{"XFD" if placed else "A"}{high}"><v>1</v></c></row>'
    noise = chance.choice(["", "<!-- r='A1' -->" * 500, '<c x=" r=&quot;A1&quot;"/>' * 500])
    sheet = data(head, rows, noise, far)
    if prefix:
        sheet = sheet.replace("<row", "<x:row").replace("</row", "</x:row")
    sheets = {f"表{n}": sheet for n in range(chance.choice([1, 1, 1, 3, 61]))}
    return workbook(sheets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    slowest = {name: 0.0 for name in LAYOUTS}
    refused = read_in = 0
    for number in range(given.variants):
        content = hostile(chance)
        for name, layout in LAYOUTS.items():
            began = time.monotonic()
            try:
                read(content, layout)
                read_in += 1
            except SpreadsheetError:
                refused += 1
            slowest[name] = max(slowest[name], time.monotonic() - began)
        if number % 50 == 49:
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            told = ", ".join(f"{name} {most:.1f} s" for name, most in slowest.items())
            print(f"{number + 1}: {refused} refused, {read_in} read; slowest {told}; {peak} MB")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"the parent itself: {own} MB")


if __name__ == "__main__":
    main()
