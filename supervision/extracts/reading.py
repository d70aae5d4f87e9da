"""The settlements of an extract, and the rows of its tables: read in pieces, so that memory does
not grow with them."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from claims.bills import bills_of
from claims.models import BillLine, Settlement, SettlementQuerySet
from supervision.extracts.cells import CELLS, Row
from supervision.extracts.columns import TABLES
from supervision.extracts.models import Extract

CHUNK = 1_000
READ = (
    *("pack", "division", "entered_by__division", "visit__person", "visit__household"),
    *("visit__enrollment__person", "visit__institution__division", "visit__entered_by__division"),
)
# Read for nothing, and to be unsealed each time.
NOT_READ = ("visit__household__bank_account", "payee_account", "visit__enrollment__person__phone",
            "visit__enrollment__person__resident_id")  # fmt: skip


def settlements_of(extract: Extract) -> SettlementQuerySet:
    """Those of the span that were handed in, within what the one who asked may see; withdrawn and
    refused ones as well, which say so. A draft that was thrown away never was."""
    assert extract.requested_by is not None
    rows = Settlement.objects.visible_to(extract.requested_by)
    rows = rows.filter(
        division__code__startswith=extract.area.code,
        settled_on__range=(extract.since, extract.until),
    )
    rows = rows.exclude(status=Settlement.Status.DRAFT)
    rows = rows.exclude(status=Settlement.Status.WITHDRAWN, submitted_at=None)
    if extract.institutions:
        rows = rows.filter(visit__institution__code__in=extract.institutions)
    return rows


def once_each(rows: SettlementQuerySet) -> SettlementQuerySet:
    """One for each visit: of several settlements of one the earliest."""
    earlier = rows.filter(visit=OuterRef("visit"), pk__lt=OuterRef("pk"))
    return rows.filter(~Exists(earlier.order_by()))


def billed(rows: SettlementQuerySet) -> SettlementQuerySet:
    """What was withdrawn has no bill: its lines stand with the settlement that followed, or count
    nowhere."""
    return rows.exclude(status=Settlement.Status.WITHDRAWN)


def counts_of(extract: Extract) -> dict[str, int]:
    """Table → rows."""
    rows = settlements_of(extract)
    lines = BillLine.objects.filter(
        Exists(billed(rows).filter(visit=OuterRef("visit"), part=OuterRef("part")).order_by())
    )
    return {
        "setl_d": rows.count(),
        "mdtrt_d": rows.aggregate(number=Count("visit", distinct=True))["number"],
        "fee_list_d": lines.count(),
        "setl_list_diag_d": rows.filter(_diagnosed()).count(),
        "setl_list_oprn_d": 0,
    }


def _diagnosed() -> Q:
    return ~Q(visit__diagnosis="")


def table_rows(extract: Extract, table: str) -> Iterator[list[Any]]:
    """The rows of a table, each as long as its columns."""
    cells = CELLS[table]
    say = [cells.get(column.name) for column in TABLES[table]]
    for row in ROWS[table](extract):
        yield [cell(row) if cell else None for cell in say]


def _pieces(rows: QuerySet[Settlement]) -> Iterator[list[Settlement]]:
    read = rows.order_by("pk").select_related(*READ).defer(*NOT_READ)
    beside = ("funds", "visit__invoices", "visit__person__statuses", "clearings__method")
    found = read.prefetch_related(*beside).iterator(chunk_size=CHUNK)
    while piece := list(islice(found, CHUNK)):
        yield piece


def _settlements(extract: Extract) -> Iterator[Row]:
    return _plain(extract, settlements_of(extract))


def _visits(extract: Extract) -> Iterator[Row]:
    return _plain(extract, once_each(settlements_of(extract)))


def _diagnoses(extract: Extract) -> Iterator[Row]:
    return _plain(extract, settlements_of(extract).filter(_diagnosed()))


def _plain(extract: Extract, rows: SettlementQuerySet) -> Iterator[Row]:
    found = chain.from_iterable(_pieces(rows))
    return (Row(one, extract.full) for one in found)


def _lines(extract: Extract) -> Iterator[Row]:
    for piece in _pieces(billed(settlements_of(extract))):
        bills = bills_of(piece)
        for one in piece:
            yield from (Row(one, extract.full, line) for line in bills[one.pk])


def _none(extract: Extract) -> Iterator[Row]:
    return iter(())


ROWS: Mapping[str, Callable[[Extract], Iterator[Row]]] = {
    "setl_d": _settlements,
    "mdtrt_d": _visits,
    "fee_list_d": _lines,
    "setl_list_diag_d": _diagnoses,
    "setl_list_oprn_d": _none,
}
