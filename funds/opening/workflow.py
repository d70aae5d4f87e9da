"""The way of a book's opening balances: put forward by one, agreed to by another."""

from desk.decisions import decision_flow
from funds.opening.models import Opening

OPENINGS = decision_flow(
    Opening,
    "funds",
    "opening",
    asks="funds.propose_opening",
    decides="funds.agree_opening",
    related=("book__area",),
)
