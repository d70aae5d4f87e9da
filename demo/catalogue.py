"""The county's catalogue of drugs, services and facilities, read from data/catalogue.csv. Pure.

Codes are the county's own (X western, Z Chinese, T herbal drugs; S services, F facilities).
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.money import half_up, to_fen
from lib.spelling import spell

FILE = Path(__file__).parent / "data" / "catalogue.csv"
LETTERS = {"western_drug": "X", "chinese_drug": "Z", "herbal_drug": "T"}


@dataclass(frozen=True, slots=True)
class Item:
    """One item; `price` is what is usually charged, `limit` what counts at most, both in fen."""

    position: int
    catalogue: str
    category: str
    group: str
    payment_class: str
    code: str
    name: str
    initials: str
    unit: str
    price: int
    limit: int | None
    is_traditional: bool
    is_essential: bool
    is_antibiotic: bool


@dataclass(frozen=True)
class Catalogue:
    items: Sequence[Item]
    # By the group that bills ask for, split into payable (A, B) and outside (C), cheapest first.
    payable: Mapping[str, Sequence[Item]]
    outside: Mapping[str, Sequence[Item]]

    def named(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)


@cache
def catalogue() -> Catalogue:
    """All items in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items: list[Item] = []
    serials: dict[str, int] = defaultdict(int)
    for position, row in enumerate(rows):
        letter = LETTERS.get(row["category"], "F" if row["catalogue"] == "facility" else "S")
        serials[letter] += 1
        price = to_fen(row["price"])
        limited = row["payment_class"] != "C" and row["category"] != "blood"
        items.append(
            Item(
                position=position,
                catalogue=row["catalogue"],
                category=row["category"],
                group=group_of(row),
                payment_class=row["payment_class"],
                code=f"{letter}{serials[letter]:05d}",
                name=row["name"],
                initials=spell(row["name"]).initials,
                unit=row["unit"],
                price=price,
                # The limit leaves the usual price some room.
                limit=half_up(price * 115, 100) if limited else None,
                is_traditional=row["traditional"] == "1",
                is_essential=row["essential"] == "1",
                is_antibiotic=group_of(row) == "antibiotic",
            )
        )
    payable: dict[str, list[Item]] = defaultdict(list)
    outside: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (item.price, item.position)):
        (outside if item.payment_class == "C" else payable)[item.group].append(item)
    return Catalogue(items, dict(payable), dict(outside))


def group_of(row: Mapping[str, str]) -> str:
    """Groups of services carry their category, because "basic" nursing is not "basic" material."""
    return row["group"] if row["catalogue"] == "drug" else f"{row['category']}/{row['group']}"
