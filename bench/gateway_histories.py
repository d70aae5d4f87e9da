"""Hospital days on a network that loses, doubles and delays, beside the same days without.

    DATABASE_URL=postgres://…/own_database python bench/gateway_histories.py --histories 1000

Needs the environment of the tests. It plays `tests/gateway/histories.py` in a test database beside
the given one and says every fifty histories how far it is. Ends with an error, and the shortest
history that shows it, where books, usage, settlements, lines or visits are not those of the orderly
day, an answer's amounts do not add up, or a copy of a message is answered otherwise.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=15, help="at most, of each")
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("HEZUO_ENV", "test")
    os.environ["HISTORIES"] = str(options.histories)
    os.environ["HISTORY_STEPS"] = str(options.steps)
    asked = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--create-db"]
    sys.exit(pytest.main([*asked, "tests/gateway/test_histories.py"]))


if __name__ == "__main__":
    main()
