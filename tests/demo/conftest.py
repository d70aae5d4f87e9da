"""One small county for all the tests of a module."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from demo.county import Outcome, seed
from demo.plan import Plan


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Outcome]:
    """500 people on 20 November 2026, in a transaction that is taken back after the module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield seed(Plan(500, 2026, 11, date(2026, 11, 20)))
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)
