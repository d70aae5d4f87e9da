"""The three naming systems of identities, in one table that is data: identity_mapping.csv.

Each row: our status code (empty: the measures know no such status), the code of medical
insurance, and what medical insurance, the tax bureau and the national dictionary call it, with
other words that departments write. Medical codes differ by province: the file is theirs to edit.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lib.typed_text import plain

PATH = Path(__file__).with_name("identity_mapping.csv")


@dataclass(frozen=True)
class Identity:
    code: str
    medical_code: str
    medical: str
    tax: str
    national: str
    also: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.medical, self.tax, self.national, *self.also)


@cache
def identities() -> tuple[Identity, ...]:
    """The table, in the file's order."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return tuple(
            Identity(
                row["code"],
                row["medical_code"],
                row["medical"],
                row["tax"],
                row["national"],
                tuple(word for word in row["also"].split("、") if word),
            )
            for row in csv.DictReader(file)
        )


@cache
def by_word() -> Mapping[str, tuple[Identity, ...]]:
    """Every name and medical code → the identities it can mean."""
    found: dict[str, tuple[Identity, ...]] = {}
    for one in identities():
        for word in {plain(name) for name in (*one.names, one.medical_code) if name}:
            found[word] = (*found.get(word, ()), one)
    return found


def meant(word: str, codes: frozenset[str]) -> tuple[str, str] | None:
    """(our code, medical code) of a word on a list that may give `codes`; None: not understood.

    A name that several categories share gives the status without the category. Our code is ""
    for an identity that the measures do not know.
    """
    found = by_word().get(plain(word), ())
    fitting = tuple(one for one in found if one.code in codes) or tuple(
        one for one in found if not one.code
    )
    if not fitting or len({one.code for one in fitting}) != 1:
        return None
    exact = [one for one in fitting if plain(word) in {plain(one.medical), one.medical_code}]
    chosen = exact or list(fitting)
    return chosen[0].code, chosen[0].medical_code if len(chosen) == 1 else ""


@cache
def category_names() -> Mapping[str, str]:
    """Medical code → its name."""
    return {one.medical_code: one.medical for one in identities() if one.medical_code}
