"""Settlements as the export of a book gives them out, without anybody's name or id: what the
checker that goes with it recomputes to the fen (`funds/verify/`, `take_settlement`)."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import TruncMonth

from claims.models import Settlement, SettlementFund, SettlementQuerySet, Visit
from claims.recovery.models import Recovery
from funds.models import Book
from funds.records import amount_text

# What the record calls an amount → its column.
AMOUNTS = {
    "total": "total_amount",
    "full_self_pay": "full_self_pay_amount",
    "borne": "borne_amount",
    "over_limit": "over_limit_amount",
    "first_self_pay": "first_self_pay_amount",
    "in_scope": "in_scope_amount",
    "deductible": "deductible_amount",
    "fund": "fund_amount",
    "hospital": "hospital_amount",
    "beyond": "beyond_amount",
    "personal": "personal_amount",
    "account": "account_amount",
    "credit": "credit_amount",
    "cash": "cash_amount",
}
SAID = ("pk", "number", "status", "settled_on", "tier", "ratio", "voucher_number", "charged_to")
# What the indicators tell visits apart by.
OF_VISIT = ("counts_as_stay", "starts", "ends", "place", "level", "source")
OF_MONTH = ("total", "in_scope", "fund", "personal")  # what the months' report sums


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    """Each settlement of the book that was submitted, then the sums of each month as the reports
    take them. The resident fund's has all; another fund's those that it pays a part of."""
    rows = Settlement.objects.exclude(status=Settlement.Status.DRAFT)
    rows = _of(book, rows)
    yield from _settlements(book, rows)
    yield from months_of(_of(book, Settlement.objects.counted()))


def _of(book: Book, rows: SettlementQuerySet) -> SettlementQuerySet:
    rows = rows.filter(division__code__startswith=book.area.code)
    if book.fund_type == Book.FundType.RESIDENT:
        return rows
    paid = SettlementFund.objects.filter(settlement=OuterRef("pk"), book=book.fund_type)
    return rows.filter(Exists(paid.order_by()))


def _settlements(book: Book, rows: SettlementQuerySet) -> Iterator[dict[str, Any]]:
    """Settlements and what each fund pays of them, each read once in the same order."""
    back = set(Recovery.objects.whole_and_back().values_list("settlement", flat=True))
    funds = SettlementFund.objects.filter(settlement__division__code__startswith=book.area.code)
    columns = ("settlement", "layer", "fund_pay_type", "book", "amount")
    groups = groupby(
        funds.order_by("settlement", "pk").values_list(*columns).iterator(chunk_size=5_000),
        key=itemgetter(0),
    )
    pk, parts = next(groups, (None, iter(())))
    visit = (f"visit__{name}" for name in OF_VISIT)
    read = rows.order_by("pk").values_list(*AMOUNTS.values(), *SAID, *visit)
    for row in read.iterator(chunk_size=5_000):
        said = dict(zip((*SAID, *OF_VISIT), row[len(AMOUNTS) :], strict=True))
        while pk is not None and pk < said["pk"]:
            pk, parts = next(groups, (None, iter(())))
        mine = list(parts) if pk == said["pk"] else []
        yield {
            "kind": "settlement",
            "number": said["number"],
            "status": said["status"],
            "settled_on": said["settled_on"].isoformat(),
            "tier": said["tier"],
            "ratio": said["ratio"],
            "voucher": said["voucher_number"],
            "counted": said["status"] not in Settlement.NOT_COUNTED and said["pk"] not in back,
            "amounts": {
                name: amount_text(amount) for name, amount in zip(AMOUNTS, row, strict=False)
            },
            "visit": _visit(said),
            "funds": [
                {"layer": layer, "type": kind, "book": paying, "amount": amount_text(amount)}
                for _, layer, kind, paying, amount in mine
            ],
        }


def _visit(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the visit counts as. A stay that is settled in parts counts with its last part."""
    ends = said["ends"]
    return {
        "ended": said["charged_to"] is None,
        "stay": said["counts_as_stay"],
        "days": max((ends - said["starts"]).days, 1) if ends else 1,
        "place": said["place"],
        "level": said["level"],
        "counter": said["source"] == Visit.Source.COUNTER,
    }


def months_of(rows: SettlementQuerySet) -> Iterator[dict[str, Any]]:
    """Count and sums by the month of the settlement, of those that count."""
    sums = {name: Sum(AMOUNTS[name]) for name in OF_MONTH}
    found: Iterable[Mapping[str, Any]] = (
        rows.order_by()
        .annotate(in_month=TruncMonth("settled_on"))
        .values("in_month")
        .annotate(count=Count("pk"), **sums)
        .order_by("in_month")
    )
    for row in found:
        yield {
            "kind": "settled",
            "month": f"{row['in_month']:%Y-%m}",
            "count": row["count"],
            **{name: amount_text(row[name]) for name in OF_MONTH},
        }
