"""Declaring that a county has moved in."""

from datetime import date

from django.db.models import QuerySet

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from moving.beginning.models import Established, MovedIn
from moving.beginning.steps import standing
from moving.beginning.workflow import ENDS


def moving() -> QuerySet[Division]:
    """Counties that have not moved in yet, nor were there before there was a list."""
    done = MovedIn.objects.filter(status=MovedIn.Status.APPROVED)
    counties = Division.objects.filter(level=Division.Level.COUNTY)
    return counties.exclude(pk__in=done.values("area")).exclude(
        pk__in=Established.objects.values("area")
    )


def is_over(area: Division) -> bool:
    return not moving().filter(pk=area.pk).exists()


@all_or_nothing()
def declare(*, actor: User, area: Division, evidence: str, reason: str, on: date) -> MovedIn:
    """Put forward that the opening is done. Raises Refusal where a step that no county can do
    without does not stand; the others that are left are kept with it, by name."""
    if not actor.may("moving.declare"):
        raise Refusal("启用办结由会计提出")
    _check(area, on)
    return ENDS.propose(
        Asked(actor, on, evidence, reason, "会议纪要或验收单", "说明"),
        area=area,
        left=[one.step.title for one in standing(area, on) if not one.is_done],
    )


@all_or_nothing()
def decide_moved_in(
    *, actor: User, row: MovedIn, event: str, on: date, reason: str = ""
) -> MovedIn:
    """Agree, refuse or take back (an event of `ENDS`)."""
    if event == "approve_moved_in":
        _check(row.area, on)
    return ENDS.decide(row, event, actor=actor, on=on, reason=reason)


def _check(area: Division, on: date) -> None:
    if is_over(area):
        raise Refusal("启用已经办结")
    lacking = [one.step for one in standing(area, on) if one.step.must and not one.is_done]
    if lacking:
        raise Refusal("还不能办结：" + "；".join(step.lacks for step in lacking))
