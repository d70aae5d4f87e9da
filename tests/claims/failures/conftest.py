"""Hands and steps that the stories of published cases borrow from other rooms' tests."""

from tests.claims.clearing.conftest import approved, month, rule
from tests.claims.recovery.conftest import ask, paid, reviewer2, take
from tests.claims.visits.conftest import ward
from tests.enrollment.status_lists.conftest import confirmed, uploaded

__all__ = [
    "approved", "ask", "confirmed", "month", "paid", "reviewer2", "rule", "take", "uploaded",
    "ward",
]  # fmt: skip
