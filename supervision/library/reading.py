"""The library as bills are judged by it: the points of their codes, the county's bounds."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from desk.kept import Kept, among, given
from supervision.library.models import LibraryChange, LibraryPoint
from supervision.rules.points import AgeBounds, Kind, Library, Point

What = LibraryChange.What
_COLUMNS = (
    *("pk", "kind", "code", "name", "value", "text", "window", "unit", "pair_code", "pair_name"),
    *("ground", "sure", "first_day", "last_day"),
)
_KINDS = {kind.value: kind for kind in Kind}


def _points() -> QuerySet[LibraryPoint, Any]:
    rows = LibraryPoint.objects.filter(
        among("code", given("codes")), area__code=given("area"), is_on=True
    )
    return rows.order_by("pk").values_list(*_COLUMNS)


POINTS = Kept(_points)


def library_of(area_code: str, codes: Collection[str]) -> Library:
    """The points of the area that are on and speak of these codes, also earlier versions: each
    visit is judged by those of its own day. One statement where there are none, else two."""
    wanted = sorted({*codes} - {""})
    found = POINTS(area=area_code, codes=wanted) if wanted else ()
    by_code: dict[str, list[Point]] = defaultdict(list)
    for row in found:
        point = dict(zip(_COLUMNS, row, strict=True))
        by_code[point["code"]].append(Point(**point | {"kind": _KINDS[point["kind"]]}))
    if not by_code:
        return Library()
    off, ages = _decided(area_code)
    kept = {
        code: tuple(point for point in points if point.kind not in off)
        for code, points in by_code.items()
    }
    return Library({code: points for code, points in kept.items() if points}, ages)


def _decided(area_code: str) -> tuple[frozenset[Kind], AgeBounds]:
    """Kinds that are off, and the bounds of ages: by the latest decision of each. One statement."""
    off: set[Kind] = set()
    ages = AgeBounds()
    rows = LibraryChange.objects.agreed().filter(area__code=area_code)
    rows = rows.filter(what__in=[*LibraryChange.ON_KIND, What.AGES])
    for what, kind, content in rows.order_by("pk").values_list("what", "kind", "content"):
        if what == What.AGES:
            ages = AgeBounds(**content)
        elif what == What.KIND_OFF:
            off.add(_KINDS[kind])
        else:
            off.discard(_KINDS[kind])
    return frozenset(off), ages


def kinds_off(area_code: str) -> frozenset[Kind]:
    return _decided(area_code)[0]


def ages_of(area_code: str) -> AgeBounds:
    return _decided(area_code)[1]
