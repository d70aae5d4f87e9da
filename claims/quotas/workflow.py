"""The way of an allotment: proposed by one, decided by another."""

from claims.quotas.models import Allotment
from desk.decisions import decision_flow

ALLOTMENTS = decision_flow(
    Allotment,
    "claims",
    "allotment",
    related=("area",),
)
