"""Whatever a network does to a day's messages, books and usage are those of the orderly day.

A few histories here; `bench/gateway_histories.py` says by the environment how many.
"""

import os
import sys
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from accounts.models import Division
from funds.models import Book
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.days import Desk, stands
from tests.gateway.histories import History
from tests.paying import provide

HISTORIES = int(os.environ.get("HISTORIES", "3"))
STEPS = int(os.environ.get("HISTORY_STEPS", "12"))
TOLD = 50
pytestmark = [pytest.mark.slow, pytest.mark.seconds(60)]


def test_books_and_usage_are_those_of_the_orderly_day(
    system: System, register: Register, village_a: Division, book: Book, cast: SimpleNamespace
) -> None:
    provide(book.area)
    home = register.household(village_a)
    people = [
        register.person("王建国", register.household(village_a)),
        register.person("李秀兰", home),
        register.person("李小宝", home),
    ]
    done: Counter[str] = Counter()

    def told(history: History, orderly: Desk) -> None:
        done["histories"] += 1
        done["messages"] += history.desk.net.messages
        done["orderly"] += orderly.net.messages
        done["corrected"] += len(history.desk.net.corrected)
        done["settlements"] += len(stands()["settlements"])
        if done["histories"] % TOLD == 0:
            sys.stdout.write(f"{dict(done)}\n")
            sys.stdout.flush()

    class Here(History):
        pass

    Here.system, Here.people, Here.cast, Here.told = system, people, cast, told
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=HISTORIES < TOLD,
            phases=[Phase.generate] if HISTORIES < TOLD else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert done["histories"] >= HISTORIES // 2
    call_command("verify_books")
