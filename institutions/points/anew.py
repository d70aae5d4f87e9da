"""What a person's points lead to, worked out anew after some of them were given back.

Every decision of points is looked at again from its own first day; what the county decided
otherwise keeps its place among them. Only what differs is written.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from accounts.models import User
from desk.decisions import Asked
from institutions.eligibility import Ruling, last_of, rule_at_once
from institutions.models import Eligibility, Practitioner
from institutions.points.arithmetic import Line, Outcome, outcome, years_after
from institutions.points.models import PointAppeal, PointRecord, PointTerms
from institutions.points.spans import Layer, Piece, joined, pieces, top

State = Eligibility.State
Back = Callable[[PointRecord], int]


def ruling(found: Outcome, first_day: date) -> Ruling:
    """The effect of a year's points, begun on that day."""
    if found.effect == "suspended":
        return Ruling(State.SUSPENDED, first_day, last_of(first_day, found.months))
    return Ruling(State.ENDED, first_day, barred_until=years_after(first_day, found.years))


def told(year: int, found: Outcome) -> str:
    return f"{year} 年度记分合计 {found.total} 分"


def rule_anew(
    who: Practitioner, first: date, *, answered_by: User, decided_by: User, on: date
) -> Eligibility | None:
    """Write what holds from the first day on, where it is not what holds now: first that he is
    paid again (this has no last day), behind it every span that remains."""
    rows = list(Eligibility.objects.decided().filter(practitioner__code=who.code).order_by("pk"))
    now = pieces([_layer(row) for row in rows], first)
    wanted = _wanted(who, rows, first)
    held, due = {one.says for one in now}, {one.says for one in wanted}
    changed = [one.first_day for one in [*now, *wanted] if one.says not in held & due]
    if not changed:
        return None
    begins = min(changed)
    last = next(one for one in [*now, *wanted] if one.first_day == begins).layer
    layers = [replace(last, state=State.NORMAL, first_day=begins, last_day=None, barred_until=None)]
    layers += [
        replace(one.layer, first_day=one.first_day, last_day=one.last_day)
        for one in wanted
        if one.first_day >= begins
    ]
    for one in layers:
        written = rule_at_once(
            Ruling(one.state, one.first_day, one.last_day, one.barred_until),
            practitioner=who,
            asked=Asked(answered_by, on, one.evidence, one.reason, paper="文号"),
            decided_by=decided_by,
        )
    return written


def _layer(row: Eligibility) -> Layer:
    return Layer(row.state, row.first_day, row.last_day, row.barred_until, row.evidence, row.reason)


def _wanted(who: Practitioner, rows: Sequence[Eligibility], first: date) -> list[Piece]:
    """An appeal says that points were wrong from their first day, learning that they are enough
    from the day of its decision: from each such day on, all is looked at with what is left then."""
    decided = PointAppeal.objects.filter(
        record__practitioner=who, status=PointAppeal.Status.DECIDED
    )
    appeals = list(decided.select_related("effect"))
    kept = _without(rows, appeals)
    learnt = {one.decided_on for one in appeals if one.kind == PointAppeal.Kind.COURSE}
    days = sorted({first, *(day for day in learnt if day is not None and day > first)})
    found: list[Piece] = []
    for day, end in pairwise([*days, None]):
        assert day is not None

        def back(record: PointRecord, day: date = day) -> int:
            return sum(
                one.points_back or 0
                for one in appeals
                if one.record_id == record.pk and (
                    one.kind == PointAppeal.Kind.APPEAL
                    or (one.decided_on is not None and one.decided_on <= day)
                )
            )  # fmt: skip

        found += pieces(_layers(who, kept, back), day, end)
    return joined(found)


def _without(rows: Sequence[Eligibility], appeals: Sequence[PointAppeal]) -> list[Eligibility]:
    """All but what earlier appeals wrote: the last row stands in the appeal, the first is that he
    is paid again, and those between were put forward and decided with it."""
    gone: set[int] = set()
    for one in appeals:
        last = one.effect
        if last is None:
            continue
        for row in reversed([row for row in rows if row.pk <= last.pk]):
            if (row.proposed_by_id, row.decided_by_id) == (last.proposed_by_id, last.decided_by_id):
                gone.add(row.pk)
            if row.state == State.NORMAL:
                break
    return [row for row in rows if row.pk not in gone]


def _layers(who: Practitioner, rows: Sequence[Eligibility], back: Back) -> list[Layer]:
    """Decisions in their order, those of points with what is left of them."""
    records = list(
        PointRecord.objects.filter(practitioner=who, status=PointRecord.Status.APPROVED)
        .select_related("effect")
        .order_by("decided_on", "pk")
    )
    of_points = {one.effect_id for one in records if one.effect_id is not None}
    others = [row for row in rows if row.pk not in of_points]
    layers: list[Layer] = []
    for number, record in enumerate(records):
        assert record.decided_on is not None
        day = record.decided_on
        while others and _is_before(others[0], record):
            layers.append(_layer(others.pop(0)))
        year = [one for one in records[: number + 1] if one.decided_on and
                one.decided_on.year == day.year]  # fmt: skip
        found = outcome([Line(one.points, back(one)) for one in year], _months(who, day))
        held = top(layers, day)
        is_ended = held is not None and held.state == State.ENDED
        if record.points == back(record) or not found.effect:
            continue
        if found.effect == "ended" or not is_ended:
            one = ruling(found, day)
            layers.append(Layer(one.state, day, one.last_day, one.barred_until, record.evidence,
                                told(day.year, found)))  # fmt: skip
    return layers + [_layer(row) for row in others]


def _is_before(row: Eligibility, record: PointRecord) -> bool:
    if record.effect_id is not None:
        return row.pk < record.effect_id
    assert row.decided_on is not None and record.decided_on is not None
    return row.decided_on <= record.decided_on


def _months(who: Practitioner, day: date) -> dict[int, int]:
    """Of the terms that held when the points were given, as they were counted then."""
    rows = PointTerms.objects.filter(
        area__code=who.institution.division.county_code,
        status=PointTerms.Status.APPROVED,
        decided_on__lte=day,
    )
    found = rows.order_by("-pk").first()
    assert found is not None
    return found.months
