"""The way of the county's rules for reviewing: proposed by one, decided by another."""

from claims.deciding.models import ReviewRule
from desk.decisions import decision_flow

RULES = decision_flow(
    ReviewRule,
    "claims",
    "rules",
    related=("area",),
)
