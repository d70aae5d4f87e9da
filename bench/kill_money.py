"""kill -9 of web process, worker and database at every moment of the acts over money and books.

    python bench/kill_money.py --act release --how worker --how backend --moments 0

Needs the environment of the tests. It makes a PostgreSQL of its own in a temporary folder and plays
`PLAYED` in it: settling, releasing a batch, sending in the bank's file, reading it in a worker,
taking money back, paying a clearing; closing a month and a year, writing out a book; computing the
month's report and asking for it. A moment is just before a statement, before, during or after a
COMMIT. `worker` kills the process that acts, `database` ends its backend in an orderly way,
`backend` kills that with SIGKILL, upon which PostgreSQL ends all others and recovers. After each
the act is done again as people do it; ends with an error when something was lost, was done twice,
cannot be done any more, or when the books are not whole.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLAYED = [f"tests/{room}/test_kills.py" for room in ("claims", "funds", "reports")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--act", action="append", default=[], help="all without one")
    parser.add_argument("--how", action="append", default=[])
    parser.add_argument("--moments", type=int, default=0, help="of each act; 0 for every one")
    options = parser.parse_args()
    bindir = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
    folder = Path(tempfile.mkdtemp(prefix="kill-money-"))
    folder.chmod(0o755)
    from kill_import import Cluster

    cluster = Cluster(folder, Path(bindir.stdout.strip()))
    os.chdir(ROOT)
    os.environ.setdefault("HEZUO_ENV", "test")
    os.environ["DATABASE_URL"] = cluster.url
    os.environ["KILL_MOMENTS"] = str(options.moments)
    os.environ["KILL_HOW"] = " ".join(options.how or ["worker", "database", "backend"])
    if options.act:
        os.environ["KILL_ACTS"] = " ".join(options.act)
    asked = ["-q", "-s", "-n0", "-p", "no:cacheprovider", "--create-db"]
    try:
        code = pytest.main([*asked, *PLAYED])
    finally:
        cluster.kill()
        shutil.rmtree(folder)
    sys.exit(code)


if __name__ == "__main__":
    main()
