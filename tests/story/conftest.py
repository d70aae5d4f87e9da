"""The story borrows the autumn of 2025 and the hospital's catalogue from the rooms' own tests."""

from tests.claims.conftest import catalogue
from tests.enrollment.conftest import books, campaign

__all__ = ["books", "campaign", "catalogue"]
