"""The stories borrow the autumn of 2025, the catalogue and the claims from the rooms' own tests."""

from tests.claims.conftest import agree, book, catalogue, counter, paper, register, wang
from tests.enrollment.conftest import books, campaign, entry_of
from tests.walk import walk

__all__ = [
    "agree", "book", "books", "campaign", "catalogue", "counter", "entry_of",
    "paper", "register", "walk", "wang",
]  # fmt: skip
