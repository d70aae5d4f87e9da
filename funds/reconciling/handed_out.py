"""Statements of the banks and the tables as the export of a book gives them out, without words that
name people: what the checker that goes with it works out anew (`funds/verify/bank.py`)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from funds.models import Account, Book, label_of
from funds.reconciling.models import Adjustment, LineMatch, MatchedItem
from funds.reconciling.table import Table, bank_accounts, lines_of
from funds.records import amount_text
from funds.verify import FIRST_LINK, line_digest


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    for account in bank_accounts(book):
        yield from _lines(account)
        yield from _matches(account)
        yield from _tables(account)


def _lines(account: Account) -> Iterator[dict[str, Any]]:
    """Each with its link in the chain of the account, and with what it is one money."""
    link = FIRST_LINK
    for one in lines_of(account):
        record = {
            "kind": "bank_line",
            "account": account.code,
            "day": one.day.isoformat(),
            "serial": one.number,
            "amount": amount_text(one.amount),
            "group": one.group,
        }
        link = line_digest(link, record)
        yield record | {"digest": link}


def _matches(account: Account) -> Iterator[dict[str, Any]]:
    labels: dict[int, list[str]] = defaultdict(list)
    items = MatchedItem.objects.filter(account=account, is_live=True).exclude(voucher=None)
    for match, day, number in items.order_by("pk").values_list(
        "match", "voucher__occurred_on", "voucher__number"
    ):
        labels[match].append(label_of(day, number))
    for one in LineMatch.objects.filter(account=account).standing().order_by("pk"):
        yield {
            "kind": "bank_match",
            "account": account.code,
            "group": f"match:{one.pk}",
            "amount": amount_text(one.amount),
            "vouchers": labels[one.pk],
        }


def _tables(account: Account) -> Iterator[dict[str, Any]]:
    """Those that another has reviewed, as they were kept."""
    rows = Adjustment.objects.filter(account=account, status=Adjustment.Status.REVIEWED)
    for one in rows.order_by("month"):
        assert one.table is not None
        table = Table.of(one.table)
        yield {
            "kind": "bank_table",
            "account": account.code,
            "month": str(one.as_month),
            "bank": amount_text(one.balance),
            "book": amount_text(table.book),
            "since": table.since.isoformat() if table.since else None,
            "items": {
                side: [
                    {
                        "day": item.day.isoformat(),
                        "number": item.number,
                        "amount": amount_text(item.amount),
                    }
                    for item in items
                ]
                for side, items in table.items.items()
            },
        }
