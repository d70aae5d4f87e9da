"""When two records of one person become one: how lines of check lists follow (people/rooms.py)."""

from enrollment.people.rooms import STAYS

FOLLOWS = {
    "enrollment.CheckLine.person": STAYS,  # as it was printed
}
