"""When two records of one person become one: how lines of check lists follow (people/rooms.py)."""

from enrollment.people.rooms import Unless

FOLLOWS = {
    "enrollment.CheckLine.person": Unless(("check_list",)),
}
