"""The table: what the bank has and the books do not, and the other way round, at a month's end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db.models import F, Sum

from funds.balances import balance_of
from funds.banking.models import BankLine
from funds.chart import BANK_ACCOUNTS, COLLECTION
from funds.events import OPENING
from funds.models import ZERO, Account, Book, Posting, label_of
from funds.opening.models import Opening
from funds.opening.outstanding import BANK, Outstanding
from funds.reconciling.models import AccountLine, MatchedItem
from lib.periods import Month

SIDES = (
    ("bank_in", "加：银行已收、单位未收"),
    ("bank_out", "减：银行已付、单位未付"),
    ("book_in", "加：单位已收、银行未收"),
    ("book_out", "减：单位已付、银行未付"),
)


LINE = ("pk", "booked_on", "serial", "summary", "amount")  # of a statement, as an Item begins
TOGETHER = 5_000  # lines that are read at once


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the statement or a voucher. `amount`: out of the account negative. `group`: of
    those that are the same money, "" while that is not known. `source`: the document of a
    voucher."""

    key: int
    day: date
    number: str
    words: str
    amount: Decimal
    group: str = ""
    source: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "day": self.day.isoformat(),
            "number": self.number,
            "words": self.words,
            "amount": str(self.amount),
        }

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> Self:
        day = date.fromisoformat(kept["day"])
        return cls(0, day, kept["number"], kept["words"], Decimal(kept["amount"]))


