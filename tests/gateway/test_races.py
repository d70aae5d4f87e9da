"""Every race of messages, a few rounds each; `bench/gateway_races.py` says by the environment how
many of which."""

import os
from collections.abc import Iterator

import pytest

from accounts.models import Division
from funds.models import Book
from tests.at_once import windows
from tests.claims.conftest import Register
from tests.gateway.conftest import System
from tests.gateway.races import CROWD, RACES, Table

ROUNDS = int(os.environ.get("RACE_ROUNDS", "3"))
NAMES = os.environ.get("RACES", " ".join(RACES)).split()
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.seconds(60)]


@pytest.fixture
def table(system: System, register: Register, village_a: Division, book: Book) -> Iterator[Table]:
    with windows(CROWD if "fifty_alike" in NAMES else 2) as together:
        yield Table(system, register, village_a, book, together)


def test_one_outcome(table: Table) -> None:
    """All at one table: emptying the tables of the database costs more than a race."""
    for name in NAMES:
        table.play(name, ROUNDS)
