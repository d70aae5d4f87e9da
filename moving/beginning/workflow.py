"""The way of the declaration that a county has moved in.

Not by the three administrators, who touch no business: who puts it forward answers for the books
(会计), who agrees has agreed to what they began with and to the measures (复核).
"""

from desk.decisions import decision_flow
from moving.beginning.models import MovedIn

ENDS = decision_flow(
    MovedIn,
    "moving",
    "moved_in",
    asks="moving.declare",
    decides="moving.agree",
    related=("area",),
)
