"""How long each kind of process waits for the database, and what a page of it costs.

Measured on a county of a million people: the slowest page takes 4.2 s, the slowest statement of a
worker 25 s (docs/measurements.md). A clerk would rather hear of a lock than wait for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A page read here and there costs hardly more than the next one: the tables lie in memory or on a
# disk without heads. PostgreSQL's own 4 is that of a turning disk; with it a hospital's clerk waits
# while all claims of the hospital are joined for the few that are asked for.
PAGE_COST = "-c random_page_cost=1.1"
# Compiling a statement first takes 0.1 s and more. PostgreSQL does it where it expects much work,
# and of the pages' questions within questions it expects far too much.
NO_COMPILING = "-c jit=off"


@dataclass(frozen=True)
class Limits:
    """Seconds; 0 for none. `answer` is ours, a little more than what the server keeps itself."""

    connect: int
    statement: int
    lock: int
    idle: int  # in a transaction in which nothing is asked
    answer: int


LIMITS: Mapping[str, Limits] = {
    "web": Limits(connect=3, statement=30, lock=10, idle=60, answer=35),
    "worker": Limits(connect=10, statement=900, lock=120, idle=1800, answer=960),
    # An operator sits before it: migrations and checks of a large county take what they take.
    "command": Limits(connect=10, statement=0, lock=0, idle=0, answer=0),
}


def limited(database: Mapping[str, Any], process: str) -> dict[str, Any]:
    """Django's description of the database, with the limits of this kind of process.

    Raises KeyError for a kind that there is not.
    """
    limits = LIMITS[process]
    own = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle,
    }
    told = [f"-c {name}={seconds * 1000}" for name, seconds in own.items() if seconds]
    options = dict(database.get("OPTIONS", {}))
    given = options.get("options", "")
    return {
        **database,
        "ANSWER_SECONDS": limits.answer,
        "OPTIONS": {
            "connect_timeout": limits.connect,
            # A machine that is gone without a word is noticed after a minute.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            **options,
            # What the address itself asks for comes last, and wins.
            "options": " ".join([*told, PAGE_COST, NO_COMPILING, given]).strip(),
        },
    }
