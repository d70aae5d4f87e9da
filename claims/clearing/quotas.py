"""Quotas of townships, and who bears what goes beyond (大足办法 第二十六条(三)(四)). Pure, fen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib.money import split

# 第二十六条(三): the township (for the county's fund the centre) 40, the institutions 60.
OFFICE, INSTITUTIONS = 40, 60


@dataclass(frozen=True, slots=True)
class Overrun:
    """What was spent beyond, and who bears it: the township or the centre, the institutions."""

    amount: int
    office: int
    institutions: int


def quotas(fund: int, insured: Mapping[str, int]) -> dict[str, int]:
    """The pooled fund by insured people of each township (第二十六条(三) “按参保人数”)."""
    return dict(zip(insured, split(fund, list(insured.values())), strict=True))


def moved(given: Mapping[str, int], used: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    """Quotas after care outside the home township (home, place of care, fen): taken from the
    home's, put to the other's (第二十六条(四)). Nothing is made or lost; a quota may fall
    below zero."""
    found = dict(given)
    for home, place, fen in used:
        if home != place:
            found[home] -= fen
            found[place] += fen
    return found


def overrun(quota: int, used: int) -> Overrun:
    """Of a township: 40 to its government, 60 to the institutions, nothing within the quota."""
    amount = max(0, used - quota)
    office, institutions = split(amount, [OFFICE, INSTITUTIONS])
    return Overrun(amount, office, institutions)


def county_overrun(fund: int, used: int, reserve: int) -> Overrun:
    """Of the county's inpatient fund: the same, the centre out of the reserve and no more than it
    may still pay; what is beyond is all the institutions'.

    “如超过风险金支付额度，全额由定点医疗机构承担” can also be read of the whole overrun; this
    reading leaves the centre what the reserve can bear.
    """
    whole = overrun(fund, used)
    office = min(whole.office, max(reserve, 0))
    return Overrun(whole.amount, office, whole.amount - office)


def borne_by(institutions: int, spent: Mapping[str, int]) -> dict[str, int]:
    """The institutions' part among them by what each was paid. The article names no measure: who
    drew more of the quota bears more."""
    if not institutions:
        return dict.fromkeys(spent, 0)
    return dict(zip(spent, split(institutions, list(spent.values())), strict=True))
