"""Items of the catalogues are dated: what bills are priced by is never overwritten."""

from copy import copy
from datetime import date, timedelta

from accounts.audit import audited, record
from accounts.models import User
from desk.changes import change
from desk.masterdata import Line, Plan, put
from institutions.models import CatalogueItem
from lib.spelling import spell

# What a bill is priced and classed by (claims/classification.py). A change begins a new row.
PRICED_BY = (
    "catalogue", "category", "payment_class", "unit", "price_limit", "is_traditional",
    "is_essential", "origin",
)  # fmt: skip
ACTION = "institutions.keep_item"
ADDED = "institutions.add_items"


def begins_anew(item: CatalogueItem, was: CatalogueItem) -> bool:
    """Whether the item becomes another row: priced otherwise, or listed again after its end."""
    if any(getattr(item, name) != getattr(was, name) for name in PRICED_BY):
        return True
    return was.last_day is not None and item.first_day > was.last_day


def add_items(plan: Plan, *, actor: User) -> None:
    """Write the items that are new, thousands at once; one line of the trail names their codes."""
    items = [line.row for line in plan.to_write if line.was is None]
    if not items:
        return
    for item in items:
        item.initials = _initials(item)
    CatalogueItem.objects.bulk_create(items)
    area = items[0].area
    told = {"codes": [item.code for item in items]}
    record(actor=actor, action=ADDED, subject=area, division_code=area.code, after=told)


def _initials(item: CatalogueItem) -> str:
    return spell(item.name).initials[:60]


def keep_item(line: Line, *, actor: User, on: date) -> CatalogueItem:
    """Write a checked line of an item that is there: a name mended, or a new row from its first
    day on.

    The row before ends on the day before, unless it ended earlier or nobody can have used it yet
    (it begins after `on`): then it is what is changed.
    """
    item, was = line.row, line.was
    item.initials = _initials(item)
    if was.first_day > on or not begins_anew(item, was):
        kept: CatalogueItem = put(line, actor=actor, action=ACTION)
        return kept
    eve = item.first_day - timedelta(days=1)
    if was.last_day is None or was.last_day > eve:
        with change(CatalogueItem.objects.all(), was.pk, actor=actor, action=ACTION) as row:
            row.last_day = eve
    new: CatalogueItem = copy(item)
    new.pk, new._state.adding = None, True
    new.save(force_insert=True)
    told = audited(new) | {"after": was.pk}
    record(actor=actor, action=ACTION, subject=new, division_code=new.area.code, after=told)
    return new
