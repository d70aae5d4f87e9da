"""Bands and grades: put forward by one, decided by another."""

from desk.decisions import decision_flow
from institutions.trust.models import TrustBands, TrustGrade

ASKS, DECIDES = "institutions.propose_trust", "institutions.decide_trust"
BANDS = decision_flow(
    TrustBands, "institutions", "trust_bands", asks=ASKS, decides=DECIDES, related=("area",)
)
GRADES = decision_flow(
    TrustGrade, "institutions", "trust_grade", asks=ASKS, decides=DECIDES,
    related=("institution__division", "practitioner", "bands"),
)  # fmt: skip
