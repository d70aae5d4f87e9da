"""How long 100 000 old settlements take to be compared, and whether all that was planted is found.

    python bench/compare_old.py [CLAIMS]

Pure: no database. The settlements are made up (bench/old_county.py), fifty of them settled
otherwise for ten causes.
"""

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.old_county import old_county, with_more_rules
from claims.carried.comparing import compare
from policies.loader import load_text

DAZU = Path(__file__).resolve().parent.parent / "policies" / "packs" / "dazu.yaml"


def main(claims: int) -> None:
    terms = load_text(with_more_rules(DAZU.read_text(encoding="utf-8")), name="试验")
    county = old_county(terms, claims)
    began = time.perf_counter()
    found = compare(county.olds, terms, county.start)
    took = time.perf_counter() - began
    causes = {one.key: one.cause for one in found}
    print(f"{len(county.olds):,} settlements compared in {took:.1f} s")
    print(f"planted {len(county.planted)}, found {len(found)}, "
          f"right cause {sum(causes.get(k) == c for k, c in county.planted.items())}, "
          f"invented {len(causes.keys() - county.planted.keys())}")  # fmt: skip
    print(dict(Counter(causes.values())))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
