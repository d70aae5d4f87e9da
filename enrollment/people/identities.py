"""The words for identities, in one table that is data: identity_mapping.csv. Pure.

Each row: our status code (empty: the measures know no such status), the code of medical
insurance (empty: the name does not say the category), and what medical insurance, the tax bureau
and the national dictionary call it, with other words that departments and villages write. Medical
codes differ by province: the file is theirs to edit. Lists and rosters read the same words; only
`brief` ones (一级) say nothing outside the list of the department whose they are.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from lib.typed_text import plain

PATH = Path(__file__).with_name("identity_mapping.csv")
# What separates several identities in one cell; not inside brackets: 重度残疾(一、二级)、在校学生.
SPLIT = re.compile(r"[、,，;；/+＋\s]+(?![^(（]*[)）])")
# An ordinary resident, as villages write it.
NONE = frozenset("普通 无 一般 普通居民 一般居民 普通人员 居民 - —".split())  # noqa: SIM905


@dataclass(frozen=True)
class Identity:
    code: str
    medical_code: str
    medical: str
    tax: str
    national: str
    also: tuple[str, ...]
    brief: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        names = (self.medical, self.tax, self.national, *self.also)
        return tuple(name for name in names if name)


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word for word in cell.split("、") if word)


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
                _words(row["also"]),
                _words(row.get("brief") or ""),
            )
            for row in csv.DictReader(file)
        )


@cache
def by_word() -> Mapping[str, tuple[Identity, ...]]:
    """Every name and medical code → the identities it can mean."""
    found: dict[str, tuple[Identity, ...]] = {}
    for one in identities():
        for word in {plain(name) for name in (*one.names, *one.brief, one.medical_code) if name}:
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


def code_of(word: str) -> str:
    """Our code of a word; "" when the measures know no such status or it can mean several."""
    word = plain(word)
    found = (one for one in by_word().get(word, ()) if word not in map(plain, one.brief))
    codes = {one.code for one in found} - {""}
    return codes.pop() if len(codes) == 1 else ""


@lru_cache(maxsize=4096)
def statuses(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The identities that a cell names: keys of IdentityStatus.Code, and the words that mean none.

    The whole cell is tried first: a name may hold what separates others, 重度残疾（一、二级）.
    """
    if not text:
        return frozenset(), ()
    if whole := code_of(text):
        return frozenset({whole}), ()
    codes, unknown = set(), []
    for word in SPLIT.split(text):
        if code := code_of(word):
            codes.add(code)
        elif word and plain(word) not in NONE:
            unknown.append(word)
    return frozenset(codes), tuple(unknown)
