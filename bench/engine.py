"""How fast the engine settles, and that one by one is the batch bit for bit.

    python bench/engine.py [--claims 1000000] [--scalar 2000] [--compare 20000]

Random claims under the 2025 resident pack with twelve bill classes: a year as one batch, claims
at the counter one at a time (with steps, as the portal settles them), one plain NumPy pass over
the same columns for scale, and ``--compare`` claims settled both ways.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from claims.adjudication import Cases, adjudicate  # noqa: E402
from policies.loader import load_text  # noqa: E402
from policies.terms import Terms  # noqa: E402
from tests.claims.adjudication.at_random import OneByOne, one_of, random_cases  # noqa: E402

COUNTY = 10_000  # claims at a time: steps of a million would not fit the memory
MARK = "    - {code: class_c,"


def twelve_classes() -> Terms:
    """The resident pack with nine more bill classes, each with a share of its own."""
    text = (ROOT / "policies" / "packs" / "resident-2025.yaml").read_text("utf-8")
    more = "".join(
        f"    - {{code: extra{n}, name: 其他{n}, kind: covered, first_self_pay: {n}%}}\n"
        for n in range(1, 10)
    )
    return load_text(text.replace(MARK, more + MARK), "bench")


def columns_of(cases: Cases) -> list[np.ndarray]:
    """Every column that the engine reads, the bill classes one by one."""
    return [
        *cases.amounts,
        *cases.categories.values(),
        *cases.flags.values(),
        *cases.numbers.values(),
        cases.person,
        cases.household,
        cases.counted_on,
    ]


def seconds(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--scalar", type=int, default=2_000)
    parser.add_argument("--compare", type=int, default=20_000)
    options = parser.parse_args()
    terms = twelve_classes()
    cases = random_cases(terms, options.claims, seed=1, people=options.claims * 2 // 3 + 1)
    columns = columns_of(cases)
    total = np.zeros(len(cases), dtype=np.int64)

    def one_pass() -> None:
        for column in columns:
            np.add(total, column, out=total)

    batch = min(seconds(lambda: adjudicate(cases, terms)) for _ in range(3))
    plain = min(seconds(one_pass) for _ in range(3))
    singles = [one_of(cases, at) for at in range(min(options.scalar, len(cases)))]
    scalar = seconds(lambda: [adjudicate(each, terms, keep_steps=True).one(0) for each in singles])
    print(f"batch of {len(cases)}: {batch:.2f} s, {len(cases) / batch:,.0f} claims/s")
    print(f"one NumPy pass over its {len(columns)} columns: {plain:.3f} s, x{batch / plain:.0f}")
    print(f"one at a time, with steps: {len(singles) / scalar:,.0f} claims/s")
    compare(terms, options.compare)


def compare(terms: Terms, size: int) -> None:
    """Settle ``size`` claims both ways, county by county; stop at the first difference."""
    started = time.perf_counter()
    for first in range(0, size, COUNTY):
        here = min(COUNTY, size - first)
        cases = random_cases(terms, here, seed=first + 2, people=here // 3 + 1)
        batch = adjudicate(cases, terms, keep_steps=True)
        apart = OneByOne(terms)
        for at in range(here):
            if apart.settle(cases, at) != batch.one(at):
                sys.exit(f"claim {at} of seed {first + 2} differs")
    spent = time.perf_counter() - started
    print(f"{size} claims one by one = batch, bit for bit, in {spent:.0f} s")


if __name__ == "__main__":
    main()
