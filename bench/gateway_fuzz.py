"""Spoilt messages of every transaction of the hospital interface, and spoilt searches of FHIR.

    DATABASE_URL=postgres://…/own_database python bench/gateway_fuzz.py --requests 50000

Needs the environment of the tests and the printed tables beside the checkout. It plays
`tests/gateway/fuzzing.py` in a test database beside the given one: messages that would be done,
each with one to four things changed (values, shapes, identifiers of others, bytes), by clients of
every kind and signing. Ends with an error, and the first message of each kind that shows it, where
an answer is a 5xx, is no JSON, has another head or output than the tables print, tells something of
another institution, or where a refused message or one that only reads has written something.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("HEZUO_ENV", "test")
    os.environ["FUZZ_REQUESTS"] = str(options.requests)
    os.environ["FUZZ_SEED"] = str(options.seed)
    asked = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--create-db", "--tb=short"]
    sys.exit(pytest.main([*asked, "tests/gateway/test_fuzz.py"]))


if __name__ == "__main__":
    main()
