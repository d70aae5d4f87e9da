"""Step two: what was agreed to counts, and what was settled here meanwhile is computed anew.

Locks as everywhere in the room: settlements, covers, households. Of people without a settlement
here the covers are held together, a portion at a time; whoever has one is taken alone with all that
may depend on it (claims/dependence).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.carried.models import CarriedAmount, CarriedFile, CarriedRow, CarriedUsage
from claims.carried.workflow import ACTS, FLOW
from claims.computation import Place
from claims.dependence.family import Family, found_used, hold_family
from claims.dependence.services import follow
from claims.models import Settlement
from desk.changes import all_or_nothing
from desk.jobs import Tell
from enrollment.models import Enrollment, Household
from lib.batches import chunked

# People whose covers are held at once: a second's work at most.
TOGETHER = 500
Rows = dict[int, list[CarriedRow]]


def write_file(upload: CarriedFile, tell: Tell) -> None:
    """Bring in what is ready. A worker that died goes on with those who are not in yet."""
    covers = list(
        CarriedRow.objects.filter(file=upload, verdict=CarriedRow.Verdict.READY)
        .order_by("cover")
        .values_list("cover", flat=True)
        .distinct()
    )
    done = 0
    for some in chunked(covers, TOGETHER):
        for cover in _together(upload, some):
            try:
                _alone(upload, cover)
            except Refusal as refusal:  # what was settled since cannot be computed with it
                person = Enrollment.objects.values_list("person", flat=True).get(pk=cover)
                _refuse(upload, [person], refusal.message)
        done += len(some)
        tell(10 + 89 * done // len(covers), f"已带入 {done:,} 人")
    with all_or_nothing():
        FLOW.take(
            FLOW.lock(upload.pk),
            ACTS.applied,
            actor=upload.confirmed_by,
            percent=100,
            stage="",
            finished_at=timezone.now(),
            content="",
        )


@all_or_nothing()
def _together(upload: CarriedFile, keys: Sequence[int]) -> list[int]:
    """Bring in those of whom nothing is settled here; returns the covers of the others."""
    covers = {
        row.pk: row
        for row in Enrollment.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=keys)
        .select_related("household")
        .order_by("pk")
    }
    homes = [cover.household_id for cover in covers.values()]
    into = Household.objects.filter(pk__in=homes).values("account_into")
    held = Household.objects.select_for_update(no_key=True)
    root = {
        row.pk: row.account_root
        for row in held.filter(Q(pk__in=homes) | Q(pk__in=into)).order_by("pk")
    }
    here = Settlement.objects.counted().filter(policy_year=upload.policy_year).order_by()
    people = set(
        here.filter(visit__person__in=[cover.person_id for cover in covers.values()]).values_list(
            "visit__person", flat=True
        )
    )
    accounts = _roots(here.filter(visit__household__in=_sharing(set(root.values()))))
    rows = _rows(upload, keys)
    alone = [
        pk
        for pk, cover in covers.items()
        if cover.person_id in people or root[cover.household_id] in accounts
    ]
    _insert(upload, [covers[pk] for pk in covers if pk in rows and pk not in alone], rows)
    return [pk for pk in alone if pk in rows]


def _sharing(roots: set[int]) -> list[int]:
    shared = Household.objects.filter(Q(pk__in=roots) | Q(account_into__in=roots))
    return list(shared.values_list("pk", flat=True))


def _roots(settled: Any) -> set[int]:
    homes = settled.values_list("visit__household__pk", "visit__household__account_into")
    return {into or pk for pk, into in homes}


def _rows(upload: CarriedFile, keys: Sequence[int]) -> Rows:
    """Cover → its rows, of those that are not brought in yet."""
    found: Rows = defaultdict(list)
    ready = CarriedRow.objects.filter(file=upload, verdict=CarriedRow.Verdict.READY, cover__in=keys)
    done = set(
        CarriedUsage.objects.filter(file=upload, person__in=ready.values("person")).values_list(
            "person", flat=True
        )
    )
    for row in ready.order_by("line", "pk"):
        if row.person_id not in done:
            found[row.cover_id or 0].append(row)
    return found


@all_or_nothing()
def _alone(upload: CarriedFile, key: int) -> None:
    """Bring in what one person used, and let all follow that was settled without it."""
    family = _hold_after(key, upload.policy_year)
    cover = Enrollment.objects.select_related("household").get(pk=key)
    rows = _rows(upload, [key])
    if not rows:
        return
    _insert(upload, [cover], rows)
    if family is None:
        return
    actor: User | None = upload.confirmed_by
    assert actor is not None
    what = "所依据的原系统已用情况" + ("更正" if upload.correction else "补入")
    changed = follow(family, what=what, actor=actor)
    if changed:
        told = CarriedFile.objects.select_for_update(no_key=True).get(pk=upload.pk)
        told.followed_count += len(changed)
        told.save(update_fields=["followed_count"])


def _hold_after(key: int, year: int) -> Family | None:
    """Everything settled in the year for the person or the household's account, locked with their
    covers, the first one among what follows."""
    while True:
        first = _first(key, year)
        if first is None:
            Enrollment.objects.select_for_update(no_key=True).get(pk=key)
            if _first(key, year) is None:
                return None
            continue
        point = transaction.savepoint()
        family = hold_family(first)
        if _first(key, year) == first:
            transaction.savepoint_commit(point)
            head = family.head
            family.used[head.pk] = found_used(head, family.covers[head.visit.enrollment_id])
            return Family(head, [head, *family.later], family.covers, family.used)
        transaction.savepoint_rollback(point)


def _first(key: int, year: int) -> int | None:
    """The settlement of the year that was the first to find what this cover's people used."""
    cover = Enrollment.objects.select_related("household").get(pk=key)
    shared = Household.objects.sharing_account_with(cover.household)
    rows = Settlement.objects.counted().filter(policy_year=year)
    rows = rows.filter(Q(visit__person=cover.person_id) | Q(visit__household__in=shared))
    found = sorted(rows.select_related("visit"), key=Place.of)
    return found[0].pk if found else None


