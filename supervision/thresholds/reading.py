"""What a county screens by on a day."""

from collections.abc import Sequence
from datetime import date

from desk.kept import Kept, given
from supervision.thresholds.cards import InForce
from supervision.thresholds.models import RuleVersion

IN_FORCE = Kept(
    lambda: RuleVersion.objects.filter(
        area__code=given("area"),
        status=RuleVersion.Status.APPROVED,
        first_day__lte=given("on"),
    ).order_by("-first_day", "-pk")[:1]
)


def in_force(area_code: str, on: date) -> InForce:
    """Of the versions that two people decided the latest that has begun; the defaults while there
    is none. One statement."""
    found = IN_FORCE.first(area=area_code, on=on)
    return found.says if found else InForce()


def latest(area_code: str) -> RuleVersion | None:
    """The one that two people decided whose first day is the latest, begun or not; None while
    there is none. One statement."""
    rows = RuleVersion.objects.filter(area__code=area_code, status=RuleVersion.Status.APPROVED)
    return rows.order_by("-first_day", "-pk").first()


def begun(area_code: str, on: date) -> Sequence[RuleVersion]:
    """Those that have begun, the one in force first. One statement."""
    rows = RuleVersion.objects.filter(
        area__code=area_code, status=RuleVersion.Status.APPROVED, first_day__lte=on
    )
    return list(rows.order_by("-first_day", "-pk"))
