"""The stories borrow the autumn of 2025 and the hospital's catalogue from the rooms' own tests."""

from tests.claims.conftest import catalogue, counter
from tests.enrollment.conftest import books, campaign, entry_of

__all__ = ["books", "campaign", "catalogue", "counter", "entry_of"]
