"""The plain records of a book: what is digested, sealed and exported. Format: funds/verify.py."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from funds.models import Book, ClosingBalance, Posting, Seal, Voucher
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


def posting_record(posting: Posting) -> dict[str, Any]:
    """One line of a voucher."""
    return {
        "line": posting.line,
        "account": posting.account.code,
        "debit": amount_text(posting.debit),
        "credit": amount_text(posting.credit),
        "funding_level": posting.funding_level,
        "tier": posting.tier,
        "township": posting.township.code if posting.township else None,
        "institution_code": posting.institution_code,
        "policy_year": posting.policy_year,
    }


def content_record(voucher: Voucher, postings: Iterable[Posting]) -> dict[str, Any]:
    """What a voucher says, without its number and who posted it when: its digest is of this."""
    return {
        "book": voucher.book.code,
        "occurred_on": voucher.occurred_on.isoformat(),
        "event": voucher.event,
        "summary": voucher.summary,
        "source": voucher.source,
        "key": voucher.key,
        "amount": amount_text(voucher.amount),
        "reversal_of": voucher.reversal_of.label if voucher.reversal_of else None,
        "postings": [posting_record(posting) for posting in postings],
    }


def voucher_record(voucher: Voucher) -> dict[str, Any]:
    """The voucher as it is sealed and exported. Fetch it with `Voucher.objects.with_postings()`."""
    return content_record(voucher, voucher.postings.all()) | {
        "kind": "voucher",
        "label": voucher.label,
        "month": voucher.label[:7],
        "number": voucher.number,
        "prepared_by": voucher.preparer,
        "posted_at": voucher.posted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "content_digest": voucher.content_digest,
    }


def seal_record(seal: Seal) -> dict[str, Any]:
    """One link of the chain."""
    return {
        "kind": "seal",
        "sequence": seal.sequence,
        "voucher": seal.voucher.label,
        "previous": seal.previous,
        "digest": seal.digest,
    }


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    """The whole book from its first month on, in the order that funds/verify.py expects.

    Read it inside `one_view`, or what is posted meanwhile looks like a fault.
    """
    yield {
        "kind": "book",
        "format": FORMAT,
        "book": book.code,
        "chart": book.chart,
        "first_month": f"{book.first_month:%Y-%m}",
        "accounts": {account.code: account.name for account in book.accounts.all()},
    }
    for period in book.periods.order_by("year", "month"):
        yield {
            "kind": "period",
            "month": str(period.as_month),
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
    counts = {"vouchers": 0, "postings": 0, "seals": 0}
    vouchers = Voucher.objects.filter(book=book).with_postings().in_order()
    for voucher in vouchers.iterator(chunk_size=500):
        record = voucher_record(voucher)
        counts["vouchers"] += 1
        counts["postings"] += len(record["postings"])
        yield record
    seals = Seal.objects.filter(book=book).select_related("voucher").order_by("sequence")
    for seal in seals.iterator(chunk_size=2000):
        counts["seals"] += 1
        yield seal_record(seal)
    yield {"kind": "end", **counts}
