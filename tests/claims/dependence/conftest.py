"""A paid claim, and the hands of a recovery."""

from tests.claims.recovery.conftest import ask, paid, take

__all__ = ["ask", "paid", "take"]