def _insert(upload: CarriedFile, covers: Sequence[Enrollment], rows: Rows) -> None:
    """One version for each, in the place of the one that it corrects."""
    people = [cover.person_id for cover in covers]
    live = CarriedUsage.objects.filter(
        person__in=people, policy_year=upload.policy_year, is_live=True
    )
    before = {one.person_id: one for one in live}
    if not upload.correction and before:  # another file was faster
        _refuse(upload, before, "已用情况刚由另一份文件带入，要改请按“更正”上传")
        covers = [cover for cover in covers if cover.person_id not in before]
        before = {}
    usages = CarriedUsage.objects.bulk_create(
        CarriedUsage(
            file=upload,
            person_id=cover.person_id,
            household_id=cover.household_id,
            division_id=cover.division_id,
            policy_year=upload.policy_year,
            counted_to=upload.counted_to,
            version=before[cover.person_id].version + 1 if cover.person_id in before else 1,
        )
        for cover in covers
    )
    CarriedAmount.objects.bulk_create(
        CarriedAmount(
            usage=usage,
            person_id=None if row.of_home else cover.person_id,
            household_id=cover.household_id if row.of_home else None,
            policy_year=upload.policy_year,
            counter=row.counter,
            title=row.title,
            amount=row.amount,
            shown=row.shown,
        )
        for usage, cover in zip(usages, covers, strict=True)
        for row in rows[cover.pk]
    )
    for usage in usages:
        old = before.get(usage.person_id)
        if old is not None:
            old.is_live, old.replaced_by = False, usage
            old.save(update_fields=["is_live", "replaced_by"])


def _refuse(upload: CarriedFile, people: Collection[int], why: str) -> None:
    """They are not brought in, and the file says so."""
    rows = CarriedRow.objects.filter(file=upload, person__in=people)
    rows.update(verdict=CarriedRow.Verdict.REFUSED, note=why[:200])
    held = CarriedFile.objects.select_for_update(no_key=True).get(pk=upload.pk)
    held.ready_count -= len(people)
    held.refused_count += len(people)
    held.save(update_fields=["ready_count", "refused_count"])
