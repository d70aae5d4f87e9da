"""Step one: a waiting list is read, compared and kept line by line; nothing else is written."""

from datetime import date
from typing import Any

from enrollment.status_lists.comparing import Comparison, Line, compare
from enrollment.status_lists.kinds import KINDS
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.reading import read_list

# A month moves a few of a hundred people on or off a list. When a fifth is missing, a township
# or a sheet has been left out, and applying the list would end aid that is still due.
MAX_SHRINK = 20  # percent
COUNTS = ("added", "changed", "dropped", "same", "unknown", "held")


def judge_list(status_list: StatusList, on: date) -> dict[str, Any]:
    """Compare the list with the register and keep what would change, line by line.

    Returns the counts. Raises Refusal or SpreadsheetError; inside the caller's transaction.
    """
    found = read_list(status_list, on)
    status_list.listed_count = len({entry.index for entry in found.entries})
    comparison = compare(status_list, found.entries)
    comparison.lines.extend(
        Line(ListLine.Verdict.HELD, entry=entry, index=entry.index, note=f"{said}，不作在册")
        for entry, said in found.void
    )
    return _keep(status_list, comparison)


def _keep(status_list: StatusList, comparison: Comparison) -> dict[str, Any]:
    ListLine.objects.bulk_create(
        (
            ListLine(
                list=status_list,
                line=one.entry.line if one.entry else 0,
                verdict=one.verdict,
                person_id=one.person.pk if one.person else None,
                name=one.entry.name if one.entry else one.person.name if one.person else "",
                number=one.entry.number if one.entry and one.person is None else "",
                number_index=one.index,
                before=one.before[:120],
                after=one.after[:120],
                facts=one.facts,
                note=one.note[:200],
            )
            for one in comparison.lines
        ),
        batch_size=2000,
    )
    for name in COUNTS:
        setattr(status_list, f"{name}_count", comparison.count(name))
    status_list.holder_count = sum(comparison.holders.values())
    previous = last_applied(status_list)
    return {
        **{f"{name}_count": comparison.count(name) for name in COUNTS},
        "listed_count": status_list.listed_count,
        "holder_count": status_list.holder_count,
        "state": comparison.state,
        "before": dict(comparison.holders),
        "previous_count": previous.listed_count if previous else None,
        "shrunk": _shrunk(status_list, previous),
        "released_by": None,
        "released_at": None,
        "release_reason": "",
    }


def last_applied(status_list: StatusList) -> StatusList | None:
    """The list of the kind that was applied last."""
    rows = StatusList.objects.filter(
        area=status_list.area, kind=status_list.kind, status=StatusList.Status.DONE
    )
    return rows.order_by("-month", "-finished_at").first()


def _shrunk(status_list: StatusList, previous: StatusList | None) -> str:
    """Why the list looks cut short, or ""."""
    if not KINDS[status_list.kind].full:
        return ""
    listed, dropped = status_list.listed_count, status_list.dropped_count
    if previous and listed * 100 < previous.listed_count * (100 - MAX_SHRINK):
        less = (previous.listed_count - listed) * 100 // previous.listed_count
        return (
            f"名单 {listed} 人，比上次（{previous.month:%Y-%m}，{previous.listed_count} 人）"
            f"少 {less}%"
        )
    if dropped * 100 > status_list.holder_count * MAX_SHRINK:
        share = dropped * 100 // status_list.holder_count
        return f"将取消 {dropped} 人，占系统现有 {status_list.holder_count} 人的 {share}%"
    return ""