@dataclass(frozen=True, slots=True)
class Table:
    """`bank`: the statement's balance, None while nobody has written it down; `book`: the books'.
    `since`: from which month on lines were compared; None without any line."""

    bank: Decimal | None
    book: Decimal
    since: date | None
    items: Mapping[str, list[Item]] = field(default_factory=dict)

    def sum_of(self, side: str) -> Decimal:
        return abs(sum((one.amount for one in self.items.get(side, ())), ZERO))

    @property
    def adjusted_bank(self) -> Decimal | None:
        if self.bank is None:
            return None
        return self.bank + self.sum_of("book_in") - self.sum_of("book_out")

    @property
    def adjusted_book(self) -> Decimal:
        return self.book + self.sum_of("bank_in") - self.sum_of("bank_out")

    @property
    def difference(self) -> Decimal | None:
        """Bank less books, both adjusted; zero when the account is reconciled."""
        adjusted = self.adjusted_bank
        return None if adjusted is None else adjusted - self.adjusted_book

    def as_json(self) -> dict[str, Any]:
        return {
            "bank": None if self.bank is None else str(self.bank),
            "book": str(self.book),
            "since": self.since.isoformat() if self.since else None,
            "items": {side: [one.as_json() for one in self.items[side]] for side in self.items},
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """From what `as_json` gave."""
        return cls(
            None if kept["bank"] is None else Decimal(kept["bank"]),
            Decimal(kept["book"]),
            date.fromisoformat(kept["since"]) if kept["since"] else None,
            {side: [Item.of(one) for one in rows] for side, rows in kept["items"].items()},
        )


def is_collected(account: Account) -> bool:
    """Whether its statements are those that collecting explains (funds/banking/)."""
    return account.code == COLLECTION and account.book.fund_type == Book.FundType.RESIDENT


def bank_accounts(book: Book) -> list[Account]:
    return list(
        book.accounts.filter(code__in=BANK_ACCOUNTS).select_related("book__area").order_by("code")
    )


def table_of(account: Account, month: Month, balance: Decimal | None) -> Table:
    """By what is matched now. A match counts once all of it has happened by the month's end."""
    every = lines_of(account)
    since = min((one.day for one in every if one.day <= month.last), default=None)
    later = [] if since is None else vouchers_of(account, Month.of(since).first)
    lines, vouchers = (every, later) if since is None else with_outstanding(account, every, later)
    late = _late_groups([*lines, *vouchers], month.last)
    found: dict[str, list[Item]] = {side: [] for side, _ in SIDES}
    for name, items in (("bank", lines), ("book", vouchers)):
        for one in items:
            if one.day <= month.last and (not one.group or one.group in late):
                found[f"{name}_{'in' if one.amount > 0 else 'out'}"].append(one)
    return Table(balance, balance_of(account.book, account.code, month.last), since, found)


def with_outstanding(
    account: Account, lines: list[Item], vouchers: list[Item]
) -> tuple[list[Item], list[Item]]:
    """Lines and vouchers with what bank and books had apart on the opening day, as items of their
    side without a key. Each is one money with the first of the other side that has its amount and
    is in no match; where the bank pays two as one, both and the line stay in the table, which
    balances all the same."""
    sides = {True: list(lines), False: list(vouchers)}
    kept = outstanding_of(account)
    for at, one in enumerate(kept):
        other, group = sides[not one.is_bank], ""
        for place, item in enumerate(other):
            if item.key and not item.group and item.amount == one.moved:
                group = f"opening:{at + 1}"
                other[place] = replace(item, group=group)
                break
        sides[one.is_bank].append(Item(0, one.day, one.number, "启用前未达账项", one.moved, group))
    return sides[True], sides[False]


def outstanding_of(account: Account) -> list[Outstanding]:
    """Of the opening in force; the bank's balance is none."""
    opening = Opening.objects.filter(book=account.book_id).in_force().first()
    rows = [Outstanding.of(one) for one in opening.outstanding] if opening else []
    return [one for one in rows if one.account == account.code and one.side != BANK]


def _late_groups(items: Iterable[Item], last: date) -> set[str]:
    """Groups of which something happened after the day."""
    return {one.group for one in items if one.group and one.day > last}


def lines_of(account: Account) -> list[Item]:
    """Every line of the account that was imported, with the group that it is matched in."""
    return list(each_line(account))


def each_line(account: Account) -> Iterator[Item]:
    """The same, read as they are asked for: a bank may have hundreds of thousands."""
    if is_collected(account):
        yield from _collected(account)
        return
    groups = _groups(account, "line_id")
    rows = AccountLine.objects.filter(account=account).order_by("booked_on", "serial")
    for pk, day, serial, words, amount in rows.values_list(*LINE).iterator(TOGETHER):
        yield Item(pk, day, serial, words, amount, groups.get(pk, ""))


def _collected(account: Account) -> Iterator[Item]:
    """Lines of the collection account: what explains them, explains their voucher too."""
    rows = BankLine.objects.filter(area=account.book.area_id).order_by("booked_on", "serial")
    said = rows.values_list(*LINE, "offset", "voucher_number")
    for pk, day, serial, words, amount, offset, voucher in said.iterator(TOGETHER):
        yield Item(pk, day, serial, words, amount, _explained(pk, offset, voucher))


def _explained(pk: int, offset: int | None, voucher: str) -> str:
    if offset:
        return f"offset:{min(pk, offset)}"
    return f"voucher:{voucher}" if voucher else ""


def vouchers_of(account: Account, since: date) -> list[Item]:
    """What each voucher since the day moved on the account. A voucher and its red-letter one are
    no money at the bank: they stand under one group of their own."""
    rows = (
        Posting.objects.filter(account=account, voucher__occurred_on__gte=since)
        .exclude(voucher__event=OPENING)  # a balance is no line of the bank's
        .order_by("voucher__occurred_on", "voucher__number")
        .values_list(
            "voucher", "voucher__occurred_on", "voucher__number", "voucher__summary",
            "voucher__source", "voucher__reversal_of", "voucher__reversal",
        )
        .annotate(moved=Sum(F("debit") - F("credit")))
    )  # fmt: skip
    groups = _groups(account, "voucher_id")
    taken = _taken(account) if is_collected(account) else set()
    found = []
    for pk, day, number, summary, source, red_of, red, moved in rows:
        label, group = label_of(day, number), groups.get(pk, "")
        other = red_of or red
        if not group and other and other not in groups:
            group = f"red:{min(pk, other)}"
        if label in taken:
            group = f"voucher:{label}"
        if moved:
            words = f"{summary} {source}".strip()
            found.append(Item(pk, day, label, words, moved, group, source))
    return found


def _taken(account: Account) -> set[str]:
    """Numbers of vouchers that lines of the collection account are booked in."""
    rows = BankLine.objects.filter(area=account.book.area_id).exclude(voucher_number="")
    return set(rows.values_list("voucher_number", flat=True))


def _groups(account: Account, column: str) -> dict[int, str]:
    rows = MatchedItem.objects.filter(account=account, is_live=True).exclude(**{column: None})
    return {pk: f"match:{match}" for pk, match in rows.values_list(column, "match")}
