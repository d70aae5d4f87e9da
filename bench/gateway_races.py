"""Races of messages of the hospital interface with real threads: so many rounds of each, or named.

    DATABASE_URL=postgres://…/own_database python bench/gateway_races.py --rounds 1000
    DATABASE_URL=postgres://…/own_database python bench/gateway_races.py --rounds 40 \\
        --race fifty_alike

Needs the environment of the tests. It plays `tests/gateway/races.py` in a test database beside the
given one and says every hundred rounds how far it is. Ends with an error at the first outcome that
nobody could have wanted: two settlements that stand, one whose message was corrected, a message
that took effect twice, two answers to one message, an error that is no refusal, a deadlock, books
that are not whole.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--race", action="append", default=[], help="all without one")
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("HEZUO_ENV", "test")
    os.environ["RACE_ROUNDS"] = str(options.rounds)
    if options.race:
        os.environ["RACES"] = " ".join(options.race)
    asked = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--create-db"]
    sys.exit(pytest.main([*asked, "tests/gateway/test_races.py"]))


if __name__ == "__main__":
    main()
