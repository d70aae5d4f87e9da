"""What the county makes of the library: a point or a kind switched, a point added, ages bounded."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db.models import Max

from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.decisions import Asked
from supervision.library.models import COUNTY, LibraryChange, LibraryPoint
from supervision.library.reading import kinds_off
from supervision.library.rows import RefusedError, Row, understood
from supervision.library.workflow import CHANGES
from supervision.rules.points import AgeBounds, Kind

What = LibraryChange.What
PAPER = "文号或会议纪要"


@all_or_nothing()
def propose_switch_of_point(
    *, actor: User, point: LibraryPoint, evidence: str, reason: str, on: date
) -> LibraryChange:
    """Off if it is on, on if it is off. Raises Refusal naming the input."""
    if point.last_day is not None:
        raise Refusal("这个知识点已被新版替换，请到现行的知识点上申请")
    what = What.POINT_OFF if point.is_on else What.POINT_ON
    return _propose(
        Asked(actor, on, evidence, reason, PAPER), what, point.area, point=point, kind=point.kind
    )


@all_or_nothing()
def propose_switch_of_kind(
    *, actor: User, area: Division, kind: Kind, evidence: str, reason: str, on: date
) -> LibraryChange:
    """Of all points of the kind, whatever stands of each of them. Raises Refusal."""
    what = What.KIND_ON if kind in kinds_off(area.code) else What.KIND_OFF
    return _propose(Asked(actor, on, evidence, reason, PAPER), what, area, kind=kind.value)


@all_or_nothing()
def propose_ages(
    *, actor: User, area: Division, ages: AgeBounds, evidence: str, reason: str, on: date
) -> LibraryChange:
    """Where the age groups end. Raises Refusal naming the input."""
    if ages.working_until <= ages.working_from:
        raise Refusal("就业年龄的上限应大于下限", "working_until")
    asked = Asked(actor, on, evidence, reason, PAPER)
    return _propose(asked, What.AGES, area, content=asdict(ages))


@all_or_nothing()
def propose_point(
    *, actor: User, area: Division, cells: dict[str, str], evidence: str, reason: str, on: date
) -> LibraryChange:
    """A point of the county's own; `cells` as of a row of the published tables. Raises Refusal."""
    try:
        row = understood({**cells, "batch": "1", "seq": "1"})
    except RefusedError as error:
        raise Refusal(str(error), "item_code") from None
    content = row.columns | {"batch": COUNTY}
    asked = Asked(actor, on, evidence, reason, PAPER)
    return _propose(asked, What.ADD, area, kind=row.kind, content=content)


def _propose(asked: Asked, what: What, area: Division, **columns: Any) -> LibraryChange:
    if not asked.actor.may("supervision.propose_library_change"):
        raise Refusal("规则库的增加和停用由基金监管岗提出")
    return CHANGES.propose(asked, area=area, what=what, **columns)


@all_or_nothing()
def decide_change(
    *, actor: User, row: LibraryChange, event: str, on: date, reason: str = ""
) -> LibraryChange:
    """By another than who asked; agreed to, it holds for what is screened from then on. Raises
    Refusal. Locks: the area, then the change, then its point."""
    area = Division.objects.select_for_update(no_key=True).get(pk=row.area_id)
    change = CHANGES.lock(row.pk)
    CHANGES.check(change, event, actor, reason)
    columns: dict[str, Any] = {}
    if event == "approve_library_change":
        columns = _take_effect(change, area, on)
    return CHANGES.decided(change, event, actor=actor, on=on, reason=reason, **columns)


def _take_effect(change: LibraryChange, area: Division, on: date) -> dict[str, Any]:
    """Further columns of the change."""
    if change.what in LibraryChange.ON_POINT:
        assert change.point is not None
        point = LibraryPoint.objects.select_for_update(no_key=True).get(pk=change.point.pk)
        if point.last_day is not None:
            raise Refusal("这个知识点已被新版替换，请不同意这份申请，到现行的知识点上重新申请")
        point.is_on = change.what == What.POINT_ON
        point.save(update_fields=["is_on"])
    if change.what == What.ADD:
        own = LibraryPoint.objects.filter(area=area, batch=COUNTY)
        last = own.aggregate(last=Max("seq"))["last"] or 0
        row = Row(**change.content | {"seq": last + 1})
        return {"point": LibraryPoint.objects.create(area=area, first_day=on, **row.columns)}
    return {}
