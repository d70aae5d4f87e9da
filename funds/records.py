"""The plain records of a book: what is digested, sealed and exported. Format: funds/verify/."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from desk.rooms import answers
from funds.chart import printed
from funds.models import Book, ClosingBalance, Posting, Seal, Voucher, label_of
from funds.verify import FORMAT


def amount_text(amount: Decimal) -> str:
    """Yuan with exactly two decimals: 12 → "12.00"."""
    return f"{amount:.2f}"


@contextmanager
def one_view() -> Iterator[None]:
    """Everything read inside is as it was at one moment, unless a transaction was open already."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


# What a record says of a line, and where that stands when a whole book is read: a million objects
# would cost minutes.
LINE = {
    "line": "line",
    "account": "account__code",
    "debit": "debit",
    "credit": "credit",
    "funding_level": "funding_level",
    "tier": "tier",
    "township": "township__code",
    "institution_code": "institution_code",
    "policy_year": "policy_year",
}


# Kinds of records of other rooms whose number the last line says.
COUNTED = {
    "settlement": "settlements",
    "figure": "figures",
    "bank_line": "bank_lines",
    "bank_match": "bank_matches",
    "bank_table": "bank_tables",
}


def _line_record(values: Sequence[Any]) -> dict[str, Any]:
    """`values`: in the order of LINE."""
    line = dict(zip(LINE, values, strict=True))
    return line | {side: amount_text(line[side]) for side in ("debit", "credit")}


def posting_record(posting: Posting) -> dict[str, Any]:
    """One line of a voucher."""
    values = [
        posting.line,
        posting.account.code,
        posting.debit,
        posting.credit,
        posting.funding_level,
        posting.tier,
        posting.township.code if posting.township else None,
        posting.institution_code,
        posting.policy_year,
    ]
    return _line_record(values)


def content_record(voucher: Voucher, postings: Iterable[Posting]) -> dict[str, Any]:
    """What a voucher says, without its number and who posted it when: its digest is of this."""
    return _content(voucher, [posting_record(posting) for posting in postings])


def _content(voucher: Voucher, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "book": voucher.book.code,
        "occurred_on": voucher.occurred_on.isoformat(),
        "event": voucher.event,
        "summary": voucher.summary,
        "source": voucher.source,
        "key": voucher.key,
        "amount": amount_text(voucher.amount),
        "reversal_of": voucher.reversal_of.label if voucher.reversal_of else None,
        "postings": lines,
    }


def voucher_record(voucher: Voucher) -> dict[str, Any]:
    """The voucher as it is sealed and exported. Fetch it with `Voucher.objects.with_postings()`."""
    return _whole(voucher, [posting_record(posting) for posting in voucher.postings.all()])


def _whole(voucher: Voucher, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return _content(voucher, lines) | {
        "kind": "voucher",
        "label": voucher.label,
        "month": voucher.label[:7],
        "number": voucher.number,
        "prepared_by": voucher.preparer,
        "posted_at": voucher.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "content_digest": voucher.content_digest,
    }


def _seal_records(book: Book) -> Iterator[dict[str, Any]]:
    """The links of the chain."""
    said = ("sequence", "voucher__occurred_on", "voucher__number", "previous", "digest")
    seals = Seal.objects.filter(book=book).order_by("sequence").values_list(*said)
    for sequence, on, number, previous, digest in seals.iterator(chunk_size=5_000):
        yield {
            "kind": "seal",
            "sequence": sequence,
            "voucher": label_of(on, number),
            "previous": previous,
            "digest": digest,
        }


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    """The whole book from its first month on, in the order that funds/verify/ expects.

    Read it inside `one_view`, or what is posted meanwhile looks like a fault.
    """
    yield {
        "kind": "book",
        "format": FORMAT,
        "book": book.code,
        "chart": book.chart,
        "first_month": f"{book.first_month:%Y-%m}",
        "accounts": {account.code: account.name for account in book.accounts.all()},
        "printed": _printed(book),
    }
    for period in book.periods.order_by("year", "month"):
        yield {
            "kind": "period",
            "month": str(period.as_month),
            "chart": period.chart,
            "status": period.status,
            "next_number": period.next_number,
        }
    for balance in ClosingBalance.objects.filter(period__book=book).select_related(
        "period", "account"
    ):
        yield {
            "kind": "balance",
            "month": str(balance.period.as_month),
            "account": balance.account.code,
            "debit": amount_text(balance.debit),
            "credit": amount_text(balance.credit),
        }
    counts = dict.fromkeys(("vouchers", "postings", "seals", *COUNTED.values()), 0)
    for record in _voucher_records(book):
        counts["vouchers"] += 1
        counts["postings"] += len(record["postings"])
        yield record
    for record in _seal_records(book):
        counts["seals"] += 1
        yield record
    for rows in answers("ROOMS_OF_RECORDS", "book_records", book):
        for record in rows:
            if name := COUNTED.get(record["kind"]):
                counts[name] += 1
            yield record
    yield {"kind": "end", **counts}


def _printed(book: Book) -> dict[str, dict[str, list[str]]]:
    """Chart that the book keeps or kept → account → the code and name that it prints."""
    roles = [account.code for account in book.accounts.all()]
    charts = sorted(set(book.periods.values_list("chart", flat=True)))
    return {
        chart: {role: [one.code, one.name] for role in roles if (one := printed(chart, role))}
        for chart in charts
    }


def _voucher_records(book: Book) -> Iterator[dict[str, Any]]:
    """Vouchers and postings, each read once in the same order and put together here."""
    order = ("period__year", "period__month", "number", "pk")
    vouchers = Voucher.objects.filter(book=book).select_related("reversal_of").order_by(*order)
    rows = (
        Posting.objects.filter(voucher__book=book)
        .order_by(*(f"voucher__{one}" for one in order), "line")
        .values_list("voucher", *LINE.values())
    )
    groups = groupby(rows.iterator(chunk_size=5_000), key=itemgetter(0))
    pk, lines = next(groups, (None, iter(())))
    for voucher in vouchers.iterator(chunk_size=2_000):
        voucher.book = book
        if voucher.pk != pk:
            yield _whole(voucher, [])  # somebody took its lines away
            continue
        yield _whole(voucher, [_line_record(row[1:]) for row in lines])
        pk, lines = next(groups, (None, iter(())))
