"""Step one: a waiting list is read, compared and kept line by line; nothing else is written."""

import logging
from datetime import date

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from accounts.errors import Refusal
from enrollment.status_lists.comparing import Comparison, compare
from enrollment.status_lists.kinds import KINDS
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.reading import read_list
from lib.tables.reading import SpreadsheetError

logger = logging.getLogger("hezuo.lists")
UNEXPECTED = "比对这份名单时遇到意外情况，已记入系统日志；请另存为 .xlsx 后重新上传"
# A month moves a few of a hundred people on or off a list. When a fifth is missing, a township
# or a sheet has been left out, and applying the list would end aid that is still due.
SHRINK_LIMIT = 20  # percent
COUNTS = ("added", "changed", "dropped", "same", "unknown", "held")


def check_list(*, list_id: int, on: date) -> None:
    """Compare a waiting list; afterwards it is CHECKED or REFUSED. One transaction.

    A file that brings the check itself down is refused, and logged.
    """
    try:
        _check_once(list_id, on)
    except (InterfaceError, OperationalError):
        raise  # the database is away, the file is not to blame: it waits
    except Exception:
        logger.exception("the check of list %s failed", list_id)
        StatusList.objects.filter(pk=list_id, status=StatusList.Status.WAITING).update(
            status=StatusList.Status.REFUSED, failure=UNEXPECTED, content=""
        )


def _check_once(list_id: int, on: date) -> None:
    with transaction.atomic():
        status_list = (
            StatusList.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("area")
            .filter(pk=list_id, status=StatusList.Status.WAITING)
            .first()
        )
        if status_list is None:
            return
        ListLine.objects.filter(list=status_list).delete()
        try:
            entries = read_list(status_list.file(), status_list.kind, on)
        except (SpreadsheetError, Refusal) as error:
            status_list.status = StatusList.Status.REFUSED
            status_list.failure = str(error)
            status_list.content = ""
        else:
            status_list.listed_count = len({entry.index for entry in entries})
            _keep(status_list, compare(status_list, entries))
        status_list.checked_at = timezone.now()
        status_list.save()


def _keep(status_list: StatusList, comparison: Comparison) -> None:
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
    status_list.state = comparison.state
    status_list.before = dict(comparison.holders)
    status_list.holder_count = sum(comparison.holders.values())
    previous = last_applied(status_list)
    status_list.previous_count = previous.listed_count if previous else None
    status_list.shrunk = _shrunk(status_list, previous)
    status_list.released_by = status_list.released_at = None
    status_list.release_reason = ""
    status_list.status = StatusList.Status.CHECKED


def last_applied(status_list: StatusList) -> StatusList | None:
    """The list of the kind that was applied last."""
    rows = StatusList.objects.filter(
        area=status_list.area, kind=status_list.kind, status=StatusList.Status.APPLIED
    )
    return rows.order_by("-month", "-applied_at").first()


def _shrunk(status_list: StatusList, previous: StatusList | None) -> str:
    """Why the list looks cut short, or ""."""
    if not KINDS[status_list.kind].full:
        return ""
    listed, dropped = status_list.listed_count, status_list.dropped_count
    if previous and listed * 100 < previous.listed_count * (100 - SHRINK_LIMIT):
        less = (previous.listed_count - listed) * 100 // previous.listed_count
        return (
            f"名单 {listed} 人，比上次（{previous.month:%Y-%m}，{previous.listed_count} 人）"
            f"少 {less}%"
        )
    if dropped * 100 > status_list.holder_count * SHRINK_LIMIT:
        share = dropped * 100 // status_list.holder_count
        return f"将取消 {dropped} 人，占系统现有 {status_list.holder_count} 人的 {share}%"
    return ""
