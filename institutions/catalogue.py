"""Finding items of an area's catalogue as it stands on a day."""

from collections.abc import Iterable
from datetime import date

from desk.kept import Kept, among, given
from institutions.models import CatalogueItem

SUGGESTIONS = 12  # as many as the list under the field shows with little scrolling


def items_by_code(area_code: str, day: date, codes: Iterable[str]) -> dict[str, CatalogueItem]:
    """Code → item, for the codes that the catalogue has on that day. One statement."""
    items = BY_CODE(area=area_code, day=day, codes=sorted(set(codes)))
    return {item.code: item for item in items}


BY_CODE = Kept(
    lambda: (
        CatalogueItem.objects.valid_on(given("day"))
        .filter(area__code=given("area"))
        .filter(among("code", given("codes")))
    )
)


def match_items(area_code: str, day: date, texts: Iterable[str]) -> dict[str, list[CatalogueItem]]:
    """For each text the item with this code, or the few that match by name or initials.

    One statement for all codes, one more for each text that is no code.
    """
    wanted = {text.strip() for text in texts} - {""}
    exact = items_by_code(area_code, day, (text.upper() for text in wanted))
    items = CatalogueItem.objects.valid_on(day).filter(area__code=area_code)
    found: dict[str, list[CatalogueItem]] = {}
    for text in wanted:
        item = exact.get(text.upper())
        found[text] = [item] if item else list(items.matching(text).order_by("code")[:SUGGESTIONS])
    return found
