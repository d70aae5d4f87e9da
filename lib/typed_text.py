"""What people type, folded and understood in one way. Pure: text in, value or None out."""

import re
from datetime import date, timedelta
from functools import lru_cache

from lib.money import to_fen
from lib.resident_id import FULL_WIDTH

# An id that a spreadsheet holds as a number: 1.1010519491231E+17, or 16 and more digits with .0.
LOST_DIGITS = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d{15,}\.0")
LOST_SERIAL = "的流水号被表格改成了数字，末几位已丢失；请把该列设为文本后重新导出"
PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( 00:00:00)?")
# Spreadsheets count days from here (their 29 February 1900 is past by any birth date that counts).
SERIAL_ORIGIN = date(1899, 12, 30)
DOTS = str.maketrans({"．": "·", "•": "·", "・": "·", "‧": "·", "∙": "·", "。": "·", "●": "·"})
FULL_WIDTH_LATIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
YES = frozenset("是 参保 已参保 续保 新参保 参合 y yes 1 √ ✓ ✔ 对".split())  # noqa: SIM905
NO = frozenset("否 不参保 未参保 不参合 停保 退保 n no 0 × ✗ x 不 无".split())  # noqa: SIM905


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Full-width letters, digits and brackets made narrow, blanks gone, lower case."""
    return "".join(text.translate(FULL_WIDTH_LATIN).split()).lower()


def text_cell(text: str) -> str:
    """A cell without the apostrophe that marks text in spreadsheets."""
    return text[1:].strip() if text[:1] in "'‘’＇" else text


def name(text: str) -> str:
    """A name without blanks between Chinese characters and with one kind of dot."""
    text = text_cell(text)
    if text.isalpha() and not text.isascii():
        return text  # nearly every name
    if text.isascii():
        return " ".join(text.split())
    return "".join(text.split()).translate(DOTS)


def number(text: str) -> str:
    """Digits as typed: full-width made narrow, blanks, dashes and the text mark gone."""
    text = "".join(text_cell(text).translate(FULL_WIDTH).split())
    return text.replace("-", "").upper() if text else ""


def phone(text: str) -> str | None:
    """A phone number, "" for an empty cell, None when it is none."""
    if not text:
        return ""
    digits = "".join(text_cell(text).translate(FULL_WIDTH).split())
    digits = digits.removeprefix("+86").replace("－", "-")
    if digits.count("-") == 2 and digits[0] == "1":
        digits = digits.replace("-", "")
    return digits if PHONE.fullmatch(digits) else None


@lru_cache(maxsize=65536)
def day(text: str) -> date | None:
    """A date in any of the usual writings, also as a spreadsheet's serial number."""
    text = "".join(text_cell(text).translate(FULL_WIDTH).split(" ")[:1])
    found = DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if text.isdecimal() and len(text) == 8:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    if text.isdecimal() and 1 <= int(text) <= 80_000:
        return SERIAL_ORIGIN + timedelta(days=int(text))
    return None


@lru_cache(maxsize=1024)
def amount(text: str) -> int | None:
    """Fen; None when it is no amount."""
    text = plain(text_cell(text)).strip("￥¥rmb").removesuffix("元").replace(",", "")
    try:
        return to_fen(text)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def yes_or_no(text: str) -> bool | None:
    """Whether the person joins; None when the cell says neither."""
    word = plain(text)
    return True if word in YES else False if word in NO else None


def serial(text: str) -> str | None:
    """A serial as it will be compared; "" for an empty cell, None when its digits are lost."""
    folded = "".join(text_cell(text).translate(FULL_WIDTH).split()).upper()[:40]
    return None if LOST_DIGITS.fullmatch(folded) else folded
