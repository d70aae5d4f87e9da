"""Resident identity numbers (GB 11643): 18 digits with a check character, and the old 15 digits.

Pure: a birth date in the future is refused only against the day that the caller passes in.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul

from lib.letters import fold

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ZEROS = ord("0") * sum(WEIGHTS)
CHECK_CHARACTERS = "10X98765432"
EARLIEST = date(1880, 1, 1)
# Resident ids, telephones and accounts as people write them into a sentence, also in groups.
WRITTEN = re.compile(
    r"[0-9]{11,}[Xx]?|[0-9]{6}[ -][0-9]{8}[ -]?[0-9]{3}[0-9Xx]"
    r"|1[0-9]{2}[ -][0-9]{4}[ -][0-9]{4}|0[0-9]{2,3}-[0-9]{7,8}"
)
MONTH, DATE = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
DAY, DAY_APART = f"{MONTH}{DATE}", f"{MONTH}[ -]?{DATE}"
YEAR, BETWEEN = "(?:18|19|20)[0-9]{2}", "[ .–—－‑-]?"
# Of these, what can only be a person's: a resident id with a day of birth in it (18 or 15 digits,
# in parts), an id or an account by fours, a passport or a permit of Hong Kong and Macao, a
# telephone, also one on a wall with its area. Numbers of settlements, receipts, documents and
# medicines stay: 国药准字 and 批号 have the shape of a passport's, 001-20261130 of a telephone's.
PERSONAL = re.compile(
    r"(?<![0-9])(?:"
    rf"[1-9][0-9]{{5}}{BETWEEN}{YEAR}[ -]?{DAY_APART}{BETWEEN}[0-9]{{3}}[0-9Xx]"
    rf"|[1-9][0-9]{{5}}[ -]?[0-9]{{2}}{DAY}[ -]?[0-9]{{3}}"
    r"|[1-9][0-9]{3}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,3}[Xx]?)?"
    r"|(?<![A-Za-z字])(?<!批号)(?<!批号[:：])(?<!文号)(?<!文号[:：])"
    r"(?:[EGHM][0-9]{8}|E[A-Z][0-9]{7})"
    rf"|[(（]?0[1-9][0-9]{{1,2}}(?:[)）][ -]?|[ -])(?!{YEAR}{DAY}(?![0-9]))[0-9]{{7,8}}"
    rf"|(?:(?:00)?86{BETWEEN})?1[3-9][0-9]{BETWEEN}[0-9]{{4}}{BETWEEN}[0-9]{{4}}"
    r")(?![0-9])"
)


class ResidentIdError(ValueError):
    """The number is wrong; the message says in Chinese what and how to mend it."""


@dataclass(frozen=True)
class ResidentId:
    """A checked number. `sex` is "1" male or "2" female (GB/T 2261.1)."""

    number: str
    division_code: str
    birth_date: date
    sex: str


def check_character(first_17: str) -> str:
    """The 18th character for 17 digits."""
    total = sum(map(mul, first_17.encode(), WEIGHTS)) - ZEROS
    return CHECK_CHARACTERS[total % 11]


def parse(text: str, today: date) -> ResidentId:
    """Check and read a number as people type it: full-width digits, blanks and a small x are fine.

    A 15-digit number is raised to 18 digits. Raises ResidentIdError.
    """
    if not (text.isascii() and text.isalnum()):
        text = "".join(fold(text).split())
    number = text.upper()
    if len(number) == 15 and number.isascii() and number.isdecimal():
        number = number[:6] + "19" + number[6:]
        number += check_character(number)
    if len(number) != 18:
        raise ResidentIdError(f"身份证号应为 18 位，现为 {len(number)} 位，请核对证件")
    body, last = number[:17], number[17]
    if not (body.isascii() and body.isdecimal() and (last.isdecimal() or last == "X")):
        raise ResidentIdError("身份证号只能是数字，末位可为 X，请核对证件")
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ResidentIdError("身份证号第 7 至 14 位不是真实的出生日期，请核对证件") from None
    if not EARLIEST <= birth_date <= today:
        raise ResidentIdError("身份证号中的出生日期不合理（过早或晚于今天），请核对证件")
    if check_character(body) != last:
        raise ResidentIdError("身份证号末位校验不符，可能有一位录错，请对照证件逐位核对")
    return ResidentId(number, number[:6], birth_date, "1" if int(number[16]) % 2 else "2")


def mask(number: str) -> str:
    """As shown on lists: the area of a resident id, two characters of any other number.

    Pages show sex and birth date beside it: with the last two characters as well, about nine
    numbers would fit, and searching for each of them would tell the right one.
    """
    shown = 6 if len(number) == 18 else 2
    return number[:shown] + "*" * (len(number) - shown) if len(number) > 8 else "****"


def masked_in(text: str) -> str:
    """A sentence with the numbers of people in it masked; dates and amounts stay."""
    return WRITTEN.sub(lambda found: mask(found.group()), text)


def people_masked(text: str) -> str:
    """A reason or a record with resident ids and telephones masked, other numbers kept."""
    return PERSONAL.sub(lambda found: mask(found.group()), text)
