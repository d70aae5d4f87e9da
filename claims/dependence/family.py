"""The settlements that one may have been computed from: found, and locked before any of them is
changed.

Order of locks, as everywhere in the room: settlements in the order of their keys, covers, then
households. A claim that is settled while we wait is found by looking again; then everything is let
go and taken anew, for whoever takes it back may hold it and wait for our cover.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from claims.computation import Place, prior_deductibles, usage_to_date
from claims.models import Settlement
from enrollment.models import Enrollment, Household
from policies.services import Measures

# What settles while one waits for the locks of a family is a claim or two; never so many.
TRIES = 20
PRIOR = "prior_deductible"  # beside the counters: what was borne in the stay referred from


@dataclass
class Family:
    """A locked settlement and those settled after it for the same people, in their order.

    `used`: settlement → what it found used when it was computed. `covers` are locked and have
    person, household and division loaded.
    """

    head: Settlement
    later: list[Settlement]
    covers: dict[int, Enrollment]
    used: dict[int, dict[str, int]] = field(default_factory=dict)


def hold_family(pk: int) -> Family:
    """Lock the settlement with what may depend on it. Call it inside a transaction, before
    anything else is locked."""
    for _ in range(TRIES):
        point = transaction.savepoint()
        family = _hold(pk)
        if family is not None:
            transaction.savepoint_commit(point)
            return family
        transaction.savepoint_rollback(point)  # which gives the locks back
    raise RuntimeError(f"the family of settlement {pk} never stood still")


def _hold(pk: int) -> Family | None:
    keys = family_keys(pk)
    list(
        Settlement.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=keys)
        .order_by("pk")
        .values_list("pk")
    )
    rows = _rows(keys)
    covers = _hold_covers(row.visit.enrollment_id for row in rows)
    _hold_households(cover.household_id for cover in covers.values())
    if family_keys(pk) != keys:
        return None
    rows = _rows(keys)  # two records may have become one while we waited
    if any(row.visit.enrollment_id not in covers for row in rows):
        return None
    head = next(row for row in rows if row.pk == pk)
    later = sorted((row for row in rows if row.pk != pk), key=Place.of)
    family = Family(head, later, covers)
    for row in later:
        family.used[row.pk] = found_used(row, covers[row.visit.enrollment_id])
    return family


def family_keys(pk: int) -> frozenset[int]:
    """The settlement, and every one settled after it that shares a person, a household's account
    or the like with it or with one of these."""
    head = Settlement.objects.select_related("visit").get(pk=pk)
    if head.submitted_at is None:
        return frozenset({pk})
    later = Settlement.objects.counted().filter(Place.of(head).later())
    people, homes = {head.visit.person_id}, _together({head.visit.household_id})
    found: dict[int, tuple[int, int]] = {}
    while True:
        rows = later.filter(Q(visit__person__in=people) | Q(visit__household__in=homes))
        new = {
            key: (person, home)
            for key, person, home in rows.order_by().values_list(
                "pk", "visit__person", "visit__household"
            )
            if key not in found
        }
        if not new:
            return frozenset({pk, *found})
        found |= new
        people |= {person for person, _ in new.values()}
        homes |= _together({home for _, home in new.values()} - homes)


def _together(homes: set[int]) -> set[int]:
    """The households with all that share an account with one of them."""
    found = set(homes)
    for home in Household.objects.filter(pk__in=homes):
        found |= set(
            Household.objects.sharing_account_with(home).order_by().values_list("pk", flat=True)
        )
    return found


def _rows(keys: Iterable[int]) -> list[Settlement]:
    return list(
        Settlement.objects.filter(pk__in=keys)
        .select_related("visit__institution", "division", "pack")
        .prefetch_related("funds")
    )


def _hold_covers(keys: Iterable[int]) -> dict[int, Enrollment]:
    rows = Enrollment.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=set(keys))
    rows = rows.select_related("person", "household", "division", "pack")
    return {row.pk: row for row in rows.order_by("pk")}


def _hold_households(keys: Iterable[int]) -> None:
    """Each household with the one that has its account, in the order of the key (lock_cover)."""
    own = set(keys)
    into = Household.objects.filter(pk__in=own).values("account_into")
    rows = Household.objects.select_for_update(no_key=True)
    list(rows.filter(Q(pk__in=own) | Q(pk__in=into)).order_by("pk").values_list("pk"))


def found_used(row: Settlement, cover: Enrollment) -> dict[str, int]:
    """What the settlement's computation finds used before its place, as rows stand now."""
    found = usage_to_date(cover, Measures.of(row.pack).terms, Place.of(row))
    stay = row.visit.referred_from_id
    if stay is not None:
        found[PRIOR] = prior_deductibles([stay]).get(stay, 0)
    return found
