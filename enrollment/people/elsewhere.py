"""The check for double cover: who is insured elsewhere, by the numbers on the latest lists."""

from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from desk.kept import Kept, given
from enrollment.people.models import OtherCover


def cover_elsewhere(indexes: Collection[str], day: date) -> dict[str, OtherCover]:
    """Blind index → the cover elsewhere that holds on the day, across all areas. One statement."""
    return {row.number_index: row for row in ELSEWHERE(indexes=list(indexes), day=day)}


def _elsewhere() -> QuerySet[OtherCover]:
    asked = RawSQL("SELECT unnest(%s::text[])", [given("indexes")])  # one parameter, not thousands
    return OtherCover.objects.on(given("day")).filter(number_index__in=asked)


ELSEWHERE = Kept(_elsewhere)


def elsewhere_refusal(name: str, cover: OtherCover) -> str:
    """Why somebody insured elsewhere cannot join, with the place and the insurance."""
    return (
        f"{name}已在{cover.place}参加{cover.insurance}（{cover.first_day:%Y-%m-%d} 起），"
        "不能重复参保；确已停保的，待下月职工医保名单更新后再办"
    )
