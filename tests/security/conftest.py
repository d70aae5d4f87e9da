"""The families and fixtures of the claims stories, for those who would cheat with them."""

from tests.claims.conftest import (
    agree,
    book,
    catalogue,
    counter,
    paper,
    register,
    wang,
)
from tests.funds.conftest import post

__all__ = ["agree", "book", "catalogue", "counter", "paper", "post", "register", "wang"]
