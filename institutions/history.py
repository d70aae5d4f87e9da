"""What an item of the catalogue was on other days, and what an institution's own code has meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import AuditLine
from institutions.keeping import ACTION
from institutions.models import CatalogueItem


@dataclass(frozen=True, slots=True)
class Version:
    """`change`: yuan by which its price limit differs from the one before it, None where one of
    both has none. `source`: the table that brought it, `came_at`: when, None where nobody noted."""

    item: CatalogueItem
    change: Decimal | None
    source: str
    came_at: datetime | None


def versions_of(area_code: str, codes: Sequence[str]) -> list[Version]:
    """All versions of these codes, of each code the latest first; two statements."""
    rows = CatalogueItem.objects.filter(area__code=area_code, code__in=codes)
    items = list(rows.select_related("area").order_by("code", "first_day"))
    kept = _kept(items)
    found, before = [], None
    for item in items:
        same = before is not None and before.code == item.code
        limit = before.price_limit if same and before is not None else None
        change = None
        if limit is not None and item.price_limit is not None:
            change = item.price_limit - limit
        came_at = kept.get(item.pk)
        source = "“三个目录”表变更" if came_at is not None else "列入目录"
        found.append(Version(item, change, source, came_at))
        before = item
    return sorted(found, key=lambda one: (one.item.code, -one.item.first_day.toordinal()))


def _kept(items: Sequence[CatalogueItem]) -> dict[int, datetime]:
    """Versions that a change of the table began → when it was written. What was new in a table, or
    came from the old system, has no line of its own."""
    lines = AuditLine.objects.filter(
        subject_type="institutions.catalogueitem",
        subject_id__in=[str(item.pk) for item in items],
        action=ACTION,
        after__has_key="after",
    )
    return {int(pk): at for pk, at in lines.values_list("subject_id", "at")}
