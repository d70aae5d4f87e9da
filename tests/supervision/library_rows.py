"""Rows of the rule library as tests of every room make them."""

from datetime import date

from accounts.models import Division, User
from supervision.library.models import LibraryChange, LibraryPoint

JANUARY = date(2026, 1, 1)


def a_point(area: Division, at: int) -> LibraryPoint:
    """An invented drug for women, number `at` of the first batch."""
    return LibraryPoint.objects.create(
        area=area, batch=1, seq=at, kind="sex", subject="drug", code=f"ZD03AAA0043010{at:06d}",
        name=f"暖宫丸{at}", value="2", text="女", ground="药品说明书", sure=True, first_day=JANUARY,
    )  # fmt: skip


def a_change(area: Division, by: User, at: int) -> LibraryChange:
    """That it is switched off, put forward."""
    return LibraryChange.objects.create(
        area=area, what="point_off", point=a_point(area, 100_000 + at), kind="sex",
        evidence=f"纪要 {at}", reason="本县医院无此药", proposed_by=by, proposed_on=JANUARY,
    )  # fmt: skip
