"""What claims know of the days of measures, asked from below (policies/release.py)."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from claims.models import Settlement
from claims.probes.models import Probe
from claims.probes.services import findings_with_marks
from desk.jobs import Job
from enrollment.models import Campaign


def claim_years(area_code: str) -> list[int]:
    """The insurance years of the area for which claims stand."""
    settled = Settlement.objects.counted().filter(division__code__startswith=area_code)
    years = Campaign.objects.filter(area__code=area_code)
    years = years.filter(Exists(settled.filter(policy_year=OuterRef("year"))))
    return list(years.values_list("year", flat=True))


def claim_count(area_code: str, year: int) -> int:
    """How many claims of the insurance year stand in the area."""
    settled = Settlement.objects.counted().filter(division__code__startswith=area_code)
    return settled.filter(policy_year=year).count()


def already_done(area_code: str, first_day: date, last_day: date) -> list[str]:
    """How many claims of these days are settled, which new measures do not touch."""
    settled = Settlement.objects.counted().filter(
        division__code__startswith=area_code, visit__starts__range=(first_day, last_day)
    )
    count = settled.count()
    told = f"这段日期的就诊已有 {count:,} 笔按现行办法结算，采用后不重算。"
    return [told] if count else []


def probed(area_code: str, sha256: str) -> dict[str, Any] | None:
    """What a probe of exactly this text found: of which nothing is said, and what is meant."""
    done = Probe.objects.filter(area__code=area_code, sha256=sha256, status=Job.Status.DONE)
    probe = done.select_related("area").defer("source").first()
    if probe is None:
        return None
    found = findings_with_marks(probe)
    return {
        "probe": probe.pk,
        "open": [each for each, mark in found if mark is None],
        "marked": [mark for _, mark in found if mark is not None],
    }
