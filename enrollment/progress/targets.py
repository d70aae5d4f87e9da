"""Targets and responsible cadres: typed for a township at once, or read from a spreadsheet."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from accounts.audit import record, snapshot
from accounts.errors import Refusal
from accounts.models import Division, User
from desk.changes import all_or_nothing
from desk.uploads import table_of
from enrollment.cover.models import Campaign
from enrollment.people.models import IdentityStatus
from enrollment.progress.models import SpecialTarget, VillageTarget
from lib.resident_id import FULL_WIDTH
from lib.tables.layout import Column, Layout
from lib.tables.writing import Sheet, headings

LAYOUT = Layout(
    (
        Column("code", "区划代码"),
        Column("place", "村组"),
        Column("people", "任务数"),
        Column("stationed_cadre", "驻村干部"),
        Column("village_cadre", "村责任人"),
        Column("phone", "联系电话"),
    ),
    required=("people",),
    max_rows=5_000,
    max_bytes=2 * 1024 * 1024,
)
PHONE = re.compile(r"(1\d{10}|0\d{2,3}-?\d{7,8})?")
MAX_PEOPLE = 100_000  # people in a village
# Faults that a message names: as many rows as one sees of a table without scrolling.
MAX_LISTED = 20


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
        before=before,
        after=dict(ratios),
    )


def read_targets(*, user: User, file: IO[bytes]) -> list[TargetEntry]:
    """The rows of a filled-in table. Raises Refusal that names every wrong row; all or nothing."""
    table = table_of(file, LAYOUT)
    if not table.columns & {"code", "place"}:
        raise Refusal(f"表头缺少“区划代码”或“村组”列，请补上；{LAYOUT.advice}", "file")
    places = list(places_with_targets(user))
    by_code = {place.code: place for place in places}
    by_name: dict[str, list[Division]] = {}
    for place in places:
        by_name.setdefault(place.name, []).append(place)
    entries: list[TargetEntry] = []
    problems: list[str] = []
    for row in table.rows:
        try:
            entries.append(_entry(row.cells, by_code, by_name))
        except Refusal as refusal:
            problems.append(f"第 {row.line} 行：{refusal.message}")
    if problems:
        more = len(problems) - MAX_LISTED
        rest = f"；另有 {more} 行有错" if more > 0 else ""
        raise Refusal("；".join(problems[:MAX_LISTED]) + rest + "。没有写入任何内容", "file")
    return entries


def _entry(
    row: Mapping[str, str],
    by_code: Mapping[str, Division],
    by_name: Mapping[str, Sequence[Division]],
) -> TargetEntry:
    code = row["code"].translate(FULL_WIDTH)
    named = by_name.get(row["place"], ())
    if code:
        division = by_code.get(code)
        if division is None:
            raise Refusal(f"本辖区没有代码为 {code[:14]} 的村组")
    elif len(named) == 1:
        division = named[0]
    else:
        why = "有几个同名村组，请填区划代码" if named else "本辖区没有这个村组"
        raise Refusal(f"“{row['place'][:30]}”{why}")
    text = row["people"].translate(FULL_WIDTH)
    if text and not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= MAX_PEOPLE):
        raise Refusal(f"任务数“{text[:12]}”应为 1 至 {MAX_PEOPLE} 的整数")
    phone = row["phone"].translate(FULL_WIDTH)
    if not PHONE.fullmatch(phone):
        raise Refusal("联系电话应为 11 位手机号或带区号的固定电话")
    for name in ("stationed_cadre", "village_cadre"):
        if len(row[name]) > 40:
            raise Refusal(f"{LAYOUT.titles[name]}最多 40 个字")
    return TargetEntry(
        division=division,
        people=int(text) if text else None,
        stationed_cadre=row["stationed_cadre"],
        village_cadre=row["village_cadre"],
        phone=phone or None,
    )


def template_sheet(user: User, campaign: Campaign) -> Sheet:
    """The table to fill in: every village of the user, with what is set already. No phones."""
    set_rows = VillageTarget.objects.visible_to(user).filter(campaign=campaign).defer("phone")
    known = {row.division_id: row for row in set_rows}
    rows: list[list[Any]] = []
    for place in _villages_and(places_with_targets(user), known):
        row = known.get(place.pk)
        facts = [row.people, row.stationed_cadre, row.village_cadre] if row else [None, "", ""]
        rows.append([place.code, place.name, *facts, ""])
    return Sheet("任务表", headings(*LAYOUT.titles.values(), kind="code"), rows)


def _villages_and(places: Iterable[Division], known: Mapping[int, Any]) -> Iterable[Division]:
    """Villages, and those groups that have a target of their own."""
    return (place for place in places if place.level == Division.Level.VILLAGE or place.pk in known)
