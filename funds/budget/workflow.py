"""The way of a budget: put forward by one, adopted by another."""

from desk.decisions import decision_flow
from funds.budget.models import Budget

BUDGETS = decision_flow(
    Budget,
    "funds",
    "budget",
    decides="funds.adopt_budget",
    related=("book__area",),
)
