"""When two records of one person become one: how rows of rosters follow (people/rooms.py)."""

from enrollment.people.rooms import STAYS

FOLLOWS = {
    "enrollment.RegisterRow.person": STAYS,
}
