"""The way of a filing: asked for by one, decided by another."""

from claims.filings.models import Filing
from desk.decisions import decision_flow

FILINGS = decision_flow(
    Filing,
    "claims",
    "filing",
    asks="claims.propose_filing",
    decides="claims.decide_filing",
    related=("person", "division"),
)
