"""What supervision keeps of people whose two records become one (enrollment/people/rooms.py)."""

from enrollment.people.rooms import STAYS

# A case names its party as its notices and decisions have named it.
FOLLOWS = {"supervision.Case.person": STAYS}
