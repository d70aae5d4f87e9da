"""Step two: a confirmed list is written, whole or not at all."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from desk.locks import lock_name
from enrollment.cover.reassessing import assess_pending
from enrollment.people.lifecycle import Death, record_deaths
from enrollment.people.listed import take_up
from enrollment.people.listed_models import ListedStatus
from enrollment.people.models import IdentityStatus, OtherCover, Person
from enrollment.status_lists.comparing import (
    Known,
    counted,
    cover_state,
    death_state,
    holders_of,
    open_covers,
    state_of,
)
from enrollment.status_lists.kinds import KINDS, Kind
from enrollment.status_lists.models import ListLine, StatusList
from enrollment.status_lists.workflow import ACTS, FLOW
from lib.batches import chunked

Verdict = ListLine.Verdict
WRITTEN = (Verdict.ADDED, Verdict.CHANGED, Verdict.DROPPED)


def apply_list(list_id: int) -> None:
    """Write a confirmed list in one transaction.

    Where the register has changed since the check, the list goes back to be compared again.
    """
    with transaction.atomic():
        status_list = (
            # The list before its people: a second worker waits here and finds it applied.
            StatusList.objects.select_for_update(no_key=True, of=("self",))
            .select_related("area", "requested_by", "confirmed_by")
            .filter(pk=list_id, status=StatusList.Status.APPLYING)
            .first()
        )
        if status_list is None or status_list.confirmed_by is None:
            return
        lock_name(status_list.area.code, f"status list {status_list.kind}")
        if _state(status_list) != status_list.state:
            _send_back(status_list)
            return
        # Who stays as before is counted, not kept: the snapshot is what changed.
        status_list.lines.filter(verdict=Verdict.SAME).delete()
        after = _write(status_list, status_list.confirmed_by)
        FLOW.take(
            status_list,
            ACTS.applied,
            actor=status_list.confirmed_by,
            beside={"holders_before": status_list.before, "holders": after},
            after=after,
            percent=100,
            stage="",
            finished_at=timezone.now(),
            content="",
        )


def _send_back(status_list: StatusList) -> None:
    FLOW.take(
        status_list,
        "list_compared_again",
        actor=None,
        reason="确认之后登记有变动，重新比对",
        confirmed_by=None,
        confirmed_at=None,
        confirmed_on=None,
    )


def _state(status_list: StatusList) -> str:
    if status_list.kind == Kind.DEATHS:
        ids = set(status_list.lines.exclude(person=None).values_list("person", flat=True))
        people: list[Known] = []
        for chunk in chunked(ids):
            # In the order of the key within a chunk; windows lock one person at a time.
            rows = Person.objects.select_for_update(no_key=True).filter(pk__in=chunk)
            columns = ("pk", "name", "birth_date", "death_date")
            people += [Known(*facts) for facts in rows.order_by("pk").values_list(*columns)]
        return death_state(people)
    if status_list.kind == Kind.EMPLOYEES:
        return cover_state(open_covers(status_list))
    return state_of(holders_of(status_list, KINDS[status_list.kind]))


def _write(status_list: StatusList, actor: User) -> dict[str, int]:
    """Everything the list says. Returns the counts afterwards."""
    if status_list.kind == Kind.DEATHS:
        lines = status_list.lines.filter(verdict__in=WRITTEN)
        deaths = [
            Death(line.person_id, date.fromisoformat(line.facts["day"]))
            for line in lines
            if line.person_id is not None
        ]
        on = status_list.confirmed_on or status_list.effective_on
        changed = record_deaths(actor=actor, deaths=deaths, on=on, reason=f"{status_list}")
        return {"dead": status_list.before.get("dead", 0) + changed}
    if status_list.kind == Kind.EMPLOYEES:
        return _write_covers(status_list)
    people = _write_statuses(status_list) | _write_listed(status_list)
    assess_pending(actor, people, status_list.confirmed_on or status_list.effective_on)
    return counted(holders_of(status_list, KINDS[status_list.kind]))


def _batch(status_list: StatusList) -> str:
    return f"{status_list.month:%Y-%m} 名单 {status_list.pk}"


def _write_statuses(status_list: StatusList) -> set[int]:
    """Returns the ids of the people whose statuses changed."""
    about, day, batch = KINDS[status_list.kind], status_list.effective_on, _batch(status_list)
    lines = list(status_list.lines.filter(verdict__in=WRITTEN).exclude(person=None))
    ends = {(line.person_id, code) for line in lines for code in line.facts.get("ends", ())}
    starts = {
        (line.person_id, line.facts["code"]): line.facts["category"]
        for line in lines
        if line.verdict != Verdict.DROPPED and line.person_id is not None
    }
    people = {pk for pk, _ in (*ends, *starts) if pk is not None}
    changed: list[IdentityStatus] = []
    for row in holders_of(status_list, about):
        key = (row.person_id, row.code)
        if key in ends and not (key in starts and row.first_day == day):
            row.last_day = day - timedelta(days=1)
            changed.append(row)
    # Rows that begin on this very day are taken up again: there is one a day.
    for row in _beginning(day, [pk for pk, _ in starts]):
        key = (row.person_id, row.code)
        if key in starts:
            row.last_day, row.category = None, starts.pop(key)
            row.source, row.batch = about.source, batch
            changed.append(row)
    fields = ["last_day", "category", "source", "batch"]
    IdentityStatus.objects.bulk_update(changed, fields, batch_size=1000)
    IdentityStatus.objects.bulk_create(
        (
            IdentityStatus(
                person_id=pk,
                code=code,
                category=category,
                first_day=day,
                source=about.source,
                batch=batch,
            )
            for (pk, code), category in starts.items()
        ),
        batch_size=2000,
    )
    return people


def _write_listed(status_list: StatusList) -> set[int]:
    """Keep what is said of numbers that nobody bears yet; end what is said no longer.

    Returns the ids of people who were registered since the list was compared: they take it up.
    """
    about, day = KINDS[status_list.kind], status_list.effective_on
    lines = status_list.lines.filter(verdict=Verdict.UNKNOWN)
    wanted = {
        (line.number_index, line.facts["code"]): line for line in lines if line.facts.get("code")
    }
    open_rows = ListedStatus.objects.filter(
        area=status_list.area, code__in=about.codes, last_day=None
    )
    ended = []
    for row in open_rows.order_by("pk"):
        line = wanted.get((row.number_index, row.code))
        if line and (line.name, line.facts["category"]) == (row.name, row.category):
            del wanted[row.number_index, row.code]
            continue
        row.last_day = day - timedelta(days=1)
        ended.append(row)
    ListedStatus.objects.bulk_update(ended, ["last_day"], batch_size=1000)
    ListedStatus.objects.bulk_create(
        (
            ListedStatus(
                area=status_list.area,
                number_index=index,
                name=line.name,
                code=code,
                category=line.facts["category"],
                first_day=day,
                source=about.source,
                batch=_batch(status_list),
            )
            for (index, code), line in wanted.items()
        ),
        batch_size=2000,
    )
    numbers = {index for index, _ in wanted}
    return {one.person_id for one in take_up(numbers, area_code=status_list.area.code)}


def _beginning(day: date, person_ids: Iterable[int]) -> list[IdentityStatus]:
    found: list[IdentityStatus] = []
    for chunk in chunked(person_ids):
        found += IdentityStatus.objects.filter(person__in=chunk, first_day=day)
    return found


def _write_covers(status_list: StatusList) -> dict[str, int]:
    """People who are not in the register are kept too: they may come to be enrolled."""
    day = status_list.effective_on
    lines = list(status_list.lines.exclude(verdict__in=[Verdict.HELD, Verdict.SAME]))
    current = {row.number_index: row for row in open_covers(status_list)}
    ended, fresh = [], []
    for line in lines:
        row = current.get(line.number_index)
        now = (line.facts.get("insurance"), line.facts.get("place"))
        if row and line.verdict != Verdict.DROPPED and (row.insurance, row.place) == now:
            continue
        if row:
            row.last_day = max(day - timedelta(days=1), row.first_day)
            ended.append(row)
        if line.verdict != Verdict.DROPPED:
            fresh.append(
                OtherCover(
                    area=status_list.area,
                    number_index=line.number_index,
                    insurance=line.facts["insurance"],
                    place=line.facts["place"],
                    first_day=date.fromisoformat(line.facts["day"]),
                    source=status_list,
                )
            )
    OtherCover.objects.bulk_update(ended, ["last_day"], batch_size=1000)
    OtherCover.objects.bulk_create(fresh, batch_size=2000)
    return {"insured_elsewhere": len(current) - len(ended) + len(fresh)}
