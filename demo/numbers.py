"""Resident ids, phones and bank accounts that pass every check and belong to nobody. Pure."""

from datetime import date
from random import Random

from lib.resident_id import check_character

COUNTY_NOW, COUNTY_BEFORE_1997 = "500225", "510230"
ELSEWHERE = ("510229", "511023", "511304", "500223", "512921")


class IdNumbers:
    """Hands out resident ids, each only once.

    The three digits after the birth date run through all their values in an order that depends
    on the date, so neighbours do not get consecutive numbers. They say the sex: odd is male.
    """

    def __init__(self) -> None:
        self._used: dict[tuple[str, int, bool], int] = {}

    def next(self, chance: Random, born: date, *, male: bool, elsewhere: bool) -> str:
        if elsewhere:
            area = ELSEWHERE[int(chance.random() * len(ELSEWHERE))]
        else:
            area = COUNTY_NOW if born.year >= 1997 else COUNTY_BEFORE_1997
        # The first number area that has one left on this day: 500 a day, sex and area.
        for place in (area, *ELSEWHERE):
            key = (place, born.toordinal(), male)
            used = self._used.get(key, 0)
            if used < 500:
                self._used[key] = used + 1
                serial = (born.toordinal() * 7 + used * 137) % 500 * 2 + male
                body = f"{place}{born:%Y%m%d}{serial:03d}"
                return body + check_character(body)
        raise AssertionError("more than 500 births a day, sex and area")


def phone(chance: Random) -> str:
    """Eleven digits in a range (140) that no operator gives to people."""
    return f"140{chance.randrange(10**8):08d}"


def own_phone(resident_id: str) -> str:
    """The same of a person, by the number: drawn from no county's chances, so that nothing else
    of it changes."""
    return phone(Random(resident_id))  # noqa: S311 - invented, and the same each time


def bank_account(chance: Random) -> str:
    """Nineteen digits; 6200 is no bank's."""
    return f"6200{chance.randrange(10**15):015d}"
