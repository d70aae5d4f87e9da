"""Another place of practice: put forward by one, decided by another."""

from desk.decisions import decision_flow
from institutions.practice.models import PracticePlace

ASKS = "institutions.propose_practice_place"
PLACES = decision_flow(
    PracticePlace,
    "institutions",
    "practice_place",
    related=("practitioner__institution", "institution__division"),
)
