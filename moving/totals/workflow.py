"""The way of a comparison: made by one, signed by another."""

from desk.decisions import decision_flow
from moving.totals.models import Comparison

COMPARISONS = decision_flow(
    Comparison,
    "moving",
    "comparison",
    asks="moving.compare",
    decides="moving.agree",
    related=("area",),
)
