"""Which lines of a statement are which vouchers: pure. Amounts are fen, days are dates."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

# A bank books a payment on the day of its voucher or, over a weekend, up to three days later.
GRACE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line or a voucher with what it moves on the account, out of it negative. `words`: of a
    line its number and summary, of a voucher its source, by which one names the other."""

    key: int
    day: date
    amount: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Lines and vouchers that are the same money, and sum to the same amount."""

    lines: tuple[Entry, ...]
    vouchers: tuple[Entry, ...]


def pair(lines: Sequence[Entry], vouchers: Sequence[Entry]) -> list[Pair]:
    """First what names the same document, one line for all vouchers of one source; then what is
    alike in amount within `GRACE` and could be nothing else."""
    found: list[Pair] = []
    left, open_ = list(lines), list(vouchers)
    for together in _by_source(open_).values():
        named = [one for one in left if _names(one.words, together[0].words)]
        total = sum(one.amount for one in together)
        exact = [one for one in named if one.amount == total]
        taken = exact if len(exact) == 1 else named if _sum(named) == total else []
        if taken:
            found.append(Pair(tuple(taken), tuple(together)))
            left = [one for one in left if one not in taken]
            open_ = [one for one in open_ if one not in together]
    for line in list(left):
        alike = [one for one in open_ if _alike(line, one)]
        if len(alike) == 1 and sum(_alike(one, alike[0]) for one in left) == 1:
            found.append(Pair((line,), (alike[0],)))
            left.remove(line)
            open_.remove(alike[0])
    return found


def _by_source(vouchers: Sequence[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for one in vouchers:
        if numbers(one.words):
            groups[one.words].append(one)
    return groups


def numbers(words: str) -> list[str]:
    """What in the words is the number of a document: five digits or letters in a row, one of them
    a digit."""
    return [one for one in re.findall(r"[0-9A-Za-z-]{5,}", words) if re.search(r"\d", one)]


def _names(line: str, source: str) -> bool:
    return any(
        re.search(rf"(?<![0-9A-Za-z]){re.escape(number)}(?![0-9A-Za-z])", line, re.IGNORECASE)
        for number in numbers(source)
    )


def _alike(line: Entry, voucher: Entry) -> bool:
    return line.amount == voucher.amount and abs(line.day - voucher.day) <= GRACE


def _sum(entries: Sequence[Entry]) -> int | None:
    return sum(one.amount for one in entries) if entries else None
