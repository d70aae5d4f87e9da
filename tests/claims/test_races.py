"""Every race over money, a few rounds each; `bench/races.py` says by the environment how many
of which."""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Division
from funds.models import Book
from tests.at_once import windows
from tests.claims.conftest import Register
from tests.claims.races import RACES, Table
from tests.paying import provide

ROUNDS = int(os.environ.get("RACE_ROUNDS", "2"))
NAMES = os.environ.get("RACES", " ".join(RACES)).split()
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.seconds(60)]


@pytest.fixture
def table(
    cast: SimpleNamespace, register: Register, village_a: Division, book: Book,
    counter: Any, paper: Any, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Table]:  # fmt: skip
    # The race itself reads the bank's files, in two workers at once.
    monkeypatch.setattr("desk.importing.start", lambda job: None)
    provide(book.area)
    with windows(2) as together:
        yield Table(cast, register, village_a, book, counter, paper, together)


def test_one_outcome(table: Table) -> None:
    """All at one table: emptying the tables of the database costs more than a race."""
    for name in NAMES:
        table.play(name, ROUNDS)
