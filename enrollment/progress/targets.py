"""Targets and responsible cadres, for a township at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from enrollment.cover.models import Campaign
from enrollment.people.models import IdentityStatus
from enrollment.progress.models import SpecialTarget, VillageTarget

PHONE = re.compile(r"(1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})?")
MAX_PEOPLE = 100_000  # people in a village


@dataclass(frozen=True, kw_only=True)
class TargetEntry:
    """What one row says. `people` None: no number of its own; `phone` None leaves it as it is."""

    division: Division
    people: int | None
    stationed_cadre: str = ""
    village_cadre: str = ""
    phone: str | None = None


def places_with_targets(user: User) -> Any:
    """Villages and groups that a user may set targets for."""
    levels = [Division.Level.VILLAGE, Division.Level.GROUP]
    return Division.objects.visible_to(user).filter(level__in=levels).order_by("code")


def targets_of(campaign: Campaign, places: Iterable[Division]) -> dict[int, VillageTarget]:
    """Division id → its target, with the cadre's phone."""
    rows = VillageTarget.objects.filter(campaign=campaign, division__in=list(places))
    return {row.division_id: row for row in rows}


@all_or_nothing()
def set_targets(*, actor: User, campaign: Campaign, entries: Sequence[TargetEntry]) -> int:
    """Write what differs from before. Returns how many places changed. Raises Refusal."""
    codes = [entry.division.code for entry in entries]
    if len(set(codes)) < len(codes):
        raise Refusal("同一个村组出现了两次，请合并成一行")
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # one plan at a time
    there = VillageTarget.objects.filter(
        campaign=campaign, division__in=[entry.division for entry in entries]
    )
    known = {row.division_id: row for row in there}
    changes: list[dict[str, Any]] = []
    for entry in entries:
        row = known.get(entry.division.pk)
        old = snapshot(row) if row else None
        row = row or VillageTarget(campaign=campaign, division=entry.division)
        before = _facts(row)
        _take(row, entry)
        if _facts(row) != before:
            row.save()
            changes.append({"before": old, "after": snapshot(row)})
    if changes:
        record(
            actor=actor,
            action="enrollment.set_targets",
            subject=campaign,
            division_code=actor.division_code,
            before={"targets": [one["before"] for one in changes]},
            after={"targets": [one["after"] for one in changes]},
        )
    return len(changes)


def _facts(row: VillageTarget) -> tuple[Any, ...]:
    return row.people, row.stationed_cadre, row.village_cadre, row.phone


def _take(row: VillageTarget, entry: TargetEntry) -> None:
    if entry.people is not None and not 0 < entry.people <= MAX_PEOPLE:
        raise Refusal(f"{entry.division.name}的任务数应为 1 至 {MAX_PEOPLE} 人", "people")
    row.people = entry.people
    row.stationed_cadre, row.village_cadre = entry.stationed_cadre, entry.village_cadre
    if entry.phone is not None:
        if not PHONE.fullmatch(entry.phone):
            raise Refusal("电话应为 11 位手机号或带区号的固定电话", "phone")
        row.phone = entry.phone


@all_or_nothing()
def set_special_targets(*, actor: User, campaign: Campaign, ratios: Mapping[str, int]) -> None:
    """The watched groups of people and their targets in 1/10000; at least one. Raises Refusal."""
    if not ratios:
        raise Refusal("请至少选择一类特殊人群")
    names = dict(IdentityStatus.Code.choices)
    for code, ratio in ratios.items():
        if code not in names or not 0 < ratio <= 10_000:
            raise Refusal("特殊人群目标参保率应在 0 至 100% 之间", code)
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    rows = SpecialTarget.objects.filter(campaign=campaign)
    before = dict(rows.values_list("code", "ratio"))
    rows.delete()
    SpecialTarget.objects.bulk_create(
        SpecialTarget(campaign=campaign, code=code, ratio=ratio) for code, ratio in ratios.items()
    )
    record(
        actor=actor,
        action="enrollment.set_special_targets",
        subject=campaign,
        division_code=actor.division_code,
        before=before,
        after=dict(ratios),
    )
