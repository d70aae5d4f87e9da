"""The way of a proposal that two records are one person, and of its undoing."""

from desk.decisions import decision_flow
from enrollment.people.same_models import SamePerson

SAME = decision_flow(
    SamePerson,
    "enrollment",
    "same",
    decides="enrollment.decide_change",
    related=("kept__household__division", "given_up__household__division"),
)
