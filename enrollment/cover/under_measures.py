"""What covers know of the days of measures, asked from below (policies/release.py)."""

from datetime import date

from django.db.models import Count

from enrollment.cover.models import Enrollment


def already_done(area_code: str, first_day: date, last_day: date) -> list[str]:
    """How many people are enrolled for the years that lie in these days, year by year."""
    covers = Enrollment.objects.exclude(status=Enrollment.Status.CANCELLED).filter(
        division__code__startswith=area_code,
        cover_first_day__lte=last_day,
        cover_last_day__gte=first_day,
    )
    years = covers.order_by("year").values_list("year").annotate(people=Count("pk"))
    return [
        f"{year} 年度已有 {people:,} 人按现行办法参保，他们的缴费和补助不重算；"
        "采用后参保的按新办法，同一年度会有两种标准，请确认是否有意。"
        for year, people in years
    ]
