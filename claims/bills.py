"""The bills of many settlements, each line with what counts of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from claims.adjudication import asked_dimensions
from claims.computation import member_with, put_parts
from claims.models import BillLine, Settlement
from enrollment.cover.covering import cover_histories
from enrollment.models import IdentityStatus
from policies.services import terms_of

Bills = dict[int, list[BillLine]]


def bills_of(settlements: Sequence[Settlement]) -> Bills:
    """Settlement → its lines in their order, with `over`, `first` and `counts` beside those that
    the engine counted. As many statements for a thousand as for one; of the settlements visit,
    enrollment, person, institution and pack are read already.
    """
    bills = _lines(settlements)
    statuses = _statuses(settlements)
    free = _claim_free(settlements)
    for row in settlements:
        visit, terms = row.visit, terms_of(row.pack)
        if visit.ends is None or not bills[row.pk]:
            continue
        held = frozenset(one.code for one in statuses[visit.person_id] if one.covers(visit.starts))
        years = free.get((visit.enrollment.year, visit.person_id), 0)
        put_parts(visit, bills[row.pk], terms, member_with(visit.enrollment, held, years))
    return bills


def _lines(settlements: Sequence[Settlement]) -> Bills:
    """As `Settlement.bill_lines` has them, for all at once."""
    found: dict[tuple[int, int | None], list[BillLine]] = defaultdict(list)
    rows = BillLine.objects.filter(visit__in={row.visit_id for row in settlements})
    for line in rows.select_related("item", "batch__received_by__division").order_by("line_number"):
        found[line.visit_id, line.part].append(line)
    return {row.pk: found[row.visit_id, row.part] for row in settlements}


def _statuses(settlements: Iterable[Settlement]) -> dict[int, list[IdentityStatus]]:
    found: dict[int, list[IdentityStatus]] = defaultdict(list)
    people = {row.visit.person_id for row in settlements}
    for status in IdentityStatus.objects.filter(person__in=people):
        found[status.person_id].append(status)
    return found


def _claim_free(settlements: Iterable[Settlement]) -> dict[tuple[int, int], int]:
    """(year, person) → years without a payment, where measures ask for them: a statement a year."""
    people: dict[int, set[int]] = defaultdict(set)
    for row in settlements:
        if "claim_free" in asked_dimensions(terms_of(row.pack)):
            people[row.visit.enrollment.year].add(row.visit.person_id)
    return {
        (year, person): history.claim_free
        for year, asked in people.items()
        for person, history in cover_histories(asked, year).items()
    }
