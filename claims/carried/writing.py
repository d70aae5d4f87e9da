"""Step two: what was agreed to counts, and what was settled here meanwhile is computed anew.

Locks as everywhere in the room: settlements, covers, households. Of people without a settlement
here the covers are held together, a portion at a time; whoever has one is taken alone with all that
may depend on it (claims/dependence).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import Refusal
from accounts.models import User
from claims.carried.models import CarriedFile, CarriedRow, CarriedUsage
from claims.carried.workflow import ACTS, FLOW
from claims.computation import Place
from claims.dependence.family import Family, found_used, hold_family
from claims.dependence.services import follow
from claims.models import Settlement
from desk.changes import all_or_nothing
from desk.jobs import Tell
from enrollment.models import Enrollment, Household
from lib.batches import chunked

# People whose covers are held at once: a fraction of a second's work.
TOGETHER = 2000
# One version for each person, in the place of the one that it corrects, and its amounts.
WRITE = """
WITH covers AS (
    SELECT id, person_id, household_id, division_id
    FROM enrollment_enrollment WHERE id = ANY(%(covers)s)
), before AS (
    SELECT id, person_id, version FROM claims_carriedusage
    WHERE person_id = ANY(%(people)s) AND policy_year = %(year)s AND is_live
), fresh AS (
    INSERT INTO claims_carriedusage (
        file_id, person_id, household_id, division_id, policy_year, counted_to, version, is_live)
    SELECT %(file)s, c.person_id, c.household_id, c.division_id, %(year)s, %(counted_to)s,
        coalesce(b.version, 0) + 1, true
    FROM covers c LEFT JOIN before b USING (person_id)
    ORDER BY c.id
    RETURNING id, person_id
), replaced AS (
    UPDATE claims_carriedusage u SET is_live = false, replaced_by_id = f.id
    FROM before b JOIN fresh f USING (person_id)
    WHERE u.id = b.id AND u.person_id = ANY(%(people)s)
)
INSERT INTO claims_carriedamount (
    usage_id, person_id, household_id, policy_year, counter, title, amount, shown)
SELECT f.id, CASE WHEN r.of_home THEN NULL ELSE c.person_id END,
    CASE WHEN r.of_home THEN c.household_id END, %(year)s, r.counter, r.title, r.amount, r.shown
FROM fresh f
JOIN covers c USING (person_id)
JOIN claims_carriedrow r
    ON r.cover_id = c.id AND r.cover_id BETWEEN %(first)s AND %(last)s
    AND r.file_id = %(file)s AND r.verdict = %(ready)s
ORDER BY r.line, r.id
"""


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
        tell(10 + 89 * done // len(covers), f"已转入 {done:,} 人")
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
    held_covers = Enrollment.objects.select_for_update(no_key=True).filter(pk__in=keys)
    covers = {
        pk: (person, home)
        for pk, person, home in held_covers.order_by("pk").values_list(
            "pk", "person_id", "household_id"
        )
    }
    homes = {home for _, home in covers.values()}
    into = Household.objects.filter(pk__in=homes).values("account_into")
    held = Household.objects.select_for_update(no_key=True)
    root = {
        pk: other or pk
        for pk, other in held.filter(Q(pk__in=homes) | Q(pk__in=into))
        .order_by("pk")
        .values_list("pk", "account_into_id")
    }
    here = Settlement.objects.counted().filter(policy_year=upload.policy_year).order_by()
    everybody = [person for person, _ in covers.values()]
    people = set(here.filter(visit__person__in=everybody).values_list("visit__person", flat=True))
    accounts = _roots(here.filter(visit__household__in=_sharing(set(root.values()))))
    done = _brought(upload, everybody)
    left = {pk: both for pk, both in covers.items() if both[0] not in done}
    alone = [
        pk for pk, (person, home) in left.items() if person in people or root[home] in accounts
    ]
    _insert(upload, {pk: left[pk][0] for pk in left.keys() - alone})
    return alone


def _sharing(roots: set[int]) -> list[int]:
    shared = Household.objects.filter(Q(pk__in=roots) | Q(account_into__in=roots))
    return list(shared.values_list("pk", flat=True))


def _roots(settled: Any) -> set[int]:
    homes = settled.values_list("visit__household__pk", "visit__household__account_into")
    return {into or pk for pk, into in homes}


def _brought(upload: CarriedFile, people: Collection[int]) -> set[int]:
    """Whose usage of this file is in already."""
    rows = CarriedUsage.objects.filter(file=upload, person__in=people)
    return set(rows.values_list("person", flat=True))


@all_or_nothing()
def _alone(upload: CarriedFile, key: int) -> None:
    """Bring in what one person used, and let all follow that was settled without it."""
    family = _hold_after(key, upload.policy_year)
    person = Enrollment.objects.values_list("person", flat=True).get(pk=key)
    if _brought(upload, [person]):
        return
    _insert(upload, {key: person})
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


def _insert(upload: CarriedFile, covers: Mapping[int, int]) -> None:
    """Write what these people (by their covers) used. Inside the transaction that holds them."""
    if not upload.correction:
        live = CarriedUsage.objects.filter(
            person__in=covers.values(), policy_year=upload.policy_year, is_live=True
        )
        faster = set(live.values_list("person", flat=True))
        if faster:  # another file was faster
            _refuse(upload, faster, "已用情况刚由另一份文件转入，要改请按“更正”上传")
            covers = {pk: person for pk, person in covers.items() if person not in faster}
    if not covers:
        return
    with connection.cursor() as cursor:
        # Freshly kept lines have no statistics: guessing one row, the planner would loop over all,
        # and forbidding that looks so dear to it that it would compile the plan first.
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        cursor.execute(
            WRITE,
            {
                "covers": list(covers),
                "people": list(covers.values()),
                # Keeps the search to these rows of the file.
                "first": min(covers),
                "last": max(covers),
                "file": upload.pk,
                "year": upload.policy_year,
                "counted_to": upload.counted_to,
                "ready": CarriedRow.Verdict.READY.value,
            },
        )
        cursor.execute("SET LOCAL enable_nestloop = on; SET LOCAL jit = on")


def _refuse(upload: CarriedFile, people: Collection[int], why: str) -> None:
    """They are not brought in, and the file says so."""
    rows = CarriedRow.objects.filter(file=upload, person__in=people)
    rows.update(verdict=CarriedRow.Verdict.REFUSED, note=why[:200])
    held = CarriedFile.objects.select_for_update(no_key=True).get(pk=upload.pk)
    held.ready_count -= len(people)
    held.refused_count += len(people)
    held.save(update_fields=["ready_count", "refused_count"])
