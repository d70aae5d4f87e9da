"""What people fall ill with, read from data/illnesses.csv. Pure."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from demo.plan import Wheel

FILE = Path(__file__).parent / "data" / "illnesses.csv"


@dataclass(frozen=True, slots=True)
class Illness:
    """`kind`: the demo's word for how such a visit goes, `care` the pack's for what it is.

    `severity` multiplies cost and pushes up the level; `surgery`: (group, share), "" none.
    """

    kind: str
    care: str
    code: str
    name: str
    weight: int
    sex: str
    youngest: int
    oldest: int
    drugs: tuple[str, ...]
    severity: float
    surgery: str
    surgery_share: float
    disease: str
    fact: str

    def fits(self, sex: str, age: int) -> bool:
        return self.sex in {"", sex} and self.youngest <= age <= self.oldest


@cache
def illnesses() -> Mapping[str, Sequence[Illness]]:
    """By kind of visit, in the order of the file."""
    found: dict[str, list[Illness]] = defaultdict(list)
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            surgery, _, share = row["surgery"].partition(":")
            found[row["kind"]].append(
                Illness(
                    kind=row["kind"],
                    care=row["care"],
                    code=row["code"],
                    name=row["name"],
                    weight=int(row["weight"]),
                    sex=row["sex"],
                    youngest=int(row["from"]),
                    oldest=int(row["to"]),
                    drugs=tuple(row["drugs"].split()),
                    severity=float(row["severity"]),
                    surgery=surgery,
                    surgery_share=float(share or 0),
                    disease=row["disease"],
                    fact=row["fact"],
                )
            )
    return dict(found)


@lru_cache(maxsize=2048)
def wheel(kind: str, sex: str, age: int) -> Wheel[Illness] | None:
    """The illnesses of that kind that this sex and age can have; None when there is none."""
    fitting = [illness for illness in illnesses()[kind] if illness.fits(sex, age)]
    return Wheel(fitting, [illness.weight for illness in fitting]) if fitting else None


@cache
def of_disease(kind: str, disease: str) -> Illness:
    """The illness that the pack lists under this code."""
    return next(illness for illness in illnesses()[kind] if illness.disease == disease)
