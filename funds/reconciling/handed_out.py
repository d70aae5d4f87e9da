"""Statements of the banks and the tables as the export of a book gives them out, without words that
name people: what the checker that goes with it works out anew (`funds/verify/bank.py`)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from funds.banking.models import BankLine
from funds.models import Account, Book, label_of
from funds.opening.models import Opening
from funds.opening.outstanding import BANK, Outstanding
from funds.reconciling.models import AccountLine, Adjustment, LineMatch, MatchedItem
from funds.reconciling.table import (
    Item,
    Table,
    bank_accounts,
    each_line,
    is_collected,
    lines_of,
    outstanding_of,
    vouchers_of,
    with_outstanding,
)
from funds.records import amount_text
from funds.verify import FIRST_LINK, GROUPED, line_digest
from lib.periods import Month
from lib.tables.writing import Heading, headings

LINE_COLUMNS = (
    Heading("系统科目", "code", width=10),
    Heading("银行账户", "text"),
    Heading("日期", "day"),
    Heading("流水号", "code"),
    *headings("收入", "支出", kind="yuan"),
    Heading("核对", "text", width=10),
    Heading("勾对号", "code", width=10),
    Heading("对应凭证", "text", width=30),
    Heading("冲抵的流水", "code"),
)


def book_records(book: Book) -> Iterator[dict[str, Any]]:
    for account in bank_accounts(book):
        yield from _lines(account)
        yield from _matches(account)
        yield from _opened(account)
        yield from _tables(account)


def _lines(account: Account) -> Iterator[dict[str, Any]]:
    """Each with its link in the chain of the account, and with what it is one money."""
    link = FIRST_LINK
    for one in each_line(account):
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
    labels = _labels(account)
    for one in LineMatch.objects.filter(account=account).standing().order_by("pk"):
        yield {
            "kind": "bank_match",
            "account": account.code,
            "group": f"match:{one.pk}",
            "amount": amount_text(one.amount),
            "vouchers": labels[f"match:{one.pk}"],
        }


def _opened(account: Account) -> Iterator[dict[str, Any]]:
    """What bank and books had apart on the opening day, each with what settled it since."""
    opening = Opening.objects.filter(book=account.book_id).in_force().first()
    rows = [Outstanding.of(one) for one in opening.outstanding] if opening else []
    bank = next((one for one in rows if (one.account, one.side) == (account.code, BANK)), None)
    if opening is None or bank is None:
        return
    lines = lines_of(account)
    since = min((one.day for one in lines), default=None)
    vouchers = [] if since is None else vouchers_of(account, Month.of(since).first)
    both = [one for side in with_outstanding(account, lines, vouchers) for one in side]
    settled = {one.group: one for one in both if one.key and one.group.startswith("opening:")}
    yield {
        "kind": "bank_opening",
        "account": account.code,
        "day": opening.voucher.occurred_on.isoformat() if opening.voucher else "",
        "bank": amount_text(bank.amount),
        "items": [
            {
                "side": one.side,
                "day": one.day.isoformat(),
                "number": one.number,
                "amount": amount_text(one.moved),
                "settled": _told(settled.get(f"opening:{at + 1}")),
            }
            for at, one in enumerate(outstanding_of(account))
        ],
    }


def _told(one: Item | None) -> dict[str, str] | None:
    if one is None:
        return None
    return {
        "day": one.day.isoformat(),
        "number": one.number,
        "amount": amount_text(one.amount),
    }


def _labels(account: Account) -> dict[str, list[str]]:
    """Group of a match → numbers of its vouchers."""
    found: dict[str, list[str]] = defaultdict(list)
    items = MatchedItem.objects.filter(account=account, is_live=True).exclude(voucher=None)
    for match, day, number in items.order_by("pk").values_list(
        "match", "voucher__occurred_on", "voucher__number"
    ):
        found[f"match:{match}"].append(label_of(day, number))
    return found


def line_count(book: Book) -> int:
    """How many lines the banks' statements of the book's accounts have."""
    found = AccountLine.objects.filter(account__book=book).count()
    if any(is_collected(one) for one in bank_accounts(book)):
        found += BankLine.objects.filter(area=book.area_id).count()
    return found


def line_rows(book: Book) -> Iterator[tuple[Any, ...]]:
    """银行流水: every line in the order of the records, and which entries are the same money. The
    bank's words are left out as there."""
    for account in bank_accounts(book):
        labels, serials = _labels(account), _offset_serials(account)
        for one in each_line(account):
            yield _cells(account, one, labels, serials)


def _cells(
    account: Account,
    one: Item,
    labels: Mapping[str, list[str]],
    serials: Mapping[str, list[tuple[date, str]]],
) -> tuple[Any, ...]:
    kind, _, name = one.group.partition(":")
    came, went = (one.amount, None) if one.amount > 0 else (None, -one.amount)
    match = vouchers = beside = ""
    if kind == "voucher":
        vouchers = name
    elif kind == "match":
        match, vouchers = name, "、".join(labels.get(one.group, ()))
    elif kind:
        own = (one.day, one.number)  # some banks count their serials anew each day
        beside = "、".join(other[1] for other in serials.get(one.group, ()) if other != own)
    told = GROUPED[kind]
    return (
        account.code, account.name, one.day, one.number, came, went, told, match, vouchers, beside,
    )  # fmt: skip


def _offset_serials(account: Account) -> dict[str, list[tuple[date, str]]]:
    """Group of lines that took each other back → their days and serials; there are few."""
    found: dict[str, list[tuple[date, str]]] = defaultdict(list)
    if is_collected(account):
        rows = BankLine.objects.filter(area=account.book.area_id, offset__isnull=False)
        for pk, offset, day, serial in rows.values_list("pk", "offset", "booked_on", "serial"):
            found[f"offset:{min(pk, offset or pk)}"].append((day, serial))
    return found


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
